using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.Tests.Support;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Dicom.Tests.Reading;

/// <summary>Tests the reader against the known facts of each generated file, and of each file of the corpus.</summary>
public sealed class TestFileTests
{
    public static TheoryData<string> Names => [.. TestFiles.All.Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_test_file_is_read_as_expected(string name) => Assert.Empty(Problems(TestFiles.Get(name)));

    [Theory]
    [MemberData(nameof(Names))]
    public void The_size_of_the_blocks_does_not_matter(string name)
    {
        TestFile file = TestFiles.Get(name);
        if (file.Bytes.Length > 20_000)
        {
            file = file with { Bytes = file.Bytes[..20_000] };
        }

        string whole = Describe(file.Bytes, ReadFile.BlockSize);

        Assert.Equal(whole, Describe(file.Bytes, 1));
        Assert.Equal(whole, Describe(file.Bytes, 7));
        Assert.Equal(whole, Describe(file.Bytes, 1001));
    }

    [ToolFact(Tools.Corpus)]
    public void The_corpus_is_read_as_its_manifest_expects()
    {
        string[] problems = [.. Corpus.Files().SelectMany(file => Problems(file).Select(problem => $"{file.Name}: {problem}"))];

        Assert.True(problems.Length == 0, string.Join(Environment.NewLine, problems));
    }

    private static List<string> Problems(TestFile file)
    {
        ReadFile? read = ReadFile.TryRead(file.Bytes, out DicomParseException? error);
        List<string> problems = [];
        if (file.Expectation == Expectation.Reject && read is { IsIdentified: true })
        {
            problems.Add("was read with all identifiers");
        }

        if (file.Expectation == Expectation.Store && read is not { IsIdentified: true })
        {
            problems.Add(error?.Message ?? "has no valid identifiers");
        }

        if (read is { IsIdentified: true } && file.Expectation != Expectation.Reject)
        {
            problems.AddRange(WrongFacts(file, read));
        }

        return problems;
    }

    private static IEnumerable<string> WrongFacts(TestFile file, ReadFile read)
    {
        foreach ((string what, string? expected, string? actual) in new[]
        {
            ("transfer syntax", file.TransferSyntaxUid, file.Expectation == Expectation.Store
                ? read.Instance.TransferSyntax.Uid
                : file.TransferSyntaxUid),
            ("study", file.StudyUid, read.Uid(DicomTag.StudyInstanceUID)),
            ("series", file.SeriesUid, read.Uid(DicomTag.SeriesInstanceUID)),
            ("instance", file.SopUid, read.Uid(DicomTag.SOPInstanceUID)),
        })
        {
            if (expected is not null && expected != actual)
            {
                yield return $"{what} is {actual}, not {expected}";
            }
        }

        foreach ((uint tag, string[] expected) in file.Texts)
        {
            string[] actual = read.Instance.Dataset.TryGet(DicomTag.FromValue(tag), out DicomElement? element)
                ? read.Instance.Dataset.CharacterSet.DecodeValues(element.Value.Span, element.VR)
                : [];
            if (!expected.SequenceEqual(actual))
            {
                yield return $"text of {tag:X8} is '{string.Join('\\', actual)}', not '{string.Join('\\', expected)}'";
            }
        }

        if (file.Expectation == Expectation.Store && file.FrameCount is int count && (read.Instance.Frames?.Count ?? 0) != count)
        {
            yield return $"{read.Instance.Frames?.Count ?? 0} frames, not {count}";
        }
        else if (file.Frames is not null)
        {
            for (int i = 0; i < file.Frames.Count; i++)
            {
                if (read.Instance.Frames is null
                    || i >= read.Instance.Frames.Count
                    || !read.Frame(i).AsSpan().SequenceEqual(file.Frames[i]))
                {
                    yield return $"frame {i + 1} has other bytes";
                }
            }
        }
    }

    /// <summary>Returns all results of the reader in one text; they must not depend on the way in which the bytes arrive.</summary>
    private static string Describe(ReadOnlyMemory<byte> bytes, int blockSize)
    {
        ReadFile? read = ReadFile.TryRead(bytes, out DicomParseException? error, blockSize);
        if (read is null)
        {
            return error!.Error.ToString();
        }

        IEnumerable<string> elements = read.Walk().Select(
            entry => $"{entry.Path} {entry.Element.VR} {Convert.ToHexString(read.ValueOf(entry.Element))}");
        IEnumerable<string> frames = Enumerable.Range(0, read.Instance.Frames?.Count ?? 0).Select(i => Convert.ToHexString(read.Frame(i)));
        return string.Join('\n', [
            read.Instance.TransferSyntax.Uid,
            Convert.ToHexString(read.Instance.Hash.Span),
            .. read.Instance.Warnings.Order().Select(warning => $"{warning}"),
            .. elements,
            .. frames
        ]);
    }
}
