namespace ImagingIngestion.Dimse.Tests;

/// <summary>A command with its bytes, an element a line: tag, length, value.</summary>
internal sealed record TestCommand(string Name, DimseCommand Command, bool HasDataSet, string Hex)
{
    public byte[] Bytes => TestPdus.Bytes(Hex);

    public override string ToString() => Name;
}
