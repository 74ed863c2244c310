using System.Globalization;
using System.Text;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.Memory;

/// <summary>
/// Instances with a header of 30 MB in one sequence, as enhanced images have it, but of text. They share the bytes of the sequence.
/// </summary>
internal sealed class LargeHeader
{
    private const uint ContentSequence = 0x0040_A730;
    private const uint TextValue = 0x0040_A160;
    private const int Items = 150;
    private const int ItemBytes = 200_000;

    private static int s_last;

    private readonly string _syntax;
    private readonly byte[] _sequence;

    public LargeHeader(string syntax)
    {
        _syntax = syntax;
        ElementWriter items = new(Syntax.WireOf(syntax));
        foreach (int item in Enumerable.Range(0, Items))
        {
            byte[] text = Encoding.ASCII.GetBytes(Text(item));
            ElementWriter element = new ElementWriter(Syntax.WireOf(syntax)).Element(TextValue, "UT", text);
            items.Mark(0xFFFE_E000, (uint)element.Length).Raw(element.ToArray());
        }

        _sequence = new ElementWriter(Syntax.WireOf(syntax)).Element(ContentSequence, "SQ", items.ToArray()).ToArray();
    }

    /// <summary>Bytes of all values.</summary>
    public static long ValueBytes => (long)Items * ItemBytes;

    /// <summary>The text of an item, hard to compress.</summary>
    public static string Text(int item)
    {
        Random random = new(item);
        return string.Create(ItemBytes, random, static (text, random) =>
        {
            for (int at = 0; at < text.Length; at += 8)
            {
                random.Next(100_000_000).TryFormat(text[at..], out _, "D8", CultureInfo.InvariantCulture);
            }
        });
    }

    public TestInstance New() => new("large header " + Interlocked.Increment(ref s_last)) { TransferSyntaxUid = _syntax };

    /// <summary>Returns the file of an instance.</summary>
    public ReadOnlyMemory<byte>[] File(TestInstance instance) => [instance.ToPart10(), _sequence];

    /// <summary>Returns its data set alone.</summary>
    public ReadOnlyMemory<byte>[] DataSet(TestInstance instance) => [instance.ToDataSet(), _sequence];
}
