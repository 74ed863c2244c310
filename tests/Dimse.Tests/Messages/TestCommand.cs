using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Tests.Pdus;

namespace ImagingIngestion.Dimse.Tests.Messages;

/// <summary>A command with its bytes, an element a line: tag, length, value.</summary>
internal sealed record TestCommand(string Name, DimseCommand Command, bool HasDataSet, string Hex)
{
    public byte[] Bytes => TestPdus.Bytes(Hex);

    public override string ToString() => Name;
}
