using System.Text;
using ImagingIngestion.Bindings;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Stow;
using ImagingIngestion.Bindings.Webhook;
using ImagingIngestion.Manifest.Events;
using Microsoft.Extensions.Configuration;
using static ImagingIngestion.Silo.Tests.Startup.GivenSettings;

namespace ImagingIngestion.Silo.Tests.Startup;

public sealed class BindingSettingsTests
{
    private const string Stow = "http://archive.example.org/dicom-web/studies";

    [Fact]
    public void Without_settings_there_are_no_bindings() => Assert.Empty(Read());

    [Fact]
    public void A_section_declares_a_binding_and_its_key_says_the_kind()
    {
        IReadOnlyList<BindingOptions> bindings = Read(
            ("Imaging:Bindings:archive:STOW_ENDPOINT", Stow),
            ("Imaging:Bindings:records:FHIR_ENDPOINT", "https://fhir.example.org/r4/ImagingStudy"),
            ("Imaging:Bindings:hook:WEBHOOK_ENDPOINT", "https://hook.example.org/in?x=1"));

        Assert.Equal(["archive", "hook", "records"], bindings.Select(binding => binding.Name));
        Assert.Equal(new BindingOptions
        {
            Name = "archive",
            Stow = new StowBindingOptions { Target = new HttpTargetOptions { Endpoint = new Uri(Stow) } }
        }, Same(bindings[0]));
        Assert.Equal("https://hook.example.org/in?x=1", bindings[1].Webhook!.Target.Endpoint.AbsoluteUri);
        Assert.Equal("https://fhir.example.org/r4/ImagingStudy", bindings[2].Fhir!.Target.Endpoint.AbsoluteUri);
    }

    [Fact]
    public void Environment_names_in_capitals_declare_the_same_bindings()
    {
        BindingOptions binding = Assert.Single(
            Read(("Imaging:Bindings:MAIN_ARCHIVE:STOW_ENDPOINT", Stow), ("IMAGING:BINDINGS:MAIN_ARCHIVE:RETRY:MAXATTEMPTS", "7")));

        Assert.Equal("main-archive", binding.Name);
        Assert.Equal(7, binding.Retry.MaxAttempts);
    }

    [Fact]
    public void The_keys_of_existing_config_maps_work_as_they_are()
    {
        BindingOptions stow = Read(
            ("STOW_ENDPOINT", Stow), ("INSECURE_SKIP_VERIFY", "true"), ("STOW_AUTH_USERNAME", "u"), ("STOW_AUTH_PASSWORD", "p")).Single();
        BindingOptions token = Read(("STOW_ENDPOINT", Stow), ("STOW_AUTH_TOKEN", "t")).Single();
        BindingOptions fhir = Read(
            ("FHIR_ENDPOINT", "https://fhir/ImagingStudy"),
            ("IMAGINGSTUDY_ENDPOINT", "https://wado/wado-rs"),
            ("FHIR_AUTH_USERNAME", "u"),
            ("FHIR_AUTH_PASSWORD", "p")).Single();

        Assert.Equal("stow", stow.Name);
        Assert.True(stow.Stow!.Target.InsecureSkipVerify);
        Assert.Equal(("u", "p"), (stow.Stow.Target.Username, stow.Stow.Target.Password));
        Assert.Equal("t", token.Stow!.Target.Token);
        Assert.Equal("fhir", fhir.Name);
        Assert.Equal("u", fhir.Fhir!.Target.Username);
        Assert.Equal("https://wado/wado-rs", fhir.Fhir.ImagingStudyEndpoint!.AbsoluteUri);
    }

    [Fact]
    public void One_environment_can_hold_each_kind_and_a_sink()
    {
        IReadOnlyList<BindingOptions> bindings = Read(
            ("STOW_ENDPOINT", Stow), ("FHIR_ENDPOINT", "http://fhir/ImagingStudy"), ("WEBHOOK_ENDPOINT", "http://hook/"),
            ("WEBHOOK_AUTH_TOKEN", "secret"), ("K_SINK", "http://broker/"));

        Assert.Equal(["stow", "fhir", "webhook", "sink"], bindings.Select(binding => binding.Name));
        Assert.Equal("secret", bindings[2].Webhook!.Target.Token);
        Assert.Null(bindings[3].Webhook!.Target.Token);
    }

    [Fact]
    public void The_binding_of_an_environment_can_be_named()
    {
        Assert.Equal("archive", Read(("STOW_ENDPOINT", Stow), ("BINDING_NAME", "archive")).Single().Name);
        Assert.Equal(
            ["archive", "archive-sink"],
            Read(("STOW_ENDPOINT", Stow), ("K_SINK", "http://broker/"), ("BINDING_NAME", "archive")).Select(binding => binding.Name));
        Assert.Equal("events", Read(("K_SINK", "http://broker/"), ("BINDING_NAME", "events")).Single().Name);
    }

    [Fact]
    public void The_path_of_the_service_is_added_where_it_is_missing()
    {
        Assert.Equal(Stow, Read(("STOW_ENDPOINT", "http://archive.example.org/dicom-web/")).Single().Stow!.Target.Endpoint.AbsoluteUri);
        Assert.Equal("http://fhir/r4/ImagingStudy", Read(("FHIR_ENDPOINT", "http://fhir/r4")).Single().Fhir!.Target.Endpoint.AbsoluteUri);
    }

    [Fact]
    public void Everything_that_can_be_set_is_read()
    {
        BindingOptions binding = Read(
            ("STOW_ENDPOINT", Stow), ("STOW_OAUTH2_TOKEN_URL", "https://id/token"), ("STOW_OAUTH2_CLIENT_ID", "id"),
            ("STOW_OAUTH2_CLIENT_SECRET", "secret"), ("STOW_OAUTH2_SCOPE", "a b"),
            ("STOW_CLIENT_CERTIFICATE", "c.pem"),
            ("STOW_CLIENT_KEY", "k.pem"),
            ("STOW_CLIENT_CERTIFICATE_PASSWORD", "pw"),
            ("STOW_CA_FILE", "ca.pem"),
            ("STOW_CONNECT_TIMEOUT", "3s"), ("STOW_IDLE_TIMEOUT", "2m"), ("STOW_ANSWER_TIMEOUT", "9m"), ("STOW_TRUST_STATUS", "true"),
            ("STOW_INSTANCES_PER_REQUEST", "5"), ("STOW_BYTES_PER_REQUEST", "1M"),
            ("BINDING_PROVIDERS", "default, east"), ("BINDING_MODALITIES", "ct,MR,CT"), ("BINDING_CALLING_AE_TITLES", "SCANNER 1"),
            ("BINDING_START", "beginning"), ("BINDING_CONCURRENCY", "9"), ("BINDING_LEASE", "20s"),
            ("BINDING_RETRY_FIRST_DELAY", "2s"), ("BINDING_RETRY_MAX_DELAY", "1m"), ("BINDING_RETRY_MAX_ATTEMPTS", "5"),
            ("BINDING_RETRY_BREAK_AFTER", "3"), ("BINDING_RETRY_FIRST_BREAK", "4s"), ("BINDING_RETRY_MAX_BREAK", "8s")).Single();

        Assert.Equal(
            new StowBindingOptions
            {
                InstancesPerRequest = 5,
                BytesPerRequest = 1 << 20,
                TrustsStatus = true,
                Target = new HttpTargetOptions
                {
                    Endpoint = new Uri(Stow), OAuth2TokenUrl = new Uri("https://id/token"), OAuth2ClientId = "id",
                    OAuth2ClientSecret = "secret", OAuth2Scope = "a b", ClientCertificateFile = "c.pem",
                    ClientKeyFile = "k.pem", ClientCertificatePassword = "pw", CaFile = "ca.pem", ConnectTimeout = TimeSpan.FromSeconds(3),
                    IdleTimeout = TimeSpan.FromMinutes(2), AnswerTimeout = TimeSpan.FromMinutes(9),
                },
            },
            binding.Stow);
        Assert.Equal(["default", "east"], binding.Providers);
        Assert.Equal(["CT", "MR"], binding.Modalities);
        Assert.Equal(["SCANNER 1"], binding.CallingAeTitles);
        Assert.True(binding.StartsAtBeginning);
        Assert.Equal(9, binding.Concurrency);
        Assert.Equal(TimeSpan.FromSeconds(20), binding.Lease);
        Assert.Equal(
            new RetryOptions
            {
                FirstDelay = TimeSpan.FromSeconds(2), MaxDelay = TimeSpan.FromMinutes(1), MaxAttempts = 5, BreakAfter = 3,
                FirstBreak = TimeSpan.FromSeconds(4), MaxBreak = TimeSpan.FromSeconds(8),
            },
            binding.Retry);
    }

    [Fact]
    public void A_webhook_chooses_its_events_and_how_they_are_sent()
    {
        WebhookBindingOptions webhook = Read(
            ("WEBHOOK_ENDPOINT", "http://hook/"), ("WEBHOOK_MODE", "structured"), ("WEBHOOK_TYPES", "studyrevisionevent"),
            ("WEBHOOK_SIGNING_KEY", "key"), ("WEBHOOK_AUTH_TOKEN_FILE", "token")).Single().Webhook!;

        Assert.True(webhook.IsStructured);
        Assert.Equal(["StudyRevisionEvent"], webhook.Types);
        Assert.Equal("key", webhook.SigningKey);
        Assert.Equal("token", webhook.Target.TokenFile);
    }

    [Fact]
    public void Every_event_has_the_name_that_a_webhook_chooses_it_by()
        => Assert.All(EventTypes.All, type => Assert.Equal(
            [type.Name()], Read(("WEBHOOK_ENDPOINT", "http://hook/"), ("WEBHOOK_TYPES", type.Name())).Single().Webhook!.Types));

    [Fact]
    public void Lists_of_a_configuration_file_are_read_too()
    {
        ConfigurationBuilder builder = new();
        builder.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(
            """{"Imaging":{"Bindings":{"archive":{"STOW_ENDPOINT":"http://a/studies","Modalities":["CT","mr"],"Retry":{"MaxAttempts":3}}}}}""")));
        IConfigurationRoot configuration = builder.Build();
        GivenSettings given = Of(configuration);

        Assert.Empty(given.Mistakes);
        BindingOptions binding = Assert.Single(given.Bindings);
        Assert.Equal(["CT", "MR"], binding.Modalities);
        Assert.Equal(3, binding.Retry.MaxAttempts);
    }

    [Theory]
    [InlineData("IMAGING__BINDINGS__A__STOW_ENDPOINT", "Imaging:Bindings:a:Concurrency=2")]
    [InlineData(
        "exactly one", "Imaging:Bindings:a:STOW_ENDPOINT=http://a/studies", "Imaging:Bindings:a:FHIR_ENDPOINT=http://a/ImagingStudy")]
    [InlineData("IMAGING__BINDINGS__A__STOW_TOKEN", "Imaging:Bindings:a:STOW_ENDPOINT=http://a/studies", "Imaging:Bindings:a:STOW_TOKEN=x")]
    [InlineData(
        "IMAGING__BINDINGS__A__RETRY__TIMES", "Imaging:Bindings:a:STOW_ENDPOINT=http://a/studies", "Imaging:Bindings:a:Retry:Times=3")]
    [InlineData(
        "IMAGING__BINDINGS__A__FHIR_AUTH_TOKEN",
        "Imaging:Bindings:a:STOW_ENDPOINT=http://a/studies",
        "Imaging:Bindings:a:FHIR_AUTH_TOKEN=x")]
    [InlineData("rename the section", "Imaging:Bindings:9a:STOW_ENDPOINT=http://a/studies")]
    [InlineData("declared 2 times", "Imaging:Bindings:stow:STOW_ENDPOINT=http://a/studies", "STOW_ENDPOINT=http://b/studies")]
    [InlineData("declared 2 times", "BINDING_NAME=a", "FHIR_ENDPOINT=http://a/ImagingStudy", "STOW_ENDPOINT=http://b/studies")]
    [InlineData("BINDING_NAME", "BINDING_NAME=A b", "STOW_ENDPOINT=http://b/studies")]
    [InlineData("set STOW_ENDPOINT", "STOW_ENDPOINT=archive:8080")]
    [InlineData("set STOW_ENDPOINT", "STOW_ENDPOINT=http://user:secret@archive/studies")]
    [InlineData("set STOW_ENDPOINT", "STOW_ENDPOINT=http://archive/studies?x=1")]
    [InlineData("set FHIR_ENDPOINT", "FHIR_ENDPOINT=ftp://archive/")]
    [InlineData("STOW_AUTH_TOKEN", "STOW_ENDPOINT=http://a/studies", "STOW_AUTH_USERNAME=u", "STOW_AUTH_PASSWORD=p", "STOW_AUTH_TOKEN=t")]
    [InlineData("STOW_AUTH_PASSWORD", "STOW_ENDPOINT=http://a/studies", "STOW_AUTH_USERNAME=u")]
    [InlineData(
        "STOW_OAUTH2_CLIENT_SECRET", "STOW_ENDPOINT=http://a/studies", "STOW_OAUTH2_TOKEN_URL=http://id/", "STOW_OAUTH2_CLIENT_ID=i")]
    [InlineData("STOW_CLIENT_CERTIFICATE", "STOW_ENDPOINT=http://a/studies", "STOW_CLIENT_KEY=k.pem")]
    [InlineData("INSECURE_SKIP_VERIFY", "STOW_ENDPOINT=http://a/studies", "INSECURE_SKIP_VERIFY=maybe")]
    [InlineData("BINDING_CALLING_AE_TITLES", "FHIR_ENDPOINT=http://a/ImagingStudy", "BINDING_CALLING_AE_TITLES=A")]
    [InlineData("WEBHOOK_TYPES", "WEBHOOK_ENDPOINT=http://a/", "BINDING_CALLING_AE_TITLES=A")]
    [InlineData("set WEBHOOK_TYPES", "WEBHOOK_ENDPOINT=http://a/", "WEBHOOK_TYPES=Everything")]
    [InlineData("set WEBHOOK_MODE", "WEBHOOK_ENDPOINT=http://a/", "WEBHOOK_MODE=fast")]
    [InlineData("set BINDING_MODALITIES", "WEBHOOK_ENDPOINT=http://a/", "BINDING_MODALITIES=C\\T")]
    [InlineData("set BINDING_PROVIDERS", "WEBHOOK_ENDPOINT=http://a/", "BINDING_PROVIDERS=../x")]
    [InlineData("set BINDING_CONCURRENCY", "WEBHOOK_ENDPOINT=http://a/", "BINDING_CONCURRENCY=0")]
    [InlineData("set BINDING_LEASE", "WEBHOOK_ENDPOINT=http://a/", "BINDING_LEASE=2h")]
    [InlineData("set BINDING_START", "WEBHOOK_ENDPOINT=http://a/", "BINDING_START=yesterday")]
    [InlineData("set BINDING_RETRY_MAX_DELAY", "WEBHOOK_ENDPOINT=http://a/", "BINDING_RETRY_FIRST_DELAY=10s", "BINDING_RETRY_MAX_DELAY=1s")]
    [InlineData("set BINDING_RETRY_MAX_BREAK", "WEBHOOK_ENDPOINT=http://a/", "BINDING_RETRY_FIRST_BREAK=10s", "BINDING_RETRY_MAX_BREAK=1s")]
    [InlineData("set STOW_BYTES_PER_REQUEST", "STOW_ENDPOINT=http://a/", "STOW_BYTES_PER_REQUEST=-1")]
    public void A_mistake_names_what_to_set(string expected, params string[] given)
    {
        IReadOnlyList<string> mistakes = Of(given.Select(pair => (pair.Split('=', 2)[0], pair.Split('=', 2)[1]))).Mistakes;

        Assert.Contains(expected, Assert.Single(mistakes), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", mistakes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void More_bindings_than_one_process_can_run_are_a_mistake()
    {
        IReadOnlyList<string> mistakes = Of(
            Enumerable.Range(0, 33).Select(number => ($"Imaging:Bindings:b{number}:WEBHOOK_ENDPOINT", "http://hook/"))).Mistakes;

        Assert.Contains("at most 32", Assert.Single(mistakes), StringComparison.Ordinal);
    }

    /// <summary>Returns a binding without its section and with the default lists, which compare by reference.</summary>
    private static BindingOptions Same(BindingOptions binding)
    {
        BindingOptions defaults = new();
        return binding with
        {
            DeclaredIn = null, Providers = defaults.Providers, Modalities = defaults.Modalities, CallingAeTitles = defaults.CallingAeTitles,
        };
    }
}
