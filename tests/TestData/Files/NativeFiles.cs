namespace ImagingIngestion.TestData.Files;

/// <summary>Uncompressed pixel data in every transfer syntax that carries it, and its unusual forms.</summary>
internal static class NativeFiles
{
    public static IEnumerable<TestFile> All() => [.. Syntaxes(), .. Shapes(), .. Floats(), Overlay(), NoPixels()];

    private static IEnumerable<TestFile> Syntaxes()
    {
        byte[] little = Pattern.Bytes(4 * 4 * 2);
        foreach ((string name, string syntax) in new[]
        {
            ("implicit_le", Syntax.ImplicitLittle),
            ("explicit_le", Syntax.ExplicitLittle),
            ("explicit_be", Syntax.ExplicitBig),
            ("deflated", Syntax.Deflated),
        })
        {
            TestInstance instance = new("native " + name) { TransferSyntaxUid = syntax, BitsAllocated = 16, PixelData = little };
            yield return instance.ToFile($"native/{name}.dcm") with
            {
                FrameCount = 1,
                Frames = syntax == Syntax.ExplicitBig ? null : [little]
            };
        }

        byte[] odd = Pattern.Bytes(9);
        yield return new TestInstance("native be8") { TransferSyntaxUid = Syntax.ExplicitBig, Rows = 3, Columns = 3, PixelData = odd }
            .ToFile("native/explicit_be_8bit_padded.dcm") with { FrameCount = 1, Frames = [odd] };
    }

    private static IEnumerable<TestFile> Shapes()
    {
        yield return Frames("multiframe", 3, 16, new("native multiframe") { NumberOfFrames = 3 });
        yield return Frames("multiframe_odd_frame", 3, 9, new("native odd frame") { Rows = 3, Columns = 3, NumberOfFrames = 3 });
        yield return Frames("rgb_planar", 2, 48, new("native planar")
        {
            NumberOfFrames = 2,
            Change = data => data
                .U16(Tag.SamplesPerPixel, 3)
                .U16(Tag.PlanarConfiguration, 1)
                .Text(Tag.PhotometricInterpretation, "CS", "RGB"),
        });
        yield return Frames("ybr_full_422", 2, 32, new("native 422")
        {
            NumberOfFrames = 2,
            Change = data => data
                .U16(Tag.SamplesPerPixel, 3)
                .U16(Tag.PlanarConfiguration, 0)
                .Text(Tag.PhotometricInterpretation, "CS", "YBR_FULL_422"),
        });
        yield return Frames("bits_32", 2, 64, new("native 32") { BitsAllocated = 32, NumberOfFrames = 2 });

        // 3 x 3 pixels of one bit: the frames of a segmentation begin inside a byte.
        TestInstance bits = new("native 1bit")
        {
            Rows = 3,
            Columns = 3,
            BitsAllocated = 1,
            NumberOfFrames = 3,
            PixelData = [0b1010_1010, 0b0101_0101, 0b1100_1100, 0b0000_0101]
        };
        yield return bits.ToFile("native/bits_1_unaligned.dcm") with { FrameCount = 3 };
        TestInstance aligned = new("native 1bit aligned") { BitsAllocated = 1, NumberOfFrames = 2, PixelData = [1, 2, 3, 4] };
        yield return aligned.ToFile("native/bits_1_aligned.dcm") with { FrameCount = 2, Frames = [[1, 2], [3, 4]] };
        yield return (bits with
        {
            SopUid = TestUid.Create("native 12"),
            Rows = 2,
            Columns = 2,
            BitsAllocated = 12,
            NumberOfFrames = 1,
            PixelData = Pattern.Bytes(6)
        })
            .ToFile("native/bits_12_packed.dcm", Expectation.Either);
    }

    private static IEnumerable<TestFile> Floats()
    {
        byte[] floats = Pattern.Bytes(64);
        yield return new TestInstance("native float")
        {
            BitsAllocated = 32,
            Change = data => data.Bytes(Tag.FloatPixelData, "OF", floats).Remove(Tag.PixelRepresentation)
        }
            .ToFile("native/float_pixel_data.dcm") with { FrameCount = 1, Frames = [floats] };
        byte[] doubles = Pattern.Bytes(256);
        yield return new TestInstance("native double")
        {
            BitsAllocated = 64,
            NumberOfFrames = 2,
            Change = data => data.Bytes(Tag.DoubleFloatPixelData, "OD", doubles)
        }
            .ToFile("native/double_float_pixel_data.dcm") with { FrameCount = 2, Frames = [doubles[..128], doubles[128..]] };
    }

    private static TestFile Overlay()
    {
        byte[] pixels = Pattern.Bytes(16);
        return new TestInstance("native overlay")
        {
            PixelData = pixels,
            Change = data => data
                .U16(0x6000_0010, 4).U16(0x6000_0011, 4).Text(0x6000_0040, "CS", "G").S16(0x6000_0050, 1, 1)
                .U16(0x6000_0100, 1).U16(0x6000_0102, 0).Bytes(0x6000_3000, "OW", 0x5A, 0xA5)
                .U16(0x6002_0010, 2).U16(0x6002_0011, 8).Bytes(0x6002_3000, "OB", 1, 2),
        }.ToFile("native/overlays.dcm") with { FrameCount = 1, Frames = [pixels] };
    }

    private static TestFile NoPixels()
        => new TestInstance("native none") { SopClassUid = "1.2.840.10008.5.1.4.1.1.88.11", Modality = "SR" }.ToFile(
            "native/no_pixel_data.dcm") with { FrameCount = 0, Frames = [] };

    private static TestFile Frames(string name, int count, int size, TestInstance instance)
    {
        byte[] pixels = Pattern.Bytes(count * size);
        return (instance with { PixelData = pixels }).ToFile($"native/{name}.dcm") with
        {
            FrameCount = count,
            Frames = [.. Enumerable.Range(0, count).Select(i => pixels[(i * size)..((i + 1) * size)])],
        };
    }
}
