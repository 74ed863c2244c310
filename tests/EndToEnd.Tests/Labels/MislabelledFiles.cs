using System.IO.Compression;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.Labels;

/// <summary>Files whose content differs from their label, as devices send them.</summary>
internal static class MislabelledFiles
{
    public const string GePrivate = "1.2.840.113619.5.2";

    /// <summary>Returns data sets whose encoding must not leave under its name, and similar ones that may.</summary>
    public static IEnumerable<TestFile> All()
    {
        byte[] jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3, 4, 0xFF, 0xD9];
        foreach (string native in new[] { Syntax.ExplicitLittle, Syntax.ImplicitLittle, Syntax.ExplicitBig, Syntax.Deflated })
        {
            yield return Make($"fragments under {native}", native, data => data.Fragments([], jpeg));
        }

        yield return Make("native pixels under JPEG", Syntax.JpegBaseline, _ => { });
        yield return Make("native pixels under RLE", Syntax.Rle, _ => { });
        yield return Make("implicit JPEG", Syntax.JpegBaseline, data => data.Fragments([], jpeg), wire: Wire.ImplicitLittle);
        yield return Make("GE private syntax", GePrivate, data => data.Bytes(Tag.PixelData, "OW", new byte[16]), wire: Wire.ImplicitLittle);
        yield return Make("unknown syntax", "1.2.3.4.5", _ => { });
        yield return Make("implicit element in explicit", Syntax.ExplicitLittle, data => data.Custom(Tag.StudyDescription, writer => writer
            .Mark(Tag.StudyDescription, 10).Raw("Mixed desc"u8)));
        yield return Make(
            "implicit element in an item",
            Syntax.ExplicitLittle,
            data => data.DelimitedSequence(Tag.ReferencedImageSequence, new DataSetBuilder().Custom(
            Tag.StudyDescription, writer => writer.Mark(Tag.StudyDescription, 10).Raw("Mixed desc"u8))));
        yield return Make(
            "stray sequence delimiter",
            Syntax.ExplicitLittle,
            data => data.Custom(Tag.StudyDescription, writer => writer.Mark(Tag.SequenceDelimitation, 0)));
        yield return Make(
            "sequence that ends before its length", Syntax.ExplicitLittle, data => data.Custom(Tag.ReferencedImageSequence, writer => writer
            .Header(Tag.ReferencedImageSequence, "SQ", 0xFF00_0000).Mark(Tag.Item, 0).Mark(Tag.SequenceDelimitation, 0)));
        yield return Make(
            "stray item delimiter",
            Syntax.ImplicitLittle,
            data => data.Custom(Tag.StudyDescription, writer => writer.Mark(Tag.ItemDelimitation, 0)));
        yield return Make(
            "stray delimiter under JPEG",
            Syntax.JpegBaseline,
            data => data.Fragments([], jpeg).Custom(Tag.StudyDescription, writer => writer.Mark(Tag.ItemDelimitation, 0)));
        yield return Make("fragments without end", Syntax.JpegBaseline, data => data.Custom(Tag.PixelData, writer => writer
            .Header(Tag.PixelData, "OB", ElementWriter.Undefined).Mark(Tag.Item, 0).Mark(Tag.Item, (uint)jpeg.Length).Raw(jpeg)));
        yield return Make(
            "lower case VR",
            Syntax.ExplicitLittle,
            data => data.Custom(Tag.StudyDescription, writer => writer.Raw([0x08, 0, 0x30, 0x10]).Raw("lo"u8).U16(4).Raw("abcd"u8)));
        yield return Make(
            "text in a sequence tag, explicit", Syntax.ExplicitLittle, data => data.Text(0x0012_0064, "LO", "Header Cleaner"));
        yield return Make(
            "text in a sequence tag, implicit", Syntax.ImplicitLittle, data => data.Text(0x0012_0064, "LO", "Header Cleaner"));
        yield return Make(
            "sequence in a text tag",
            Syntax.ExplicitLittle,
            data => data.DelimitedSequence(Tag.StudyDescription, new DataSetBuilder().Text(Tag.PatientId, "LO", "inner ")));
        yield return Make("file meta in the middle", Syntax.ExplicitLittle, data => data.Custom(Tag.StudyDescription, writer => writer
            .Element(0x0002_0010, "UI", "1.2.840.10008.1.2.1.99"u8.ToArray())));

        foreach (TestFile file in OddHeadsAndEnds())
        {
            yield return file;
        }
    }

    private static IEnumerable<TestFile> OddHeadsAndEnds()
    {
        TestInstance plain = new("mislabelled heads") { PixelData = new byte[16] };
        byte[] file = plain.ToPart10();
        byte[] meta = Part10.Meta(Syntax.Deflated, plain.SopClassUid, plain.SopUid);
        yield return plain.ToFile(
            "file meta twice",
            Expectation.Either,
            Part10.File(Syntax.ExplicitLittle, plain.SopClassUid, plain.SopUid, [.. meta, .. plain.ToDataSet()]));
        foreach ((string name, byte[] tail) in new[]
        {
            ("NUL", "\0\0"u8.ToArray()),
            ("CRLF", "\r\n"u8.ToArray()),
            ("many line ends", "\r\n\r\n\r\n\r\n\r\n"u8.ToArray()),
            ("0x1A", [0x1A])
        })
        {
            yield return plain.ToFile($"{name} at the end", Expectation.Store, [.. file, .. tail]);
        }

        using MemoryStream zlib = new();
        using (ZLibStream compressed = new(zlib, CompressionLevel.Optimal, leaveOpen: true))
        {
            compressed.Write(plain.ToDataSet());
        }

        yield return (plain with { TransferSyntaxUid = Syntax.Deflated }).ToFile(
            "deflate within zlib",
            Expectation.Store,
            [.. Part10.Preamble, .. Part10.Meta(Syntax.Deflated, plain.SopClassUid, plain.SopUid), .. zlib.ToArray()]);
    }

    private static TestFile Make(string name, string syntax, Action<DataSetBuilder> change, Wire? wire = null)
    {
        TestInstance instance = new("mislabelled " + name) { TransferSyntaxUid = syntax, PixelData = new byte[16], Change = change };
        byte[] dataSet = instance.ToBuilder().Encode(wire ?? Syntax.WireOf(syntax));
        return instance.ToFile(name, Expectation.Store, Part10.File(syntax, instance.SopClassUid, instance.SopUid, dataSet));
    }
}
