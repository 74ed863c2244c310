using ImagingIngestion.Gateways;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Grains.Events;
using ImagingIngestion.Grains.Revisions;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Hosting;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.Storage;

namespace ImagingIngestion.Silo.Tests.Startup;

public sealed class SettingsTests
{
    [Fact]
    public void Every_setting_has_a_default()
    {
        GivenSettings options = GivenSettings.Of();

        Assert.Empty(options.Mistakes);
        Assert.Equal(["http://127.0.0.1:8080"], options.Server.Urls);
        Assert.Equal(new StorageOptions(), options.Storage);
        Assert.Equal(new ProviderOptions(), options.Provider);
        Assert.Equal(new IngestOptions(), options.Ingest);
        Assert.Equal(new GrainOptions(), options.Grains);
        Assert.Equal(new RevisionOptions(), options.Revisions);
        Assert.Equal(new EventOptions(), options.Events);
        Assert.Equal(new DimseLimitOptions(), options.Dimse.Limits);
        Assert.Equal(Path.Combine(".", "data", "objects"), options.Storage.ObjectsFolder);
        Assert.Equal(Path.Combine(".", "data", "manifest.db"), options.Storage.ManifestFile);
    }

    [Fact]
    public void Objects_and_manifest_follow_the_data_folder_unless_moved()
    {
        StorageOptions moved = Read(("--data", "/srv/x"), ("--manifest", "/fast/m.db")).Storage;

        Assert.Equal("/srv/x/objects", moved.ObjectsFolder);
        Assert.Equal("/fast/m.db", moved.ManifestFile);
    }

    [Fact]
    public void The_command_line_wins_over_configuration_and_this_over_the_old_names()
    {
        Assert.Equal(["http://a:1"], Read(("--urls", "http://a:1"), ("Imaging:Server:Urls", "http://b:2")).Server.Urls);
        Assert.Equal("new", Read(("Imaging:Provider:Name", "new"), ("PROVIDER_NAME", "old")).Provider.Name);
        Assert.Equal("old", Read(("PROVIDER_NAME", "old")).Provider.Name);
    }

    [Fact]
    public void The_old_names_work_as_they_are()
    {
        GivenSettings options = Read(
            ("MAX_STOW_SIZE", "512M"),
            ("WADO_EXTERNAL_ENDPOINT", "https://x-wado.example.org/wado-rs"),
            ("WADO_INTERNAL_ENDPOINT", "http://x-wado.imaging.svc/wado-rs/"),
            ("BUCKET_NAME", "images"), ("EVENT_SOURCE", "urn:site:1"), ("REVISIONING_DELAY", "90"));

        Assert.Equal(512L << 20, options.Ingest.MaxStowSize);
        Assert.Equal("https://x-wado.example.org", options.Server.BaseUrl);
        Assert.Equal(
            new EventOptions { Source = "urn:site:1", BucketName = "images", WadoInternalEndpoint = "http://x-wado.imaging.svc/wado-rs" },
            options.Events);
        Assert.Equal(TimeSpan.FromSeconds(90), options.Grains.RevisioningDelay);
    }

    [Theory]
    [InlineData("90", 90)]
    [InlineData("1.5s", 1.5)]
    [InlineData("2m", 120)]
    [InlineData("1H", 3600)]
    public void Times_are_seconds_or_have_a_unit(string text, double seconds)
        => Assert.Equal(TimeSpan.FromSeconds(seconds), Read(("Imaging:Ingest:RequestDeadline", text)).Ingest.RequestDeadline);

    [Theory]
    [InlineData("replace", DuplicatePolicy.Replace)]
    [InlineData("Keep-First", DuplicatePolicy.KeepFirst)]
    [InlineData("reject", DuplicatePolicy.Reject)]
    public void The_duplicate_policy_is_a_word(string text, DuplicatePolicy policy)
        => Assert.Equal(policy, Read(("Imaging:Ingest:DuplicatePolicy", text)).Ingest.DuplicatePolicy);

    [Theory]
    [InlineData("Imaging:Server:Urls", "IMAGING__SERVER__URLS", "https://127.0.0.1:8080")]
    [InlineData("Imaging:Server:Urls", "--urls", "http://127.0.0.1:8080/path")]
    [InlineData("Imaging:Server:Urls", "--urls", "http://127.0.0.1:99999")]
    [InlineData("Imaging:Server:Urls", "--urls", ";")]
    [InlineData("Imaging:Server:BaseUrl", "WADO_EXTERNAL_ENDPOINT", "pacs.example.org")]
    [InlineData("Imaging:Provider:Name", "PROVIDER_NAME", "../x")]
    [InlineData("Imaging:Ingest:MaxStowSize", "MAX_STOW_SIZE", "9999999999999G")]
    [InlineData("Imaging:Ingest:MaxStowSize", "MAX_STOW_SIZE", "-1")]
    [InlineData("Imaging:Ingest:RequestDeadline", "IMAGING__INGEST__REQUESTDEADLINE", "s")]
    [InlineData("Imaging:Ingest:RequestDeadline", "IMAGING__INGEST__REQUESTDEADLINE", "0")]
    [InlineData("Imaging:Ingest:DuplicatePolicy", "IMAGING__INGEST__DUPLICATEPOLICY", "sometimes")]
    [InlineData("Imaging:Grains:BatchSize", "IMAGING__GRAINS__BATCHSIZE", "0")]
    [InlineData("Imaging:Grains:RevisioningDelay", "REVISIONING_DELAY", "soon")]
    [InlineData("Imaging:Revisions:Lease", "IMAGING__REVISIONS__LEASE", "0.1s")]
    [InlineData("Imaging:Events:Source", "EVENT_SOURCE", "two words")]
    [InlineData("Imaging:Events:Retention", "IMAGING__EVENTS__RETENTION", "for ever")]
    [InlineData("Imaging:Events:BucketName", "BUCKET_NAME", "b\u00fccket")]
    [InlineData("Imaging:Events:WadoInternalEndpoint", "WADO_INTERNAL_ENDPOINT", "wado.svc/wado-rs")]
    [InlineData("Imaging:Events:WadoEndpoints", "WADO_ENDPOINTS", "other=wado.svc/wado-rs")]
    [InlineData("Imaging:Events:WadoEndpoints", "WADO_ENDPOINTS", "other=http://a/wado-rs;other=http://b/wado-rs")]
    [InlineData("Imaging:Events:WadoEndpoints", "WADO_ENDPOINTS", "http://a/wado-rs")]
    public void A_mistake_names_what_to_set(string key, string name, string value)
    {
        Assert.Contains(name, Assert.Single(GivenSettings.Of((key, value)).Mistakes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("http://0.0.0.0:80")]
    [InlineData("http://[::]:8080/")]
    [InlineData("http://*:8080")]
    [InlineData("http://+:8080;http://localhost:8081")]
    [InlineData("http://127.0.0.1:0")]
    public void These_addresses_can_be_listened_on(string urls) => Assert.NotEmpty(Read(("--urls", urls)).Server.Urls);

    [Fact]
    public void All_mistakes_are_collected()
    {
        IReadOnlyList<string> mistakes = GivenSettings.Of(ProcessSections.Of(ProcessKind.Silo)
            .Where(section => section != StorageOptions.Section)
            .SelectMany(section => section.Settings)
            .Where(setting => !setting.IsTopLevel)
            .Select(setting => (setting.ConfigurationKey, "\u0001 no"))).Mistakes;

        Assert.Equal(mistakes.Count, mistakes.Distinct(StringComparer.Ordinal).Count());
        string[] sections =
        [
            "Roles", "Server:", "Provider:", "Ingest:", "Grains:", "Revisions:", "Events:", "Commitment:", "Dimse:", "Cluster:"
        ];
        Assert.All(sections, section => Assert.Contains(mistakes, mistake => mistake.StartsWith(section, StringComparison.Ordinal)));
        Assert.True(mistakes.Count > 60, $"{mistakes.Count} mistakes");
    }

    private static GivenSettings Read(params (string Name, string Value)[] given) => GivenSettings.Accepted(ProcessKind.Silo, given);
}
