using System.Buffers.Binary;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.Clients;

/// <summary>
/// A study as a modality sends it: a series of native images, one of them with frames, and a series with a compressed one.
/// </summary>
internal sealed class ClientStudy
{
    private const string JpegBaseline = "1.2.840.10008.1.2.4.50";
    private const int FrameSize = 64 * 64;

    /// <param name="name">Makes the UIDs; the same name makes the same files.</param>
    public ClientStudy(string name)
    {
        Uid = TestUid.Create("client study " + name);
        PatientId = "CLIENT-" + name;
        Plain = Native(name + " plain", frames: 1);
        Multiframe = Native(name + " multiframe", frames: 3);
        Compressed = Jpeg(name + " jpeg", Frame(11, 1500), Frame(12, 1200));
    }

    public string Uid { get; }

    public string PatientId { get; }

    /// <summary>Explicit VR Little Endian, one frame.</summary>
    public TestFile Plain { get; }

    /// <summary>Explicit VR Little Endian, three frames, in the series of <see cref="Plain"/>.</summary>
    public TestFile Multiframe { get; }

    /// <summary>JPEG Baseline, two frames, in a series of its own.</summary>
    public TestFile Compressed { get; }

    public IReadOnlyList<TestFile> Files => [Plain, Multiframe, Compressed];

    public static string PathOf(TestFile file) => $"/studies/{file.StudyUid}/series/{file.SeriesUid}/instances/{file.SopUid}";

    /// <summary>Writes the files into a folder; returns their paths.</summary>
    public string[] WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        return [.. Files.Select(file => Write(folder, file))];
    }

    public static string Write(string folder, TestFile file)
    {
        string path = Path.Combine(folder, file.SopUid + ".dcm");
        File.WriteAllBytes(path, file.Bytes.Span);
        return path;
    }

    private static byte[] Frame(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private TestInstance Instance(string name, string series) => new(name)
    {
        StudyUid = Uid,
        SeriesUid = TestUid.Create($"client series {series} of {Uid}"),
        PatientId = PatientId,
        PatientName = "Client^Study",
        Rows = 64,
        Columns = 64,
    };

    private TestFile Native(string name, int frames)
    {
        byte[][] pixels = [.. Enumerable.Range(1, frames).Select(seed => Frame(seed, FrameSize))];
        return (Instance(name, "native") with { NumberOfFrames = frames, PixelData = [.. pixels.SelectMany(frame => frame)] })
            .ToFile(name) with { FrameCount = frames, Frames = pixels };
    }

    private TestFile Jpeg(string name, params byte[][] frames)
    {
        foreach (byte[] frame in frames)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame, 0xFFD8);
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(frame.Length - 2), 0xFFD9);
        }

        byte[] table = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(4), (uint)frames[0].Length + 8);
        TestInstance instance = Instance(name, "compressed") with
        {
            TransferSyntaxUid = JpegBaseline,
            NumberOfFrames = frames.Length,
            Change = data => data.Fragments(table, frames)
        };
        return instance.ToFile(name) with { FrameCount = frames.Length, Frames = frames };
    }
}
