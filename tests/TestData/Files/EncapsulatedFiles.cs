using System.Buffers.Binary;

namespace ImagingIngestion.TestData.Files;

/// <summary>Pixel data in fragments: every kind of offset table, cut and codec (PS3.5 section A.4).</summary>
internal static class EncapsulatedFiles
{
    private static readonly byte[][] Three = [Pattern.Jpeg(1), Pattern.Jpeg(2, 52), Pattern.Jpeg(3, 44)];

    public static IEnumerable<TestFile> All() => [.. Tables(), .. Cuts(), .. Oddities(), .. Codecs()];

    private static IEnumerable<TestFile> Tables()
    {
        yield return Make("bot", Three, Table(0, 48, 108), Three);
        yield return Make("bot_empty", Three, [], Three);
        yield return Make("bot_one_zero", Three[..1], Table(0), Three[..1]);
        yield return Make("bot_wrong", Three, Table(0, 20, 5000), Three) with { Expectation = Expectation.Either, Frames = null };
        yield return Make("bot_short", Three, Table(0, 48), Three) with { Expectation = Expectation.Either, Frames = null };
        yield return Make("bot_with_fragments", Three, Table(0, 56, 116), Halves(Three[0]).Append(Three[1]).Append(Three[2]));
        yield return Make("eot", Three, [], Three, Eot([0, 48, 108], [40, 52, 44]));
        yield return Make("eot_wrong", Three, [], Three, Eot([0, 7, 108], [40, 52, 9000])) with
        {
            Expectation = Expectation.Either,
            Frames = null
        };
        yield return Make("eot_and_bot", Three, Table(0, 48, 108), Three, Eot([0, 48, 108], [40, 52, 44])) with
        {
            Expectation = Expectation.Either
        };
    }

    private static IEnumerable<TestFile> Cuts()
    {
        yield return Make("one_frame_many_fragments", Three[..1], [], Three[0].Chunk(8));
        yield return Make("one_frame_many_fragments_bot", Three[..1], Table(0), Three[0].Chunk(8));
        yield return Make("frames_of_many_fragments_no_bot", Three, [], Three.SelectMany(frame => frame.Chunk(16)));
        yield return Make(
            "frames_of_equal_fragments_no_bot", [Three[0], Pattern.Jpeg(9)], [], new[] { Three[0], Pattern.Jpeg(9) }.SelectMany(Halves));
        yield return Make(
            "many_frames",
            [.. Enumerable.Range(0, 200).Select(i => Pattern.Jpeg(i))],
            [],
            Enumerable.Range(0, 200).Select(i => Pattern.Jpeg(i)));
    }

    private static IEnumerable<TestFile> Oddities()
    {
        byte[] odd = Pattern.Jpeg(4)[..^3];
        yield return Make("odd_fragment", [odd], [], [odd]);
        yield return Make("trailing_empty_fragment", Three[..1], Table(0), [Three[0], []]);
        yield return Make("trailing_empty_fragment_frames", Three, Table(0, 48, 108), [.. Three, []]);
        yield return Make("leading_empty_fragment", Three[..1], [], [[], Three[0]]);
        yield return Make("frames_absent", Three[..1], [], Three[..1], data => data.Remove(Tag.NumberOfFrames));
        yield return Make("frames_zero", Three[..1], [], Three[..1], data => data.Text(Tag.NumberOfFrames, "IS", "0")) with
        {
            FrameCount = null,
            Frames = null
        };
        yield return Make("frames_too_many", Three, [], Three, data => data.Text(Tag.NumberOfFrames, "IS", "9")) with
        {
            Expectation = Expectation.Either,
            FrameCount = null,
            Frames = null
        };
        yield return Make("frames_too_few", Three, [], Three, data => data.Text(Tag.NumberOfFrames, "IS", "2")) with
        {
            Expectation = Expectation.Either,
            FrameCount = null,
            Frames = null
        };
        yield return Make("no_fragments", [], [], []) with { Expectation = Expectation.Either, FrameCount = null, Frames = null };
        yield return Make("after_pixels", Three[..1], [], Three[..1], data => data.Bytes(Tag.DataSetTrailingPadding, "OB", 0, 0, 0, 0));
        yield return Make("icon_in_sequence", Three[..1], [], Three[..1], data => data
            .Sequence(0x0088_0200, new DataSetBuilder().U16(Tag.Rows, 1).U16(Tag.Columns, 2).Bytes(Tag.PixelData, "OB", 1, 2)));
        yield return Make("icon_encapsulated_in_sequence", Three[..1], [], Three[..1], data => data
            .DelimitedSequence(0x0088_0200, new DataSetBuilder().U16(Tag.Rows, 1).U16(Tag.Columns, 2).Fragments([], Three[1])));
    }

    private static IEnumerable<TestFile> Codecs()
    {
        byte[][] rle = [Pattern.Rle(7, 16), Pattern.Rle(9, 16)];
        yield return Make("rle", rle, Table(0, 74), rle, syntax: Syntax.Rle);
        yield return Make("rle_no_bot", rle, [], rle, syntax: Syntax.Rle);
        foreach ((string name, string syntax) in new[]
        {
            ("jpeg_lossless", Syntax.JpegLossless),
            ("jpeg_ls", Syntax.JpegLs),
            ("jpeg_2000", Syntax.Jpeg2000),
            ("htj2k", Syntax.HighThroughputJpeg2000)
        })
        {
            yield return Make(name, Three, Table(0, 48, 108), Three, syntax: syntax);
        }

        byte[][] plain = [Pattern.Bytes(16, 1), Pattern.Bytes(16, 2)];
        yield return Make("encapsulated_uncompressed", plain, Table(0, 24), plain, syntax: Syntax.EncapsulatedUncompressed);
        byte[][] video = [Pattern.Bytes(400, 3), Pattern.Bytes(200, 4)];
        yield return Make("video_one_fragment", video, [], video[..1], data => data.Text(Tag.NumberOfFrames, "IS", "30"), Syntax.Mpeg2) with
        {
            FrameCount = null,
            Frames = null
        };
        yield return Make("video_two_fragments", video, [], video, data => data.Text(Tag.NumberOfFrames, "IS", "30"), Syntax.Mpeg2) with
        {
            FrameCount = null,
            Frames = null
        };
    }

    private static TestFile Make(
        string name, byte[][] frames, byte[] table, IEnumerable<byte[]> fragments, Action<DataSetBuilder>? change = null,
        string syntax = Syntax.JpegBaseline)
    {
        TestInstance instance = new("encapsulated " + name)
        {
            TransferSyntaxUid = syntax,
            NumberOfFrames = frames.Length,
            Change = data =>
            {
                data.Fragments(table, [.. fragments]);
                change?.Invoke(data);
            },
        };
        return instance.ToFile($"encapsulated/{name}.dcm") with { FrameCount = frames.Length, Frames = frames };
    }

    private static byte[] Table(params uint[] offsets)
    {
        byte[] table = new byte[offsets.Length * 4];
        for (int i = 0; i < offsets.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(i * 4), offsets[i]);
        }

        return table;
    }

    private static Action<DataSetBuilder> Eot(ulong[] offsets, ulong[] lengths)
        => data => data.U64(Tag.ExtendedOffsetTable, "OV", offsets).U64(Tag.ExtendedOffsetTableLengths, "OV", lengths);

    private static IEnumerable<byte[]> Halves(byte[] frame) => frame.Chunk(frame.Length / 2);
}
