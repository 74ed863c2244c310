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

/// <summary>Every resource is valid against the published definitions of FHIR R4, in Node.</summary>
public sealed class FhirValidationTests : IDisposable
{
    private static readonly ImagingStudyWriter Writer = new(new Uri(FixedSpaces.External), "urn:oid:1.2.3.4");

    private readonly string _folder = Directory.CreateTempSubdirectory("imaging-fhir-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ToolFact(Tools.Node, Tools.NodeModules)]
    public async Task Resources_of_generated_files_are_valid() => await AssertAllValidAsync(Write(TestFiles.All));

    [ToolFact(Tools.Node, Tools.NodeModules, Tools.Corpus)]
    public async Task Resources_of_the_corpus_are_valid() => await AssertAllValidAsync(Write(Corpus.Files()));

    [ToolFact(Tools.Node, Tools.NodeModules)]
    public async Task No_value_of_a_data_set_makes_a_resource_invalid()
    {
        int count = 0;
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

            Save($"all-{count}", Writer.Write(SampleRevision.Key(), revision.ToEvent(), null));
            Save($"issuer-{count++}", Writer.Write(
                SampleRevision.Key(),
                new SampleRevision { Number = long.MaxValue }.With(DicomTag.IssuerOfPatientID, value).ToEvent(),
                null));
        }

        await AssertAllValidAsync(2 * count);
    }

    [ToolFact(Tools.Node, Tools.NodeModules)]
    public async Task Resources_that_replace_others_are_valid()
    {
        JsonObject before = (JsonObject)JsonNode.Parse(Writer.Write(SampleRevision.Key(), new SampleRevision().ToEvent(), null).Span)!;
        before["id"] = "a-1";
        before["meta"] = JsonNode.Parse("""{"versionId":"4","tag":[{"system":"urn:x","code":"y"}],"security":[]}""");
        using System.Text.Json.JsonDocument document = System.Text.Json.JsonDocument.Parse(before.ToJsonString());
        StoredImagingStudy stored = StoredImagingStudy.Read(document.RootElement, SampleRevision.Key())!;

        Save("updated", Writer.Write(SampleRevision.Key(), new SampleRevision { Revision = 1 }.ToEvent(), stored));
        Save("deleted", Writer.Write(SampleRevision.Key(), new SampleRevision { Revision = 1, Instances = 0 }.ToEvent(), stored));
        Save("deleted-unknown", Writer.Write(
            SampleRevision.Key(), new SampleRevision { Revision = 1, Instances = 0 }.ToEvent(), stored with { Subject = default }));
        Save("bare", new ImagingStudyWriter(null, null).Write(
            SampleRevision.Key(),
            new SampleRevision { Attributes = new Dictionary<DicomTag, string?>(), Modality = null, Number = null }.ToEvent(),
            null));

        await AssertAllValidAsync(4);
    }

    [ToolFact(Tools.Node, Tools.NodeModules)]
    public async Task The_validator_refuses_what_is_broken()
    {
        (string Name, Action<JsonObject> Break)[] breaches =
        [
            ("no-subject", resource => resource.Remove("subject")),
            ("no-status", resource => resource.Remove("status")),
            ("odd-status", resource => resource["status"] = "there"),
            ("no-uid", resource => ((JsonObject)resource["series"]![0]!).Remove("uid")),
            ("no-modality", resource => ((JsonObject)resource["series"]![0]!).Remove("modality")),
            ("no-sop-class", resource => ((JsonObject)resource["series"]![0]!["instance"]![0]!).Remove("sopClass")),
            ("long-uid", resource => resource["series"]![0]!["uid"] = new string('1', 65)),
            ("negative", resource => resource["series"]![0]!["number"] = -1),
            ("time-without-zone", resource => resource["started"] = "2024-02-29T13:45:00"),
            ("empty-text", resource => resource["description"] = ""),
            ("control-character", resource => resource["description"] = "\u000B"),
            ("code-with-spaces", resource => resource["modality"]![0]!["code"] = " CT"),
            ("uri-with-space", resource => resource["identifier"]![0]!["system"] = "a b"),
            ("unknown-element", resource => resource["colour"] = "red"),
            ("endpoint-without-address", resource => ((JsonObject)resource["contained"]![0]!).Remove("address")),
        ];
        foreach ((string name, Action<JsonObject> damage) in breaches)
        {
            JsonObject resource =
                (JsonObject)JsonNode.Parse(Writer.Write(SampleRevision.Key(), new SampleRevision().ToEvent(), null).Span)!;
            damage(resource);
            Save(name, System.Text.Encoding.UTF8.GetBytes(resource.ToJsonString()));
        }

        JsonNode report = await ValidateAsync();

        Assert.Equal(
            breaches.Select(breach => $"{breach.Name}.json").Order(StringComparer.Ordinal),
            report["invalid"]!.AsObject().Select(pair => pair.Key).Order(StringComparer.Ordinal));
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

    private int Write(IEnumerable<TestFile> files)
    {
        int count = 0;
        foreach (IGrouping<StudyKey, InstanceArrival> study in files
            .Where(file => file.Expectation != Expectation.Reject)
            .Select(Receive)
            .OfType<InstanceArrival>()
            .GroupBy(arrival => arrival.Study))
        {
            Save($"study-{count++}", Writer.Write(study.Key, SettledStudy.Of(study.Key, study), null));
        }

        return count;
    }

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

    private void Save(string name, ReadOnlyMemory<byte> resource)
        => File.WriteAllBytes(Path.Combine(_folder, $"{name}.json"), resource.Span);

    private async Task AssertAllValidAsync(int count)
    {
        JsonNode report = await ValidateAsync();

        Assert.True(count > 0);
        Assert.Equal(count, (int)report["count"]!);
        Assert.True(
            report["invalid"]!.AsObject().Count == 0,
            report["invalid"]!.ToJsonString()[..Math.Min(4000, report["invalid"]!.ToJsonString().Length)]);
    }

    private async Task<JsonNode> ValidateAsync()
    {
        string script = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../js/validate.cjs"));
        (int code, string output, string error) = await ExternalProcess.RunAsync("node", [script, _folder], "", TimeSpan.FromMinutes(2));
        Assert.True(code == 0, error);
        return JsonNode.Parse(output)!;
    }
}
