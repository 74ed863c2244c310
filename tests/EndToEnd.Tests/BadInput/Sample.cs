using System.Buffers.Binary;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.BadInput;

/// <summary>Instances whose patient values must appear in no refusal and in no line of the log.</summary>
internal static class Sample
{
    private static readonly string[] Secrets = ["Verborgen^Margarethe", "PID-73915-X"];

    private static int _last;

    /// <summary>Makes an instance that nobody has sent before.</summary>
    public static TestInstance New(int pixelBytes = 64)
        => new("bad input " + Interlocked.Increment(ref _last))
        {
            PatientName = Secrets[0],
            PatientId = Secrets[1],
            Rows = 1,
            Columns = (ushort)Math.Min(pixelBytes, 60_000),
            PixelData = Pixels(pixelBytes)
        };

    public static void ShouldHoldNoSecret(string text)
    {
        foreach (string secret in Secrets.SelectMany(secret => secret.Split('^')))
        {
            Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>Makes a file whose header goes on without end; the pieces are sent one after the other.</summary>
    public static byte[] FileWith(TestInstance instance, Action<ElementWriter> atEnd)
        => (instance with { PixelData = null, Change = data => data.Custom(0x4001_0000, atEnd) }).ToPart10();

    /// <summary>Returns the data set of a Part 10 file.</summary>
    public static ReadOnlySpan<byte> DataSetOf(ReadOnlySpan<byte> file)
    {
        Assert.True(file.Slice(128, 4).SequenceEqual("DICM"u8), "No Part 10 file.");
        return file[(144 + BinaryPrimitives.ReadInt32LittleEndian(file[140..]))..];
    }

    public static byte[] Pixels(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
