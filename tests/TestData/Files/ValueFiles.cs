using System.Text;

namespace ImagingIngestion.TestData.Files;

/// <summary>Values: every VR, empty ones, several ones, person names in three groups, irregular numbers and dates.</summary>
internal static class ValueFiles
{
    public static IEnumerable<TestFile> All()
    {
        foreach ((string name, string syntax) in new[]
        {
            ("implicit", Syntax.ImplicitLittle),
            ("explicit", Syntax.ExplicitLittle),
            ("big", Syntax.ExplicitBig)
        })
        {
            yield return Make($"every_vr_{name}", EveryVR, syntax);
        }

        yield return Make("empty", data => data
            .Text(Tag.StudyDescription, "LO", "")
            .Text(Tag.PatientName, "PN", "")
            .Text(Tag.StudyDate, "DA", "")
            .Text(Tag.PatientWeight, "DS", "")
            .Text(0x0020_1002, "IS", "")
            .U16(0x0028_0106)
            .Bytes(0x0028_1201, "OW")
            .Text(Tag.AccessionNumber, "SH", "")
            .Text(Tag.ReferringPhysicianName, "PN", "=="));
        yield return Make("multi", data => data
            .Text(Tag.ImageType, "CS", "ORIGINAL\\PRIMARY\\\\AXIAL")
            .Text(Tag.ImagePositionPatient, "DS", "-1.5\\+2.0e3\\ .25 ")
            .Text(Tag.OtherPatientNames, "PN", "One^A=\\Two^B\\")
            .U16(0x0028_3002, 256, 0, 16)
            .Bytes(0x0028_0009, "AT", 0x18, 0, 0x63, 0x10, 0x20, 0, 0x0D, 0));
        yield return Make("pn_groups", data => data
            .Text(Tag.SpecificCharacterSet, "CS", "ISO_IR 192")
            .Bytes(Tag.PatientName, "PN", Even("Yamada^Tarou=山田^太郎=やまだ^たろう"))
            .Bytes(Tag.ReferringPhysicianName, "PN", Even("=洪^吉洞")).Bytes(Tag.OtherPatientNames, "PN", Even("A^B^C^D^E=\\==最後"))) with
        {
            Texts = new Dictionary<uint, string[]>
            {
                [Tag.PatientName] = ["Yamada^Tarou=山田^太郎=やまだ^たろう"],
                [Tag.ReferringPhysicianName] = ["=洪^吉洞"],
                [Tag.OtherPatientNames] = ["A^B^C^D^E=", "==最後"]
            },
        };
        yield return Odd("ds_is", data => data
            .Text(Tag.PatientWeight, "DS", "1.2345678901234567890123").Text(Tag.ImagePositionPatient, "DS", " 00.500 \\-0\\1E400")
            .Text(Tag.InstanceNumber, "IS", "+007").Text(0x0020_0012, "IS", "99999999999"));
        yield return Odd("ds_is_bad", data => data
            .Text(Tag.PatientWeight, "DS", "heavy")
            .Text(0x0018_0050, "DS", "1,5")
            .Text(Tag.InstanceNumber, "IS", "1.0")
            .Text(0x0020_0012, "IS", "NaN"));
        yield return Odd("dates", data => data
            .Text(Tag.StudyDate, "DA", "2024.02.29")
            .Text(Tag.StudyTime, "TM", "12")
            .Text(0x0008_002A, "DT", "2024")
            .Text(0x0010_0030, "DA", "00000000"));
        yield return Make(
            "nan_infinity", data => data.F32(0x0018_1320, float.NaN).F64(0x0018_9087, double.PositiveInfinity, double.NegativeInfinity));
        yield return Odd(
            "uid_padding",
            data => data.Bytes(Tag.SopClassUid, "UI", [.. Encoding.ASCII.GetBytes(TestInstance.SecondaryCapture), (byte)' ']));
        yield return Make("spaces", data => data
            .Text(Tag.StudyDescription, "LO", "  both  ")
            .Text(Tag.TextValue, "UT", "  lead keeps ")
            .Text(Tag.AccessionNumber, "SH", "    "));
    }

    private static void EveryVR(DataSetBuilder data) => data
        .Text(0x0008_0054, "AE", "STORE_SCP")
        .Text(0x0010_1010, "AS", "034Y")
        .Bytes(0x0028_0009, "AT", 0x18, 0, 0x63, 0x10)
        .Text(Tag.ImageType, "CS", "DERIVED\\SECONDARY")
        .Text(Tag.PatientWeight, "DS", "70.5")
        .Text(0x0008_002A, "DT", "20240229134501.123456+0100")
        .F64(0x0018_9087, 1e-300)
        .F32(0x0018_1320, 1.5f)
        .Text(0x0020_1002, "IS", "-5")
        .Text(Tag.StudyDescription, "LO", "Study")
        .Text(0x0010_4000, "LT", "line 1\r\nline 2 \\ no delimiter")
        .Bytes(0x0042_0011, "OB", Pattern.Bytes(20))
        .Bytes(0x0070_150D, "OD", Pattern.Bytes(24))
        .Bytes(0x0064_0009, "OF", Pattern.Bytes(12))
        .Bytes(0x0066_0040, "OL", Pattern.Bytes(8))
        .U64(Tag.ExtendedOffsetTable, "OV", 0)
        .Bytes(0x0028_1201, "OW", Pattern.Bytes(512))
        .Text(Tag.ReferringPhysicianName, "PN", "Ref^Doc^^Dr")
        .Text(0x0010_2180, "SH", "short")
        .S32(0x0018_6020, -1, int.MinValue)
        .Sequence(Tag.ReferencedImageSequence, new DataSetBuilder().Text(0x0008_1150, "UI", "1.2.3"))
        .S16(0x0028_9503, -1, short.MinValue)
        .Text(0x0008_0081, "ST", "short text")
        .U64(0x0072_0082, "SV", ulong.MaxValue)
        .Text(0x0008_0119, "UC", "unlimited\\characters")
        .U32(0x0008_1161, 1, uint.MaxValue)
        .Text(0x0008_0120, "UR", "https://example.org/x")
        .U16(0x0028_0106, 65535)
        .Text(Tag.TextValue, "UT", "unlimited text")
        .U64(0x0008_040C, "UV", ulong.MaxValue);

    private static TestFile Make(string name, Action<DataSetBuilder> change, string syntax = Syntax.ExplicitLittle)
        => new TestInstance("value " + name) { TransferSyntaxUid = syntax, PixelData = Pattern.Bytes(16), Change = change }.ToFile(
            $"value/{name}.dcm") with { FrameCount = 1 };

    private static TestFile Odd(string name, Action<DataSetBuilder> change) => Make(name, change) with { Expectation = Expectation.Either };

    private static byte[] Even(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length % 2 == 0 ? bytes : [.. bytes, (byte)' '];
    }
}
