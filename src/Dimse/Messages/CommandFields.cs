namespace ImagingIngestion.Dimse.Messages;

/// <summary>What the number of a command says of it.</summary>
internal static class CommandFields
{
    private const ushort ResponseBit = 0x8000;

    /// <summary>It is a response, known here or not.</summary>
    public static bool IsResponse(this CommandField field) => ((ushort)field & ResponseBit) != 0;

    /// <summary>The response to this request.</summary>
    public static CommandField ResponseField(this CommandField request) => (CommandField)((ushort)request | ResponseBit);
}
