using System.Text;

namespace ImagingIngestion.TestData.Files;

/// <summary>Files that are cut, have wrong lengths, nest or inflate without end, or are not DICOM.</summary>
internal static class HostileFiles
{
    public const int BombBytes = 16 * 1024 * 1024;
    public const int DeepLevels = 100_000;

    public static IEnumerable<TestFile> All() => [.. Cuts(), .. Lengths(), .. Depth(), .. Deflate(), .. Identifiers(), .. NoDicom()];

    /// <summary>The same file cut at each structural point; up to the pixel data an identifier is missing.</summary>
    private static IEnumerable<TestFile> Cuts()
    {
        TestInstance plain = Plain("cut") with
        {
            Change = data => data.Sequence(0x0021_1140, new DataSetBuilder().Text(Tag.TextValue, "UT", "in an item"))
        };
        byte[] file = plain.ToPart10();
        foreach ((string name, int at) in new[]
        {
            ("in_preamble", 64),
            ("after_preamble", 128),
            ("after_magic", 132),
            ("in_meta_header", 135),
            ("in_meta_value", 180),
            ("after_meta", IndexOf(file, 0x0008_0016)),
            ("in_element_header", IndexOf(file, Tag.StudyInstanceUid) + 5),
            ("after_element_header", IndexOf(file, Tag.StudyInstanceUid) + 8),
            ("in_value", IndexOf(file, Tag.StudyInstanceUid) + 20),
            ("between_elements", IndexOf(file, Tag.SeriesInstanceUid)),
        })
        {
            yield return plain.ToFile($"cut/{name}.dcm", Expectation.Reject, file[..at]);
        }

        int sequence = IndexOf(file, 0x0021_1140);
        int pixels = IndexOf(file, Tag.PixelData);
        foreach ((string name, int at) in new[]
        {
            ("in_sequence_header", sequence + 6),
            ("after_sequence_header", sequence + 12),
            ("in_item_header", sequence + 17),
            ("after_item_header", sequence + 20),
            ("in_item", sequence + 30),
            ("in_pixel_header", pixels + 9),
            ("before_pixel_value", pixels + 12),
            ("in_pixel_value", pixels + 20),
        })
        {
            yield return plain.ToFile($"cut/{name}.dcm", Expectation.Either, file[..at]);
        }

        byte[] jpeg = Encapsulated().ToPart10();
        int fragments = IndexOf(jpeg, Tag.PixelData) + 12;
        foreach ((string name, int at) in new[]
        {
            ("in_offset_table_header", fragments + 5),
            ("in_offset_table", fragments + 10),
            ("in_fragment_header", fragments + 17),
            ("in_fragment", fragments + 30),
            ("before_sequence_delimiter", jpeg.Length - 8),
        })
        {
            yield return Encapsulated().ToFile($"cut/{name}.dcm", Expectation.Either, jpeg[..at]);
        }
    }

    private static IEnumerable<TestFile> Lengths()
    {
        yield return Raw("huge_text", writer => writer.Header(Tag.AccessionNumber, "UT", 0xFFFF_FFF0).Raw("short"u8), Expectation.Reject);
        yield return Raw("huge_binary", writer => writer.Header(Tag.AccessionNumber, "OB", 0x8000_0000).Raw("short"u8), Expectation.Reject);
        yield return Raw("announced_text", writer => writer.Header(Tag.AccessionNumber, "UR", 31 << 20).Raw("short"u8), Expectation.Reject);
        yield return Raw(
            "huge_sequence",
            writer => writer.Header(Tag.AccessionNumber, "SQ", 0x7FFF_FFF0).Mark(Tag.Item, 0x7FFF_FF00).Raw("short"u8),
            Expectation.Reject);
        yield return Raw(
            "item_longer_than_sequence",
            writer => writer.Header(Tag.AccessionNumber, "SQ", 16).Mark(Tag.Item, 400).Raw(new byte[8]),
            Expectation.Reject);
        yield return Raw(
            "undefined_text",
            writer => writer.Header(Tag.AccessionNumber, "UT", ElementWriter.Undefined).Raw("short "u8),
            Expectation.Reject);
        yield return Raw("delimiter_without_sequence", writer => writer.Mark(Tag.SequenceDelimitation, 0), Expectation.Either);
        yield return Raw("item_without_sequence", writer => writer.Mark(Tag.Item, 4).Raw("none"u8), Expectation.Either);
        yield return Raw("fragment_longer_than_file", writer => writer
            .Header(Tag.PixelData, "OB", ElementWriter.Undefined)
            .Mark(Tag.Item, 0)
            .Mark(Tag.Item, 0x7FFF_FFFE)
            .Raw("short"u8), Expectation.Reject, atEnd: true);
        yield return Raw(
            "frames_huge",
            writer => writer.Element(Tag.NumberOfFrames, "IS", "2147483647"u8.ToArray()),
            Expectation.Either,
            Tag.NumberOfFrames);
        yield return Raw("rows_huge", writer => writer.Element(Tag.Rows, "US", [0xFF, 0xFF]), Expectation.Either, Tag.Rows);
    }

    private static IEnumerable<TestFile> Depth()
    {
        yield return Raw("deep_delimited", writer =>
        {
            for (int i = 0; i < DeepLevels; i++)
            {
                writer.Header(Tag.ContentSequence, "SQ", ElementWriter.Undefined).Mark(Tag.Item, ElementWriter.Undefined);
            }
        }, Expectation.Reject);
        yield return Raw("deep_closed", writer =>
        {
            const int Levels = 5_000;
            for (int i = 0; i < Levels; i++)
            {
                writer.Header(Tag.ContentSequence, "SQ", ElementWriter.Undefined).Mark(Tag.Item, ElementWriter.Undefined);
            }

            for (int i = 0; i < Levels; i++)
            {
                writer.Mark(Tag.ItemDelimitation, 0).Mark(Tag.SequenceDelimitation, 0);
            }
        }, Expectation.Either);
        yield return Raw("wide_items", writer =>
        {
            writer.Header(Tag.ReferencedImageSequence, "SQ", ElementWriter.Undefined);
            for (int i = 0; i < 200_000; i++)
            {
                writer.Mark(Tag.Item, 0);
            }

            writer.Mark(Tag.SequenceDelimitation, 0);
        }, Expectation.Either);
    }

    private static IEnumerable<TestFile> Deflate()
    {
        TestInstance bomb = Plain("bomb") with
        {
            TransferSyntaxUid = Syntax.Deflated,
            Change = data => data.Text(0x0011_0010, "LO", "TEST DATA").Bytes(0x0011_1001, "OB", new byte[BombBytes])
        };
        yield return bomb.ToFile("hostile/deflate_bomb_private.dcm", Expectation.Either);
        TestInstance header = Plain("header bomb") with
        {
            TransferSyntaxUid = Syntax.Deflated,
            Change = data => data.Bytes(0x0010_4000, "UT", new byte[BombBytes])
        };
        yield return header.ToFile("hostile/deflate_bomb_text.dcm", Expectation.Either);
        TestInstance plain = Plain("deflate") with { TransferSyntaxUid = Syntax.Deflated };
        byte[] file = plain.ToPart10();
        yield return plain.ToFile("hostile/deflate_cut.dcm", Expectation.Reject, file[..^40]);
        byte[] broken = [.. file];
        broken.AsSpan(^60..^20).Fill(0xA5);
        yield return plain.ToFile("hostile/deflate_broken.dcm", Expectation.Reject, broken);
        yield return plain.ToFile(
            "hostile/deflate_is_plain.dcm",
            Expectation.Reject,
            [.. Part10.Preamble, .. Part10.Meta(Syntax.Deflated, plain.SopClassUid, plain.SopUid), .. plain.ToDataSet()]);
    }

    private static IEnumerable<TestFile> Identifiers()
    {
        foreach ((string name, uint tag) in new[]
        {
            ("study", Tag.StudyInstanceUid),
            ("series", Tag.SeriesInstanceUid),
            ("sop", Tag.SopInstanceUid),
            ("class", Tag.SopClassUid)
        })
        {
            yield return Make($"uid_missing_{name}", data => data.Remove(tag));
            yield return Make($"uid_empty_{name}", data => data.Text(tag, "UI", ""));
        }

        foreach ((string name, string uid) in new[]
        {
            ("letters", "1.2.abc"),
            ("traversal", "../../../../etc/passwd"),
            ("slash", "1.2/3"),
            ("too_long", "1." + new string('2', 63)),
            ("two_values", "1.2.3\\1.2.4"),
            ("dots", "1..2"),
            ("nul_inside", "1.2\0.3"),
        })
        {
            yield return Make($"uid_{name}_study", data => data.Text(Tag.StudyInstanceUid, "UI", uid));
            yield return Make($"uid_{name}_sop", data => data.Text(Tag.SopInstanceUid, "UI", uid));
        }

        static TestFile Make(string name, Action<DataSetBuilder> change)
            => new("hostile/" + name + ".dcm", Expectation.Reject, (Plain(name) with { Change = change }).ToPart10());
    }

    private static IEnumerable<TestFile> NoDicom()
    {
        foreach ((string name, byte[] bytes) in new (string, byte[])[]
        {
            ("empty", []),
            ("one_byte", [0]),
            ("zeros", new byte[65536]),
            ("ones", [.. Enumerable.Repeat((byte)0xFF, 4096)]),
            ("random", Pattern.Bytes(4096, 77)),
            ("text", Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("this is not an image\n", 50)))),
            ("json", "{\"00080018\":{\"vr\":\"UI\",\"Value\":[\"1.2.3\"]}}"u8.ToArray()),
            ("png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. Pattern.Bytes(200)]),
            ("preamble_only", new byte[128]),
            ("magic_only", Part10.Preamble),
            ("meta_only", [.. Part10.Preamble, .. Part10.Meta(Syntax.ExplicitLittle, TestInstance.SecondaryCapture, "1.2.3")]),
        })
        {
            yield return new($"hostile/none_{name}.bin", Expectation.Reject, bytes);
        }
    }

    private static TestInstance Plain(string name) => new("hostile " + name) { PixelData = Pattern.Bytes(16) };

    private static TestInstance Encapsulated()
        => Plain("encapsulated") with
        {
            TransferSyntaxUid = Syntax.JpegBaseline,
            PixelData = null,
            NumberOfFrames = 1,
            Change = data => data.Fragments([0, 0, 0, 0], Pattern.Jpeg(1))
        };

    /// <summary>Makes a file with an error before the study and series UID, in place of an element, or at the end.</summary>
    private static TestFile Raw(
        string name, Action<ElementWriter> write, Expectation expectation, uint at = Tag.AccessionNumber, bool atEnd = false)
    {
        TestInstance instance = Plain(name) with { Change = data => data.Custom(atEnd ? Tag.PixelData : at, write) };
        return instance.ToFile(
            $"hostile/{name}.dcm", expectation, (atEnd ? instance with { TransferSyntaxUid = Syntax.JpegBaseline } : instance).ToPart10());
    }

    private static int IndexOf(byte[] file, uint tag)
    {
        byte[] needle = [(byte)(tag >> 16), (byte)(tag >> 24), (byte)tag, (byte)(tag >> 8)];
        return file.AsSpan().IndexOf(needle);
    }
}
