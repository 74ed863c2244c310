using ImagingIngestion.Dicom.Tests.Fuzz;
using ImagingIngestion.Dimse.Tests.Fuzz;

namespace ImagingIngestion.Fuzz;

/// <summary>What damaged inputs are fed to.</summary>
/// <param name="Name">On the command line.</param>
/// <param name="Seeds">What is damaged.</param>
/// <param name="Run">Reads one input with its number; throws when the reader breaks.</param>
internal sealed record FuzzTarget(string Name, Func<IReadOnlyList<ReadOnlyMemory<byte>>> Seeds, Func<byte[], int, FuzzOutcome> Run)
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("files", ParserFuzzer.Seeds, ParserFuzzer.Run),
        new("pdus", PduFuzzer.Seeds, PduFuzzer.Run),
        new("commands", CommandSetFuzzer.Seeds, (input, _) => CommandSetFuzzer.Run(input)),
    ];
}
