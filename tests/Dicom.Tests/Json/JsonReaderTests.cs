using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Interchange;
using ImagingIngestion.Dicom.Json;

namespace ImagingIngestion.Dicom.Tests.Json;

public sealed class JsonReaderTests
{
    [Theory]
    [InlineData("""{"00180050":{"vr":"DS","Value":["1.50"]}}""")]
    [InlineData("""{"00180050":{"vr":"DS","Value":[1.50]}}""")]
    [InlineData("""{"00180050":{"Value":[1.50]}}""")]
    [InlineData("""{"00180050":{"Value":[1.50],"vr":"DS"}}""")]
    [InlineData("""[{"00180050":{"vr":"DS","Value":[1.50],"other":{"deep":[1,{}]}},"comment":["x"],"00180060":null}]""")]
    [InlineData("\uFEFF {\"\\u00300180050\":{\"vr\":\"DS\",\"Value\":[1.50],\"InlineBinary\":null,\"BulkDataURI\":null}} ")]
    public void Decimal_strings_are_read_from_numbers_and_strings_with_and_without_vr(string json)
        => Assert.Equal("""{"00180050":{"vr":"DS","Value":[1.50]}}""", Sample.Json(Sample.FromJson(json)));

    [Theory]
    [InlineData("""{"0020000d":{"vr":"UI","Value":["1.2.3"]}}""", """{"0020000D":{"vr":"UI","Value":["1.2.3"]}}""")]
    [InlineData("""{"00280010":{"vr":"US","Value":["5",6.0]}}""", """{"00280010":{"vr":"US","Value":[5,6]}}""")]
    [InlineData("""{"00280010":{"vr":"US","Value":[null]}}""", """{"00280010":{"vr":"US"}}""")]
    [InlineData("""{"00280106":{"Value":[7]}}""", """{"00280106":{"vr":"US","Value":[7]}}""")]
    [InlineData(
        """{"00091001":{"vr":"SV","Value":["-9223372036854775808",3]}}""",
        """{"00091001":{"vr":"SV","Value":["-9223372036854775808",3]}}""")]
    [InlineData(
        """{"00189073":{"vr":"FD","Value":["NaN","-Infinity",null,"INF",1]}}""",
        """{"00189073":{"vr":"FD","Value":["NaN","-Infinity","NaN","Infinity",1]}}""")]
    [InlineData(
        """{"00100010":{"Value":[{"Phonetic":"c","Alphabetic":"a"},null,{},"d=e"]}}""",
        """{"00100010":{"vr":"PN","Value":[{"Alphabetic":"a","Phonetic":"c"},null,null,{"Alphabetic":"d","Ideographic":"e"}]}}""")]
    [InlineData("""{"00091001":{"Value":[{"00100020":{"vr":"LO"}}]}}""", """{"00091001":{"vr":"SQ","Value":[{"00100020":{"vr":"LO"}}]}}""")]
    [InlineData("""{"00090010":{"Value":["ACME"]}}""", """{"00090010":{"vr":"LO","Value":["ACME"]}}""")]
    [InlineData("""{"00081140":{"vr":"SQ","Value":[{},null]}}""", """{"00081140":{"vr":"SQ","Value":[{},{}]}}""")]
    [InlineData(
        """{"00100020":{"vr":"LO","Value":[]},"00080060":{"vr":"CS","Value":["b"]},"00080060":{"vr":"CS","Value":["a"]}}""",
        """{"00080060":{"vr":"CS","Value":["b"]},"00100020":{"vr":"LO"}}""")]
    [InlineData("""{"00091001":{"vr":"??","InlineBinary":"AQI="}}""", """{"00091001":{"vr":"UN","InlineBinary":"AQI="}}""")]
    [InlineData("{}", "{}")]
    public void Unusual_documents_are_understood(string json, string expected)
        => Assert.Equal(expected, Sample.Json(Sample.FromJson(json)));

    [Fact]
    public void A_bulk_data_reference_is_kept()
    {
        DicomDataset dataset = Sample.FromJson("""{"7FE00010":{"vr":"OW","BulkDataURI":"bulk\/1"}}""");

        Assert.Equal("bulk/1", dataset.Elements[0].Bulk?.Uri);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("5", "")]
    [InlineData("[1]", "")]
    [InlineData("{} {}", "")]
    [InlineData("[{},{}]", "")]
    [InlineData("""{"00100020":{"vr":"LO","Value":["a"]""", "00100020")]
    [InlineData("""{"00100020":"a"}""", "00100020")]
    [InlineData("""{"00100020":{"vr":"LO","Value":"a"}}""", "00100020")]
    [InlineData("""{"00100020":{"vr":"LO","Value":[true]}}""", "00100020")]
    [InlineData("""{"00100020":{"vr":"LO","Value":[{"00100020":{}}]}}""", "00100020")]
    [InlineData("""{"00100020":{"vr":5}}""", "00100020")]
    [InlineData("""{"00280010":{"vr":"US","Value":[65536]}}""", "00280010")]
    [InlineData("""{"00280010":{"vr":"US","Value":[1.5]}}""", "00280010")]
    [InlineData("""{"00280010":{"vr":"US","Value":[1,null]}}""", "00280010")]
    [InlineData("""{"00280009":{"vr":"AT","Value":["0018106"]}}""", "00280009")]
    [InlineData("""{"7FE00010":{"vr":"OW","Value":[1]}}""", "7FE00010")]
    [InlineData("""{"7FE00010":{"vr":"OW","InlineBinary":"*"}}""", "7FE00010")]
    [InlineData("""{"7FE00010":{"vr":"OW","InlineBinary":"AQI=","BulkDataURI":"a"}}""", "7FE00010")]
    [InlineData("""{"00081140":{"vr":"SQ","Value":["a"]}}""", "00081140")]
    [InlineData("""{"00081140":{"vr":"SQ","Value":[{},{"00081150":{"vr":"UI","Value":["\ud800"]}}]}}""", "00081140/1/00081150")]
    public void Errors_name_their_place(string json, string path)
    {
        DicomJsonException fault = Assert.Throws<DicomJsonException>(() => Sample.FromJson(json));

        Assert.Equal(path, fault.TagPath);
    }

    [Fact]
    public void Invalid_utf8_is_a_typed_error()
        => Assert.Throws<DicomJsonException>(
            () => DicomJsonReader.Read([.. "{\"00100020\":{\"vr\":\"LO\",\"Value\":[\""u8, 0xFF, .. "\"]}}"u8]));

    [Fact]
    public void Faults_tell_no_values()
    {
        DicomJsonException fault = Assert.Throws<DicomJsonException>(
            () => Sample.FromJson("""{"00280010":{"vr":"US","Value":["Doe^Jane"]}}"""));

        Assert.DoesNotContain("Doe", fault.ToString());
    }

    [Fact]
    public void Depth_and_element_count_are_limited()
    {
        Assert.Throws<DicomJsonException>(
            () => Sample.FromJson(Sample.Json(Sample.Nested(3)), new DicomModelReaderOptions { MaxDepth = 2 }));
        Assert.NotNull(Sample.FromJson(Sample.Json(Sample.Nested(3)), new DicomModelReaderOptions { MaxDepth = 3 }));
        Assert.Throws<DicomJsonException>(
            () => Sample.FromJson("""{"00101000":{"vr":"LO","Value":["a","b","c"]}}""", new DicomModelReaderOptions { MaxElements = 3 }));
        Assert.Throws<DicomJsonException>(() => Sample.FromJson(string.Concat(Enumerable.Repeat("[", 100_000))));
    }

    [Fact]
    public void Descending_tags_cost_no_more_than_a_sort()
    {
        var json = new StringBuilder("{");
        for (uint tag = 200_000; tag > 0; tag--)
        {
            json
                .Append('"')
                .Append((0x00110000 + tag).ToString("X8", System.Globalization.CultureInfo.InvariantCulture))
                .Append("\":{\"vr\":\"LO\"}")
                .Append(tag == 1 ? '}' : ',');
        }

        DicomDataset dataset = Sample.FromJson(json.ToString());

        Assert.Equal(200_000, dataset.Elements.Count);
        Assert.Equal(new DicomTag(0x0011, 0x0001), dataset.Elements[0].Tag);
    }
}
