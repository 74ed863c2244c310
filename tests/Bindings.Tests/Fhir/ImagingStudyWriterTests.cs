using System.Text.Json.Nodes;
using ImagingIngestion.Bindings.Fhir;
using ImagingIngestion.Bindings.Tests.Events;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Bindings.Tests.Fhir;

/// <summary>The mapping of attributes (docs/fhir.md).</summary>
public sealed class ImagingStudyWriterTests
{
    [Fact]
    public void A_revision_becomes_an_ImagingStudy()
    {
        JsonObject resource = Write(new SampleRevision { Revision = 3 });

        Assert.Equal("available", Text(resource, "status"));
        Assert.Equal(
            """[{"system":"urn:dicom:uid","value":"urn:oid:1.2.3"},{"system":"https://imaging-ingestion.alvearie.org/fhir/stored-study","value":"default/1.2.3"},"""
            + """{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"ACSN"}]},"value":"A-1"}]""", resource["identifier"]!.ToJsonString());
        Assert.Equal(
            """[{"url":"https://imaging-ingestion.alvearie.org/fhir/study-revision","valueUnsignedInt":3}]""",
            resource["extension"]!.ToJsonString());
        Assert.Equal("""[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"CT"}]""", resource["modality"]!.ToJsonString());
        Assert.Equal("2024-02-29T13:45:01.5+01:30", (string?)resource["started"]);
        Assert.Equal("Dr Sam M Sender MD", Text(resource, "referrer", "display"));
        Assert.Equal("Chest and more", Text(resource, "description"));
        Assert.Equal((1, 2), ((int)resource["numberOfSeries"]!, (int)resource["numberOfInstances"]!));
        Assert.Equal("#wado", (string?)resource["endpoint"]![0]!["reference"]);
    }

    [Fact]
    public void A_series_lists_its_instances()
    {
        JsonNode series = Write(new SampleRevision { Instances = 1 })["series"]![0]!;

        Assert.Equal(
            """{"uid":"1.2.3.1","number":4,"modality":{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"CT"},"description":"Axial","numberOfInstances":1,"bodySite":{"display":"CHEST"}"""
            + ""","laterality":{"system":"http://snomed.info/sct","code":"419161000","display":"Unilateral left"},"started":"2024-02-29T"""
            + """13:46:00\u002B01:30","instance":[{"uid":"1.2.3.1.1","sopClass":{"system":"urn:ietf:rfc:3986","code":"urn:oid:1.2.840.10008.5.1.4.1.1.2"},"number":1}]}""",
            series.ToJsonString());
    }

    [Fact]
    public void The_endpoint_is_the_WADO_root()
    {
        JsonNode endpoint = Write(new SampleRevision())["contained"]![0]!;

        Assert.Equal("dicom-wado-rs", (string?)endpoint["connectionType"]!["code"]);
        Assert.Equal(FixedSpaces.External, (string?)endpoint["address"]);
        Assert.Null(Write(new SampleRevision(), new ImagingStudyWriter(null, null))["contained"]);
    }

    [Theory]
    [InlineData(
        null,
        """{"type":"Patient","identifier":{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},"system":"urn:default","value":"P-1"}}""")]
    [InlineData(
        "1.2.9",
        """{"type":"Patient","identifier":{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},"system":"urn:oid:1.2.9","value":"P-1"}}""")]
    [InlineData(
        "https://h.example/ids",
        """{"type":"Patient","identifier":{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},"system":"https://h.example/ids","value":"P-1"}}""")]
    [InlineData(
        "St. Elsewhere",
        """{"type":"Patient","identifier":{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},"value":"P-1","assigner":{"display":"St. Elsewhere"}}}""")]
    [InlineData(
        "12",
        """{"type":"Patient","identifier":{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},"value":"P-1","assigner":{"display":"12"}}}""")]
    public void The_subject_is_named_by_its_identifier(string? issuer, string expected)
        => Assert.Equal(expected, Write(new SampleRevision().With(DicomTag.IssuerOfPatientID, issuer))["subject"]!.ToJsonString());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("A\u0001B")]
    [InlineData("A\u00A0B")]
    [InlineData("A\uD800")]
    public void A_patient_who_cannot_be_told_apart_is_said_to_be_unknown(string? patient)
        => Assert.Equal(
            """{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}],"type":"Patient","display":"Unknown patient"}""",
            Write(new SampleRevision().With(DicomTag.PatientID, patient))["subject"]!.ToJsonString());

    [Fact]
    public void Two_patients_are_never_made_one_by_cutting_their_numbers()
    {
        string number = new('1', 201);

        Assert.Null(Write(new SampleRevision().With(DicomTag.PatientID, number))["subject"]!["identifier"]);
        Assert.Equal("A\\1", (string?)Write(new SampleRevision().With(DicomTag.PatientID, "A\\1"))["subject"]!["identifier"]!["value"]);
    }

    [Theory]
    [InlineData("Sender", "Sender")]
    [InlineData("=山田^太郎=やまだ^たろう", "太郎 山田")]
    [InlineData("^^^^", null)]
    [InlineData("A^B\\C^D", "B A")]
    public void A_name_is_written_as_people_do(string value, string? expected)
        => Assert.Equal(
            expected, (string?)Write(new SampleRevision().With(DicomTag.ReferringPhysicianName, value))["referrer"]?["display"]);

    [Theory]
    [InlineData("ct", "ct")]
    [InlineData("C\u0007T", "C T")]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_modality_that_is_no_code_is_shown_without_one(string? modality, string? display)
    {
        JsonObject resource = Write(new SampleRevision { Modality = modality });

        Assert.Null(resource["modality"]);
        Assert.Equal("unknown", (string?)resource["series"]![0]!["modality"]!["extension"]![0]!["valueCode"]);
        Assert.Equal(display, (string?)resource["series"]![0]!["modality"]!["display"]);
    }

    [Theory]
    [InlineData("R", "419465000")]
    [InlineData("L ", "419161000")]
    [InlineData("B", null)]
    [InlineData("left", null)]
    public void Only_a_laterality_that_DICOM_knows_is_named(string value, string? code)
        => Assert.Equal(
            code, (string?)Write(new SampleRevision().WithSeries(DicomTag.Laterality, value))["series"]![0]!["laterality"]?["code"]);

    [Theory]
    [InlineData(-1, null)]
    [InlineData(0, 0)]
    [InlineData(2147483647, 2147483647)]
    [InlineData(2147483648, null)]
    public void A_number_that_FHIR_cannot_hold_is_left_out(long number, int? expected)
        => Assert.Equal(expected, (int?)Write(new SampleRevision { Number = number })["series"]![0]!["number"]);

    private static JsonObject Write(SampleRevision revision, ImagingStudyWriter? writer = null)
    {
        ReadOnlyMemory<byte> resource = (writer ?? new ImagingStudyWriter(new Uri(FixedSpaces.External + "/"), "urn:default")).Write(
            SampleRevision.Key(), revision.ToEvent(), null);
        Assert.Empty(FhirValidator.Faults(resource));
        return (JsonObject)JsonNode.Parse(resource.Span)!;
    }

    private static string? Text(JsonObject resource, params string[] path)
        => (string?)path.Aggregate((JsonNode?)resource, (node, name) => node?[name]);
}
