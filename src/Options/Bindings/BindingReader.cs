namespace ImagingIngestion.Options;

/// <summary>Reads one binding whose kind is known.</summary>
internal static class BindingReader
{
    /// <summary>Where Knative says events are to be posted.</summary>
    public const string SinkKey = "K_SINK";

    private const string RevisionEvent = "StudyRevisionEvent";

    private static readonly string[] EventNames = ["ImageStoredEvent", "DicomAvailableEvent", RevisionEvent];

    /// <summary>Reads the binding; mistakes are with the reader.</summary>
    /// <param name="settings">Where its settings stand.</param>
    /// <param name="kind">The key that is set: that of the endpoint or host.</param>
    public static BindingOptions Read(BindingSettings settings, string kind)
    {
        BindingOptions common = Common(settings);
        BindingOptions binding = kind switch
        {
            "STOW_ENDPOINT" => common with { Stow = Stow(settings) },
            DimseTargetReader.HostKey => common with { Dimse = DimseTargetReader.Read(settings) },
            "FHIR_ENDPOINT" => common with { Fhir = Fhir(settings) },
            SinkKey => common with { Webhook = new WebhookBindingOptions { Target = HttpTargetReader.ReadBare(settings, SinkKey) } },
            _ => common with { Webhook = Webhook(settings) },
        };
        if (binding.CallingAeTitles.Count > 0 && DeliversRevisions(binding))
        {
            string instead = binding.Fhir is not null ? "" : ", or leave StudyRevisionEvent out of WEBHOOK_TYPES";
            settings.Reader.AddMistake(
                settings.Common("CallingAeTitles", "CALLING_AE_TITLES"),
                "cannot select study revisions, which several senders may have made; take it away" + instead);
        }

        settings.AddUnknownKeys();
        return binding;
    }

    private static bool DeliversRevisions(BindingOptions binding)
        => binding.Fhir is not null
            || (binding.Webhook is { } webhook && (webhook.Types.Count == 0 || webhook.Types.Contains(RevisionEvent)));

    private static BindingOptions Common(BindingSettings settings)
    {
        BindingOptions defaults = new() { Name = settings.Name };
        return new BindingOptions
        {
            Name = settings.Name,
            Providers = settings.List(
                settings.Common("Providers", "PROVIDERS"),
                "the name of a storage space",
                value => ProviderOptions.IsName(value) ? value : null),
            Modalities = settings.List(
                settings.Common("Modalities", "MODALITIES"),
                "a modality such as CT",
                value => IsModality(value) ? value.ToUpperInvariant() : null),
            CallingAeTitles = settings.List(
                settings.Common("CallingAeTitles", "CALLING_AE_TITLES"),
                "an AE title of at most 16 characters",
                value => DimseReader.IsAeTitle(value) ? value : null),
            StartsAtBeginning = settings.Reader.Choice(settings.Common("Start", "START"), false, ("now", false), ("beginning", true)),
            Concurrency = settings.Reader.Integer(settings.Common("Concurrency", "CONCURRENCY"), defaults.Concurrency, 1, 64),
            Retry = Retry(settings),
        };
    }

    private static RetryOptions Retry(BindingSettings settings)
    {
        RetryOptions defaults = new();
        SettingsReader reader = settings.Reader;
        TimeSpan least = TimeSpan.FromMilliseconds(10);
        Setting maxDelay = settings.Common("Retry:MaxDelay", "RETRY_MAX_DELAY");
        Setting maxBreak = settings.Common("Retry:MaxBreak", "RETRY_MAX_BREAK");
        RetryOptions retry = new()
        {
            FirstDelay = reader.Duration(
                settings.Common("Retry:FirstDelay", "RETRY_FIRST_DELAY"), defaults.FirstDelay, least, TimeSpan.FromHours(1)),
            MaxDelay = reader.Duration(maxDelay, defaults.MaxDelay, least, TimeSpan.FromDays(7)),
            MaxAttempts = reader.Integer(settings.Common("Retry:MaxAttempts", "RETRY_MAX_ATTEMPTS"), defaults.MaxAttempts, 1, 100_000),
            BreakAfter = reader.Integer(settings.Common("Retry:BreakAfter", "RETRY_BREAK_AFTER"), defaults.BreakAfter, 1, 1000),
            FirstBreak = reader.Duration(
                settings.Common("Retry:FirstBreak", "RETRY_FIRST_BREAK"), defaults.FirstBreak, least, TimeSpan.FromHours(1)),
            MaxBreak = reader.Duration(maxBreak, defaults.MaxBreak, least, TimeSpan.FromDays(1)),
        };
        if (retry.MaxDelay < retry.FirstDelay)
        {
            reader.AddMistake(maxDelay, "must not be shorter than the first delay");
        }

        if (retry.MaxBreak < retry.FirstBreak)
        {
            reader.AddMistake(maxBreak, "must not be shorter than the first break");
        }

        return retry;
    }

    private static StowBindingOptions Stow(BindingSettings settings)
    {
        HttpTargetOptions target = HttpTargetReader.Read(settings, "STOW");
        StowBindingOptions defaults = new() { Target = target };
        return new StowBindingOptions
        {
            Target = target with { Endpoint = EndingIn("/studies", settings, "STOW_ENDPOINT", target.Endpoint) },
            InstancesPerRequest = settings.Reader.Integer(
                settings.Key("STOW_INSTANCES_PER_REQUEST"), defaults.InstancesPerRequest, 1, 1000),
            BytesPerRequest = settings.Reader.Size(settings.Key("STOW_BYTES_PER_REQUEST"), defaults.BytesPerRequest, 1, 1L << 40),
            TrustsStatus = settings.Flag(settings.Key("STOW_TRUST_STATUS")),
        };
    }

    private static FhirBindingOptions Fhir(BindingSettings settings)
    {
        HttpTargetOptions target = HttpTargetReader.Read(settings, "FHIR");

        // Old documents disagree about the name.
        Setting endpoint = settings.Key("IMAGING_STUDY_ENDPOINT");
        Setting other = settings.Key("IMAGINGSTUDY_ENDPOINT");
        return new FhirBindingOptions
        {
            Target = target with { Endpoint = EndingIn("/ImagingStudy", settings, "FHIR_ENDPOINT", target.Endpoint) },
            ImagingStudyEndpoint = settings.Url(settings.IsGiven(endpoint) ? endpoint : other),
            PatientIdSystem = settings.Text(settings.Key("FHIR_PATIENT_ID_SYSTEM"), mostCharacters: 256),
            OverwritesSubject = settings.Flag(settings.Key("FHIR_OVERWRITE_SUBJECT")),
        };
    }

    private static WebhookBindingOptions Webhook(BindingSettings settings) => new()
    {
        Target = HttpTargetReader.Read(settings, "WEBHOOK"),
        IsStructured = settings.Reader.Choice(settings.Key("WEBHOOK_MODE"), false, ("binary", false), ("structured", true)),
        Types = settings.List(
            settings.Key("WEBHOOK_TYPES"),
            "one of " + string.Join(", ", EventNames),
            value => EventNames.FirstOrDefault(name => string.Equals(name, value, StringComparison.OrdinalIgnoreCase))),
        SigningKey = settings.Text(settings.Key("WEBHOOK_SIGNING_KEY"), mostCharacters: 1024),
    };

    /// <summary>The service behind an endpoint is always the same path; one that is given without it gets it.</summary>
    private static Uri EndingIn(string path, BindingSettings settings, string key, Uri endpoint)
    {
        if (endpoint.Query.Length > 0)
        {
            settings.Reader.AddMistake(settings.Key(key), "must have no query");
            return endpoint;
        }

        string text = endpoint.AbsoluteUri.TrimEnd('/');
        return new Uri(text.EndsWith(path, StringComparison.Ordinal) ? text : text + path);
    }

    private static bool IsModality(string text)
        => text.Length is > 0 and <= 16 && text.All(character => char.IsAsciiLetterOrDigit(character) || character is ' ' or '_');
}
