using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Gateways.Dimse.Hosting;

/// <summary>
/// In which transfer syntaxes the services exchange identifiers, actions and events: what they write themselves, unlike instances.
/// </summary>
internal static class DataSetSyntaxes
{
    /// <summary>The best first: it names the VRs.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        TransferSyntax.ExplicitVRLittleEndian.Uid,
        TransferSyntax.ImplicitVRLittleEndian.Uid
    ];

    /// <summary>The best that is proposed; null for none.</summary>
    public static string? Choose(IReadOnlyList<string> proposed) => All.FirstOrDefault(proposed.Contains);
}
