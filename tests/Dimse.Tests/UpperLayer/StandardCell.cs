using ImagingIngestion.Dimse.UpperLayer;

namespace ImagingIngestion.Dimse.Tests.UpperLayer;

/// <summary>Compares a cell of the state table with the words of PS3.8 table 9-10.</summary>
internal static class StandardCell
{
    /// <param name="state">The column.</param>
    /// <param name="number">Of the event: the row.</param>
    /// <param name="happened">The event as the test names it, for the message.</param>
    /// <param name="action">As the standard writes it; null for a blank cell.</param>
    /// <param name="next">As the standard writes it: "Sta3 or Sta13" where the action decides.</param>
    public static void AssertIs(UpperLayerState state, int number, string happened, string? action, string? next)
    {
        Transition? cell = UpperLayerTable.Find(state, (UpperLayerEvent)number);

        string expected = action is null ? "blank" : $"{action} {next}";
        Assert.True(expected == Write(cell), $"{state}, Evt{number} ({happened}): {Write(cell)} instead of {expected}");
    }

    private static string Write(Transition? cell)
        => cell is { } found
            ? $"{Write(found.Action)} {Write(found.Next)}{(found.Alternative is { } other ? $" or {Write(other)}" : "")}"
            : "blank";

    /// <summary>AE1 is AE-1 in the standard.</summary>
    private static string Write(UpperLayerAction action) => $"{action.ToString()[..2]}-{action.ToString()[2..]}";

    private static string Write(UpperLayerState state) => $"Sta{(int)state}";
}
