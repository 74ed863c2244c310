using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ImagingIngestion.Bindings.Fhir;
using ImagingIngestion.Bindings.Tests.Events;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Bindings.Tests.Fhir;

/// <summary>Every resource is valid against the base profiles of FHIR R4.</summary>
public sealed class FhirValidationTests
{
    private static readonly ImagingStudyWriter Writer = new(new Uri(FixedSpaces.External), "urn:oid:1.2.3.4");

    [Fact]
    public void Resources_of_generated_files_are_valid() => AssertValid(TestFiles.All);

    [ToolFact(Tools.Corpus)]
    public void Resources_of_the_corpus_are_valid() => AssertValid(Corpus.Files());

    [Fact]
    public void No_value_of_a_data_set_makes_a_resource_invalid()
    {
        foreach (string value in Hostile())
        {
            SampleRevision revision = new() { Modality = value };
            foreach (DicomTag tag in revision.Attributes.Keys.Append(DicomTag.IssuerOfPatientID))
            {
                revision = revision.With(tag, value);
            }

            foreach (DicomTag tag in revision.SeriesAttributes.Keys)
            {
                revision = revision.WithSeries(tag, value);
            }

            AssertValid(Write(revision));
            AssertValid(Write(new SampleRevision { Number = long.MaxValue }.With(DicomTag.IssuerOfPatientID, value)));
        }
    }

    [Fact]
    public void Resources_that_replace_others_are_valid()
    {
        JsonObject before = Sample();
        before["id"] = "a-1";
        before["meta"] = JsonNode.Parse("""{"versionId":"4","tag":[{"system":"urn:x","code":"y"}],"security":[]}""");
        using JsonDocument document = JsonDocument.Parse(before.ToJsonString());
        StoredImagingStudy stored = StoredImagingStudy.Read(document.RootElement, SampleRevision.Key())!;

        SampleRevision deleted = new() { Revision = 1, Instances = 0 };
        AssertValid(Write(new SampleRevision { Revision = 1 }, stored));
        AssertValid(Write(deleted, stored));
        AssertValid(Write(deleted, stored with { Subject = default }));
        AssertValid(new ImagingStudyWriter(null, null).Write(
            SampleRevision.Key(),
            new SampleRevision { Attributes = new Dictionary<DicomTag, string?>(), Modality = null, Number = null }.ToEvent(),
            null));
    }

    [Fact]
    public void The_validator_refuses_what_is_broken()
    {
        (string Name, Action<JsonObject> Break)[] breaches =
        [
            ("no subject", resource => resource.Remove("subject")),
            ("no status", resource => resource.Remove("status")),
            ("odd status", resource => resource["status"] = "there"),
            ("no UID", resource => resource["series"]![0]!.AsObject().Remove("uid")),
            ("no modality", resource => resource["series"]![0]!.AsObject().Remove("modality")),
            ("no SOP class", resource => resource["series"]![0]!["instance"]![0]!.AsObject().Remove("sopClass")),
            ("long UID", resource => resource["series"]![0]!["uid"] = new string('1', 65)),
            ("negative number", resource => resource["series"]![0]!["number"] = -1),
            ("large number", resource => resource["series"]![0]!["number"] = 2147483648),
            ("fraction", resource => resource["series"]![0]!["number"] = 1.5),
            ("time without zone", resource => resource["started"] = "2024-02-29T13:45:00"),
            ("empty text", resource => resource["description"] = ""),
            ("null", resource => resource["description"] = null),
            ("empty array", resource => resource["modality"] = new JsonArray()),
            ("empty object", resource => resource["subject"] = new JsonObject()),
            ("control character", resource => resource["description"] = "\u000B"),
            ("code with spaces", resource => resource["modality"]![0]!["code"] = " CT"),
            ("URI with space", resource => resource["identifier"]![0]!["system"] = "a b"),
            ("unknown element", resource => resource["colour"] = "red"),
            ("endpoint without address", resource => resource["contained"]![0]!.AsObject().Remove("address")),
            ("reference to nothing", resource => resource["endpoint"]![0]!["reference"] = "#other"),
        ];

        Assert.Equal([], breaches.Where(breach => FhirValidator.Faults(Broken(breach.Break)).Count == 0).Select(breach => breach.Name));
    }

    [Fact]
    public async Task A_broken_resource_on_the_server_of_the_tests_fails_its_test()
    {
        FhirServer server = await FhirServer.StartAsync(CancellationToken.None);
        using HttpClient client = new();
        using ReadOnlyMemoryContent content = new(Broken(resource => resource.Remove("subject")))
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/fhir+json") }
        };
        (await client.PostAsync(server.Endpoint, content)).Dispose();

        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => server.DisposeAsync().AsTask());
    }

    /// <summary>
    /// All kinds of white space, controls, lone surrogates, characters of JSON and HTML, nearly valid forms, and lengths.
    /// </summary>
    private static IEnumerable<string> Hostile()
    {
        IEnumerable<int> characters =
        [
            .. Enumerable.Range(0, 0xB0),
            0x1680,
            0x180E,
            .. Enumerable.Range(0x2000, 0x10),
            .. Enumerable.Range(0x2028, 8),
            0x205F,
            0x2060,
            0x3000,
            0xE000
        ];
        foreach (char character in characters.Select(code => (char)code))
        {
            yield return character.ToString();
            yield return $"A{character}B";
        }

        string[] others =
            ["\uFEFF", "\uFFFE", "\uFFFF", "\uD800", "\uDC00\uD800", "\U0001F600", "urn:", "urn: x", "http://", "http://a b", "https://x/\u00A0", "1.2.3", "1..2", ".", "\\", "a\\b", "\\\\",
            "^", "^^^^", "=", "==", "a=b=c=d", "{\"a\":1}", "</script>", "&amp;", "%00", "%ZZ", "2024-02-29", "00000000", "99999999",
            "+9999", "NaN", "null", new string('x', 40000), new string(' ', 300), new string('\uD83D', 2000)];
        foreach (string text in others)
        {
            yield return text;
        }
    }

    private static ReadOnlyMemory<byte> Write(SampleRevision revision, StoredImagingStudy? stored = null)
        => Writer.Write(SampleRevision.Key(), revision.ToEvent(), stored);

    private static JsonObject Sample() => (JsonObject)JsonNode.Parse(Write(new SampleRevision()).Span)!;

    private static byte[] Broken(Action<JsonObject> damage)
    {
        JsonObject resource = Sample();
        damage(resource);
        return Encoding.UTF8.GetBytes(resource.ToJsonString());
    }

    private static void AssertValid(IEnumerable<TestFile> files)
    {
        IGrouping<StudyKey, InstanceArrival>[] studies = [.. files.Where(file => file.Expectation != Expectation.Reject)
            .Select(Receive)
            .OfType<InstanceArrival>()
            .GroupBy(arrival => arrival.Study)];

        Assert.NotEmpty(studies);
        Assert.All(studies, study => AssertValid(Writer.Write(study.Key, SettledStudy.Of(study.Key, study), null)));
    }

    private static void AssertValid(ReadOnlyMemory<byte> resource) => Assert.Empty(FhirValidator.Faults(resource));

    /// <summary>Returns null for an odd file that may be refused, and is.</summary>
    private static InstanceArrival? Receive(TestFile file)
    {
        try
        {
            return SettledStudy.Receive(file.Bytes);
        }
        catch (Exception exception) when (file.Expectation == Expectation.Either && exception is DicomParseException or FormatException)
        {
            return null;
        }
    }
}
