namespace ImagingIngestion.TestData.Files;

/// <summary>Files and data sets of unusual structure: missing, nested, private, padded or irregular parts.</summary>
internal static class StructureFiles
{
    private static readonly byte[] Pixels = Pattern.Bytes(16);

    public static IEnumerable<TestFile> All() => [.. Heads(), .. Sequences(), .. Privates(), .. Lengths()];

    private static IEnumerable<TestFile> Heads()
    {
        TestInstance plain = Plain("heads");
        byte[] meta = Part10.Meta(plain.TransferSyntaxUid, plain.SopClassUid, plain.SopUid);
        byte[] body = plain.ToDataSet();
        yield return Head("no_preamble", Expectation.Either, [.. meta, .. body]);
        yield return Head("no_meta_explicit", Expectation.Either, [.. Part10.Preamble, .. body]);
        yield return Head("bare_explicit", Expectation.Either, body);
        yield return Head(
            "meta_without_length",
            Expectation.Either,
            [.. Part10.Preamble, .. Part10.Meta(plain.TransferSyntaxUid, plain.SopClassUid, plain.SopUid, withLength: false), .. body]);
        yield return Head(
            "meta_length_short",
            Expectation.Either,
            [.. Part10.Preamble, .. Part10.Meta(plain.TransferSyntaxUid, plain.SopClassUid, plain.SopUid, lengthError: -8), .. body]);
        yield return Head(
            "meta_length_long",
            Expectation.Either,
            [.. Part10.Preamble, .. Part10.Meta(plain.TransferSyntaxUid, plain.SopClassUid, plain.SopUid, lengthError: 8), .. body]);
        yield return Head(
            "meta_without_syntax",
            Expectation.Either,
            [.. Part10.Preamble, .. Part10.Meta(null, plain.SopClassUid, plain.SopUid), .. body]);
        yield return Head(
            "meta_other_instance",
            Expectation.Either,
            [.. Part10.Preamble, .. Part10.Meta(plain.TransferSyntaxUid, plain.SopClassUid, "2.25.2"), .. body]);
        yield return Head("preamble_not_zero", Expectation.Store, [.. Pattern.Bytes(128), .. "DICM"u8, .. meta, .. body]);
        yield return Head("trailing_zeros", Expectation.Either, [.. Part10.Preamble, .. meta, .. body, .. new byte[64]]);

        TestInstance little = plain with { TransferSyntaxUid = Syntax.ImplicitLittle };
        yield return Head("bare_implicit", Expectation.Either, little.ToDataSet(), Syntax.ImplicitLittle);
        yield return Head("meta_says_explicit_is_implicit", Expectation.Either, [.. Part10.Preamble, .. meta, .. little.ToDataSet()]);
        TestInstance big = plain with { TransferSyntaxUid = Syntax.ExplicitBig };
        yield return Head("bare_explicit_be", Expectation.Either, big.ToDataSet(), Syntax.ExplicitBig);

        TestFile Head(string name, Expectation expectation, byte[] bytes, string syntax = Syntax.ExplicitLittle)
            => (plain with { TransferSyntaxUid = syntax }).ToFile($"head/{name}.dcm", expectation, bytes) with { FrameCount = 1 };
    }

    private static IEnumerable<TestFile> Sequences()
    {
        foreach ((string name, string syntax) in new[]
        {
            ("implicit", Syntax.ImplicitLittle),
            ("explicit", Syntax.ExplicitLittle),
            ("big", Syntax.ExplicitBig),
            ("deflated", Syntax.Deflated)
        })
        {
            yield return Make(
                $"sequence/defined_{name}", data => data.Sequence(Tag.ReferencedImageSequence, Item("a"), new(), Item("b")), syntax);
            yield return Make(
                $"sequence/undefined_{name}",
                data => data.DelimitedSequence(Tag.ReferencedImageSequence, Item("a"), new(), Item("b")),
                syntax);
            yield return Make($"sequence/deep_60_{name}", data => data.DelimitedSequence(Tag.ContentSequence, Nested(60)), syntax);
        }

        yield return Make("sequence/empty", data => data.Sequence(Tag.ReferencedImageSequence).DelimitedSequence(Tag.ContentSequence));
        yield return Make(
            "sequence/undefined_in_defined_item",
            data => data.Sequence(Tag.ContentSequence, Item("a").DelimitedSequence(Tag.ReferencedImageSequence, Item("b"))));
        yield return Make(
            "sequence/many_items",
            data => data.Sequence(Tag.ReferencedImageSequence, [.. Enumerable.Range(0, 300).Select(i => Item($"{i}"))]));
        yield return Make(
            "sequence/un_undefined",
            data => data.Custom(0x0011_1010, writer => UnSequence(writer, 0x0011_1010)).Text(0x0011_0010, "LO", "TEST DATA"));
        yield return Make(
            "sequence/un_undefined_public",
            data => data.Custom(Tag.ReferencedImageSequence, writer => UnSequence(writer, Tag.ReferencedImageSequence)));
        yield return Make("sequence/un_defined_public", data => data.Bytes(Tag.ReferencedImageSequence, "UN", UnItems()));
        yield return Make("sequence/length_wrong_by_item_delimiter", data => data.Custom(Tag.ReferencedImageSequence, writer => writer
            .Header(Tag.ReferencedImageSequence, "SQ", ElementWriter.Undefined)
            .Mark(Tag.Item, (uint)Item("a").Encode(writer.Wire).Length).Raw(Item("a").Encode(writer.Wire)).Mark(Tag.ItemDelimitation, 0)
            .Mark(Tag.SequenceDelimitation, 0))) with { Expectation = Expectation.Either };
    }

    private static IEnumerable<TestFile> Privates()
    {
        Action<DataSetBuilder> blocks = data => data
            .Text(0x0009_0010, "LO", "TEST DATA A").Text(0x0009_0011, "LO", "TEST DATA B")
            .Text(0x0009_1001, "LO", "of A").Text(0x0009_1101, "LO", "of B").U16(0x0009_1102, 7)
            .Text(0x0029_0010, "LO", "SIEMENS CSA HEADER").Bytes(0x0029_1010, "OB", Pattern.Bytes(3000));
        yield return Make("private/blocks_explicit", blocks);
        yield return Make("private/blocks_implicit", blocks, Syntax.ImplicitLittle);
        yield return Make("private/blocks_big", blocks, Syntax.ExplicitBig);
        yield return Make("private/no_creator", data => data.Text(0x0009_1001, "LO", "orphan"));
        yield return Make("private/in_item", data => data.Sequence(
            Tag.ContentSequence, new DataSetBuilder().Text(0x0011_0010, "LO", "TEST DATA").Text(0x0011_1001, "ST", "in item")));
        yield return Make("private/sequence", data => data.Text(0x0011_0010, "LO", "TEST DATA").DelimitedSequence(0x0011_1001, Item("p")));
        yield return Make(
            "private/sequence_implicit",
            data => data.Text(0x0011_0010, "LO", "TEST DATA").DelimitedSequence(0x0011_1001, Item("p")),
            Syntax.ImplicitLittle);
        yield return Make(
            "private/large_ob", data => data.Text(0x0011_0010, "LO", "TEST DATA").Bytes(0x0011_1001, "OB", Pattern.Bytes(300_000)));
    }

    private static IEnumerable<TestFile> Lengths()
    {
        yield return Make("length/group_lengths", data => data.U32(0x0008_0000, 200).U32(0x0010_0000, 4).U32(0x0028_0000, 999));
        yield return Make("length/odd_text", data => data.Bytes(Tag.StudyDescription, "LO", "odd"u8.ToArray())) with
        {
            Expectation = Expectation.Either
        };
        yield return Make(
            "length/odd_pixel_data",
            data => data.U16(Tag.Rows, 3).U16(Tag.Columns, 3).Bytes(Tag.PixelData, "OB", Pixels[..9])) with
        {
            Expectation = Expectation.Either
        };
        yield return Make("length/trailing_padding", data => data.Bytes(Tag.DataSetTrailingPadding, "OB", new byte[1000]));
        yield return Make("length/long_ut", data => data.Text(Tag.TextValue, "UT", new string('u', 100_000)));
        yield return Make("length/long_uc", data => data.Text(0x0018_9908, "UC", string.Join('\\', Enumerable.Repeat("count", 10_000))));
        yield return Make("length/long_ur", data => data.Text(0x0008_1190, "UR", "https://example.org/" + new string('r', 70_000)));
        yield return Make("length/unknown_vr", data => data.Custom(Tag.StudyDescription, writer => writer
            .Raw([0x08, 0x00, 0x30, 0x10]).Raw("ZZ"u8).U16(0).U32(4).Raw("text"u8))) with { Expectation = Expectation.Either };
        yield return Make("length/duplicate_element", data => data.Custom(Tag.StudyDescription, writer => writer
            .Element(Tag.StudyDescription, "LO", "first "u8.ToArray()).Element(Tag.StudyDescription, "LO", "second"u8.ToArray()))) with
            {
                Expectation = Expectation.Either
            };
        yield return Make("length/out_of_order", data => data.Custom(Tag.StudyDescription, writer => writer
            .Element(0x0010_4000, "LT", "late"u8.ToArray()).Element(Tag.StudyDescription, "LO", "early "u8.ToArray()))) with
            {
                Expectation = Expectation.Either
            };
    }

    private static TestInstance Plain(string name) => new("structure " + name) { PixelData = Pixels };

    private static TestFile Make(string name, Action<DataSetBuilder> change, string syntax = Syntax.ExplicitLittle)
        => (Plain(name) with { Change = change, TransferSyntaxUid = syntax }).ToFile(name + ".dcm") with { FrameCount = 1 };

    private static DataSetBuilder Item(string text)
        => new DataSetBuilder().Text(0x0008_1150, "UI", "1.2.3").Text(0x0008_1155, "UI", "1.2.3.4").Text(Tag.TextValue, "UT", text);

    private static DataSetBuilder Nested(int depth)
    {
        DataSetBuilder item = new DataSetBuilder().Text(Tag.TextValue, "UT", "bottom");
        for (int i = 1; i < depth; i++)
        {
            DataSetBuilder inner = item;
            item = i % 2 == 0
                ? new DataSetBuilder().Sequence(Tag.ContentSequence, inner)
                : new DataSetBuilder().DelimitedSequence(Tag.ContentSequence, inner);
        }

        return item;
    }

    /// <summary>
    /// Writes a sequence whose VR the sender did not know: UN of undefined length, implicit inside (PS3.5 section 6.2.2).
    /// </summary>
    private static void UnSequence(ElementWriter writer, uint tag)
        => writer.Header(tag, "UN", ElementWriter.Undefined).Raw(UnItems()).Mark(Tag.SequenceDelimitation, 0);

    private static byte[] UnItems()
    {
        byte[] item = new DataSetBuilder().Text(0x0008_1150, "UI", "1.2.3").Text(0x0008_1155, "UI", "1.2.3.4").Encode(Wire.ImplicitLittle);
        return new ElementWriter(Wire.ImplicitLittle).Mark(Tag.Item, (uint)item.Length)
            .Raw(item)
            .Mark(Tag.Item, ElementWriter.Undefined)
            .Raw(item)
            .Mark(Tag.ItemDelimitation, 0)
            .ToArray();
    }
}
