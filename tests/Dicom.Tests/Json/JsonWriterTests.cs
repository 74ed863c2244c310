using System.Buffers;
using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Interchange;
using ImagingIngestion.Dicom.Json;

namespace ImagingIngestion.Dicom.Tests.Json;

public sealed class JsonWriterTests
{
    [Fact]
    public void Elements_stand_in_ascending_order_under_eight_upper_case_digits()
        => Assert.Equal(
            """{"00080016":{"vr":"UI","Value":["1.2.3"]},"0020000D":{"vr":"UI","Value":["1.2"]}}""",
            Sample.Json(Sample.Text(0x0020000D, DicomVR.UI, "1.2"), Sample.Text(0x00080016, DicomVR.UI, "1.2.3")));

    [Fact]
    public void Group_lengths_and_file_meta_information_are_left_out()
        => Assert.Equal(
            """{"00080005":{"vr":"CS","Value":["ISO_IR 192"]}}""",
            Sample.Json(
                Sample.Text(0x00020010, DicomVR.UI, "1.2.840"),
                Sample.Raw(0x00080000, DicomVR.UL, 1, 0, 0, 0),
                Sample.Text(0x00080005, DicomVR.CS, "ISO_IR 192")));

    [Theory]
    [InlineData(DicomVR.LO, "")]
    [InlineData(DicomVR.LO, "   ")]
    [InlineData(DicomVR.PN, "==")]
    [InlineData(DicomVR.US, "")]
    [InlineData(DicomVR.OB, "")]
    [InlineData(DicomVR.DS, "\0\0")]
    public void An_element_without_a_value_has_only_its_vr(DicomVR vr, string value)
        => Assert.Equal($$$"""{"00091001":{"vr":"{{{vr}}}"}}""", Sample.Json(Sample.Raw(0x00091001, vr, Encoding.ASCII.GetBytes(value))));

    [Fact]
    public void A_sequence_without_items_has_only_its_vr_and_an_empty_item_is_an_empty_object()
        => Assert.Equal(
            """{"00081140":{"vr":"SQ"},"00081199":{"vr":"SQ","Value":[{},{"00081150":{"vr":"UI","Value":["1.2"]}}]}}""",
            Sample.Json(
                Sample.Sequence(0x00081140),
                Sample.Sequence(0x00081199, Sample.Dataset(), Sample.Dataset(Sample.Text(0x00081150, DicomVR.UI, "1.2")))));

    [Fact]
    public void Empty_places_among_values_are_null()
        => Assert.Equal(
            """{"00101000":{"vr":"LO","Value":["a",null,"b",null]}}""", Sample.Json(Sample.Text(0x00101000, DicomVR.LO, @"a\\b\")));

    [Theory]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", """{"Alphabetic":"Yamada^Tarou","Ideographic":"山田^太郎","Phonetic":"やまだ^たろう"}""")]
    [InlineData("Wang^XiaoDong=王^小东=", """{"Alphabetic":"Wang^XiaoDong","Ideographic":"王^小东"}""")]
    [InlineData("==やまだ", """{"Phonetic":"やまだ"}""")]
    [InlineData("a=b=c=d", """{"Alphabetic":"a","Ideographic":"b","Phonetic":"c=d"}""")]
    [InlineData("Doe^J^^^ ", """{"Alphabetic":"Doe^J^^^"}""")]
    public void Component_groups_of_a_name_are_members(string name, string expected)
        => Assert.Equal($$$"""{"00100010":{"vr":"PN","Value":[{{{expected}}}]}}""", Sample.Json(Sample.Text(0x00100010, DicomVR.PN, name)));

    [Theory]
    [InlineData("1.50", "1.50")]
    [InlineData(" -0.0 ", "-0.0")]
    [InlineData("1e5", "1e5")]
    [InlineData("0", "0")]
    [InlineData("12345678901234.10", "12345678901234.10")]
    [InlineData("+1.50", "\"+1.50\"")]
    [InlineData("007", "\"007\"")]
    [InlineData("1.", "\"1.\"")]
    [InlineData(".5", "\".5\"")]
    [InlineData("-", "\"-\"")]
    [InlineData("1e", "\"1e\"")]
    [InlineData("NaN", "\"NaN\"")]
    [InlineData("1,5", "\"1,5\"")]
    public void Decimal_strings_keep_their_digits(string text, string expected)
        => Assert.Equal($$$"""{"00180050":{"vr":"DS","Value":[{{{expected}}}]}}""", Sample.Json(Sample.Text(0x00180050, DicomVR.DS, text)));

    [Fact]
    public void Floating_point_numbers_are_shortest_and_specials_are_strings()
        => Assert.Equal(
            """{"00189073":{"vr":"FD","Value":[0.1,1E+300,-0,"NaN","Infinity","-Infinity"]}}""",
            Sample.Json(Sample.Doubles(0x00189073, 0.1, 1e300, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity)));

    [Fact]
    public void Integers_beyond_two_to_the_53_are_strings()
        => Assert.Equal(
            """{"00091001":{"vr":"SV","Value":[9007199254740992,"9007199254740993","-9223372036854775808"]},"00091002":{"vr":"UV","Value":["18446744073709551615",1]}}""",
            Sample.Json(
                Sample.Raw(0x00091001, DicomVR.SV, [
                    .. BitConverter.GetBytes(9007199254740992L),
                    .. BitConverter.GetBytes(9007199254740993L),
                    .. BitConverter.GetBytes(long.MinValue)
                ]),
                Sample.Raw(0x00091002, DicomVR.UV, [.. BitConverter.GetBytes(ulong.MaxValue), .. BitConverter.GetBytes(1UL)])));

    [Fact]
    public void Tags_are_eight_digits()
        => Assert.Equal(
            """{"00280009":{"vr":"AT","Value":["00181063","7FE00010"]}}""",
            Sample.Json(Sample.Raw(0x00280009, DicomVR.AT, 0x18, 0, 0x63, 0x10, 0xE0, 0x7F, 0x10, 0)));

    [Theory]
    [InlineData(1, """{"00280010":{"vr":"US"}}""")]
    [InlineData(3, """{"00280010":{"vr":"US","Value":[1]}}""")]
    public void A_numeric_field_of_a_wrong_length_gives_its_whole_values(int length, string expected)
        => Assert.Equal(expected, Sample.Json(Sample.Raw(0x00280010, DicomVR.US, new byte[] { 1, 0, 2 }[..length])));

    [Fact]
    public void Bytes_and_unknown_vrs_are_inline_binary()
        => Assert.Equal(
            """{"00091001":{"vr":"UN","InlineBinary":"AQI="},"00091002":{"vr":"UN","InlineBinary":"AwQ="},"7FE00010":{"vr":"OW","InlineBinary":"AQIDBA=="}}""",
            Sample.Json(
                Sample.Raw(0x00091001, DicomVR.UN, 1, 2),
                Sample.Raw(0x00091002, (DicomVR)0x5858, 3, 4),
                Sample.Raw(0x7FE00010, DicomVR.OW, 1, 2, 3, 4)));

    [Fact]
    public void Text_of_one_value_keeps_backslashes_and_leading_space()
        => Assert.Equal(
            """{"00204000":{"vr":"LT","Value":["  a\\b\r\nc"]}}""", Sample.Json(Sample.Text(0x00204000, DicomVR.LT, "  a\\b\r\nc")));

    [Fact]
    public void Bulk_values_are_named_by_their_path()
    {
        DicomDataset dataset = Sample.Dataset(
            Sample.Sequence(
                0x54000100,
                Sample.Dataset(),
                Sample.Dataset(new DicomElement(DicomTag.FromValue(0x54001010), DicomVR.OW, new BulkValue { Length = 9000 }))),
            new DicomElement(DicomTag.FromValue(0x7FE00010), DicomVR.OB, new BulkValue { IsEncapsulated = true }),
            new DicomElement(DicomTag.FromValue(0xFFFCFFFC), DicomVR.OB, new BulkValue { Uri = "http://there/1" }));

        Assert.Equal(
            """{"54000100":{"vr":"SQ","Value":[{},{"54001010":{"vr":"OW","BulkDataURI":"54000100/1/54001010"}}]},"7FE00010":{"vr":"OB","BulkDataURI":"7FE00010"},"FFFCFFFC":{"vr":"OB","BulkDataURI":"http://there/1"}}""",
            Sample.Json(dataset));
    }

    [Fact]
    public void The_caller_decides_what_is_inline_and_how_references_look()
    {
        DicomDataset dataset = Sample.Dataset(
            Sample.Raw(0x00091001, DicomVR.OB, 1, 2, 3, 4),
            Sample.Text(0x00091002, DicomVR.LO, "long but no bulk"),
            new DicomElement(DicomTag.FromValue(0x00091003), DicomVR.OB, new BulkValue { Length = 2 }),
            new DicomElement(DicomTag.FromValue(0x7FE00010), DicomVR.OB, new BulkValue { IsEncapsulated = true }));
        var options = new DicomModelWriterOptions
        {
            InlineLimit = 2,
            BulkDataUri = (element, path) => $"/bulk/{path}?{element.VR.Code()}",
            LoadBulk = _ => new byte[] { 1, 2 },
        };

        Assert.Equal(
            """{"00091001":{"vr":"OB","BulkDataURI":"/bulk/00091001?OB"},"00091002":{"vr":"LO","Value":["long but no bulk"]},"00091003":{"vr":"OB","InlineBinary":"AQI="},"7FE00010":{"vr":"OB","BulkDataURI":"/bulk/7FE00010?OB"}}""",
            Sample.Json(dataset, options));
    }

    [Fact]
    public void Several_data_sets_are_an_array()
    {
        var output = new ArrayBufferWriter<byte>();
        DicomJsonWriter.WriteArray([Sample.Dataset(Sample.UnsignedShort(0x00280010, 5)), Sample.Dataset()], output);

        Assert.Equal("""[{"00280010":{"vr":"US","Value":[5]}},{}]""", Encoding.UTF8.GetString(output.WrittenSpan));
    }
}
