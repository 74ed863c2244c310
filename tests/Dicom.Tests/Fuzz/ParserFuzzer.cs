using System.Diagnostics;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.TestData;

namespace ImagingIngestion.Dicom.Tests.Fuzz;

/// <summary>Feeds damaged files to the parser and to the readers of its result; shared by the tests and the fuzz command.</summary>
internal static class ParserFuzzer
{
    private const int MaxSeedBytes = 32 << 10;

    /// <summary>
    /// Returns the project's own files and, if there is one, the corpus, without large files, which take time and find no more errors.
    /// </summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Seeds()
        => [.. TestFiles.All.Concat(Corpus.IsAvailable ? Corpus.Files() : [])
            .Where(file => file.Expectation != Expectation.Reject)
            .Select(file => file.Bytes).Where(bytes => bytes.Length is > 0 and <= MaxSeedBytes)];

    /// <summary>Reads one input to its end; catches only a typed refusal, because any other exception is an error of the parser.</summary>
    public static FuzzOutcome Run(byte[] input, int number)
    {
        // Every third input comes in small pieces, so that their borders fall everywhere.
        int blockSize = number % 3 == 0 ? 1 + (number % 97) : 64 << 10;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long began = Stopwatch.GetTimestamp();
        bool isRead = true;
        try
        {
            using InstanceParser parser = new(DicomReaderOptions.Default);
            for (int offset = 0; offset < input.Length; offset += blockSize)
            {
                parser.Feed(input.AsMemory(offset, Math.Min(blockSize, input.Length - offset)));
            }

            parser.FinishHead();
            ParsedInstance instance = parser.Complete();
            ReadText(instance.Dataset);
            ReadFrames(instance.Frames);
        }
        catch (DicomParseException)
        {
            isRead = false;
        }

        return new FuzzOutcome(isRead, Stopwatch.GetElapsedTime(began), GC.GetAllocatedBytesForCurrentThread() - allocated);
    }

    private static void ReadText(DicomDataset dataset)
    {
        foreach (DicomElement element in dataset.Elements)
        {
            foreach (DicomDataset item in element.Items ?? [])
            {
                ReadText(item);
            }

            if (element.VR.Traits().UsesCharacterSet && element.Items is null)
            {
                dataset.CharacterSet.DecodeValues(element.Value.Span, element.VR);
            }
        }
    }

    private static void ReadFrames(FrameIndex? frames)
    {
        if (frames is not null)
        {
            frames.GetFrame(0);
            frames.GetFrame(frames.Count - 1);
        }
    }
}
