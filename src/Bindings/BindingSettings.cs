using ImagingIngestion.Bindings.Dimse;
using ImagingIngestion.Bindings.Fhir;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Stow;
using ImagingIngestion.Bindings.Webhook;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Settings;

namespace ImagingIngestion.Bindings;

/// <summary>Reads the bindings of a process.</summary>
/// <remarks>
/// A binding stands in a section <c>Imaging:Bindings:&lt;name&gt;</c>; or the environment itself declares one for each kind of target, as
/// in a deployment with one ConfigMap.
/// </remarks>
public static class BindingSettings
{
    private const string Section = "Bindings";
    private const string SinkKey = "K_SINK";
    private const int MostBindings = 32;
    private const int MaxListLength = 64;
    private const string NameRule = "1 to 64 lower-case ASCII letters, digits or dashes, the first a letter";

    private static readonly TimeSpan LeastDelay = TimeSpan.FromMilliseconds(10);

    private static readonly BindingKind[] Kinds =
    [
        new(StowBindingOptions.EndpointKey, "stow", StowBindingOptions.Keys),
        new(DimseBindingOptions.HostKey, "dimse", DimseBindingOptions.Keys),
        new(FhirBindingOptions.EndpointKey, "fhir", FhirBindingOptions.Keys),
        new(WebhookBindingOptions.EndpointKey, "webhook", WebhookBindingOptions.Keys),
    ];

    /// <summary>A webhook of its own, without the credentials of another target.</summary>
    private static readonly BindingKind Sink = new(
        SinkKey, "sink", [HttpTargetOptions.Url(SinkKey, "Webhook:Target:Endpoint", "where Knative says events are to be posted")]);

    /// <summary>Names the binding that the environment itself declares.</summary>
    public static Setting OwnName { get; } = new(
        "BINDING_NAME",
        Form.Text("must have " + NameRule, text => IsName(text) ? text : null),
        "the name of the binding in the environment itself")
    {
        IsTopLevel = true, Default = "`stow`, `dimse`, `fhir`, `webhook` or `sink`", Path = "Bindings:OwnName",
    };

    /// <summary>The keys that every kind of binding has.</summary>
    public static IReadOnlyList<BindingKey> CommonKeys { get; } = NewCommonKeys(new BindingOptions());

    /// <summary>The keys of each kind, in the order of the table.</summary>
    public static IEnumerable<(string Kind, IReadOnlyList<BindingKey> Keys)> KeysOfKinds => Kinds.Select(kind => (kind.Name, kind.Keys));

    internal static void Read(SettingsReader reader)
    {
        List<string> names = [];
        ReadSections(reader, names);
        ReadEnvironment(reader, names);
        foreach (IGrouping<string, string> same in names.GroupBy(name => name).Where(group => group.Count() > 1))
        {
            reader.Mistakes.Add(
                $"The binding {same.Key} is declared {same.Count()} times; give each a name of its own ({OwnName.Names} names those of the "
                    + "environment)");
        }

        if (names.Count > MostBindings)
        {
            reader.Mistakes.Add(
                $"{names.Count} bindings are declared, and one process runs at most {MostBindings}; declare the others in another process");
        }
    }

    private static void ReadSections(SettingsReader reader, List<string> names)
    {
        foreach (string child in reader.Children(Section))
        {
            // Names of environment variables have no dashes and come in capitals.
            string name = child.ToLowerInvariant().Replace('_', '-');
            if (!IsName(name))
            {
                reader.Mistakes.Add($"{Setting.Root}:{Section}:{child} must be a name of {NameRule}; rename the section");
                continue;
            }

            string section = $"{Section}:{child}";
            BindingKind[] given = [.. Kinds.Where(kind => reader.Find(kind.Endpoint.In(section)) is not null)];
            if (given.Length == 1)
            {
                Declare(reader, names, name, given[0], section);
                AddUnknownKeys(reader, name, given[0], section);
                continue;
            }

            string found = given.Length == 0 ? "none" : string.Join(" and ", given.Select(kind => kind.Endpoint.Key));
            reader.Mistakes.Add(
                Kinds[0].Endpoint.In(section),
                $"or one of {string.Join(
                    ", ", Kinds[1..].Select(kind => kind.Endpoint.Key))} must say what the binding {name} is, and it has "
                    + $"{found}: exactly one must be set");
        }
    }

    private static void ReadEnvironment(SettingsReader reader, List<string> names)
    {
        reader.Read(OwnName);
        string? own = reader.Find(OwnName) is { } text && IsName(text) ? text : null;
        BindingKind[] given = [.. Kinds.Where(kind => reader.Find(kind.Endpoint.In(null)) is not null)];
        foreach (BindingKind kind in given)
        {
            Declare(reader, names, own ?? kind.Name, kind, section: null);
        }

        if (reader.Find(Sink.Endpoint.In(null)) is not null)
        {
            Declare(reader, names, own is null ? Sink.Name : given.Length > 0 ? $"{own}-{Sink.Name}" : own, Sink, section: null);
        }
    }

    private static void Declare(SettingsReader reader, List<string> names, string name, BindingKind kind, string? section)
    {
        string path = $"{Section}:{nameof(BindingsOptions.Declared)}:{names.Count}";
        names.Add(name);
        reader.Write($"{path}:{nameof(BindingOptions.Name)}", name);
        if (section is not null)
        {
            reader.Write($"{path}:{nameof(BindingOptions.DeclaredIn)}", section);
        }

        foreach (BindingKey key in kind.AllKeys.Where(key => section is not null || !key.IsOfProcess))
        {
            if (key.AppliesIf is { } condition && !condition(other => reader.Find(new BindingKey(other, "", Form.Text(), "").In(section))))
            {
                reader.Check(key.In(section));
            }
            else
            {
                reader.Read(key.In(section), $"{path}:{key.Path}");
            }

            foreach (string other in key.Needs.Where(_ => reader.Find(key.In(section)) is not null))
            {
                Setting needed = new BindingKey(other, "", Form.Text(), "").In(section);
                if (reader.Find(needed) is null)
                {
                    reader.Mistakes.Add(needed, $"is missing, and {key.Key} needs it");
                }
            }
        }

        AddSeveralWays(reader, kind, section);
        if (kind.Name == "dimse" && reader.Find(DimseBindingOptions.ProcessAeTitle) is { } title && AeTitle.TryParse(title, out _)
            && (section is null || reader.Find(new BindingKey(DimseBindingOptions.CallingKey, "", Form.Text(), "").In(section)) is null))
        {
            reader.Write($"{path}:{nameof(BindingOptions.Dimse)}:{nameof(DimseBindingOptions.CallingAeTitle)}", title);
        }
    }

    /// <summary>Notes a target with more than one way of authorisation.</summary>
    private static void AddSeveralWays(SettingsReader reader, BindingKind kind, string? section)
    {
        BindingKey[] ways = [.. kind.Keys.Where(key => key.IsAuthorization && reader.Find(key.In(section)) is not null)];
        if (ways.Length > 1)
        {
            reader.Mistakes.Add(
                ways[0].In(section),
                $"and {string.Join(
                    ", ", ways[1..].Select(way => way.Key))} are different ways of authorisation, of which a target has one");
        }
    }

    /// <summary>Notes each key of a section that means nothing: a value with a misspelt name would be left out silently.</summary>
    private static void AddUnknownKeys(SettingsReader reader, string name, BindingKind kind, string section)
    {
        foreach (string key in reader.Children(section).SelectMany(Leaves))
        {
            if (!kind.AllKeys.Any(known => string.Equals(known.Key, key, StringComparison.OrdinalIgnoreCase)))
            {
                string names = new Setting($"{section}:{key}", Form.Text(), "").Names;
                reader.Mistakes.Add(
                    $"{Section}:{name}:{key} means nothing to a binding of this kind; take {names} away, or correct its name");
            }
        }

        IEnumerable<string> Leaves(string key) => string.Equals(key, nameof(BindingOptions.Retry), StringComparison.OrdinalIgnoreCase)
            ? reader.Children($"{section}:{key}").Select(child => $"{key}:{child}")
            : [key];
    }

    private static IReadOnlyList<BindingKey> NewCommonKeys(BindingOptions defaults) =>
    [
        new(
            "Providers",
            "Providers",
            List("the name of a storage space", text => ProviderName.IsValid(text) ? text : null),
            "storage spaces whose events it takes, separated by commas")
        {
            Default = "all",
        },
        new(
            "Modalities",
            "Modalities",
            List("a modality such as CT", text => IsModality(text) ? text.ToUpperInvariant() : null),
            "modalities whose events it takes, separated by commas")
        {
            Default = "all",
        },
        new(
            "CallingAeTitles",
            "CallingAeTitles",
            List("an AE title of at most 16 characters", text => AeTitle.TryParse(text, out AeTitle title) ? title.Value : null),
            "calling AE titles whose instances it takes, separated by commas; not for study revisions") { Default = "all" },
        new(
            "Start",
            nameof(BindingOptions.StartsAtBeginning),
            Form.Choice("now", ("now", "false"), ("beginning", "true")),
            "`beginning`: everything stored so far, then what comes. Counts when the binding is first seen"),
        new("Concurrency", "Concurrency", Form.Whole(1, 64, defaults.Concurrency), "calls of the target at a time"),
        new(
            "Lease",
            "Lease",
            Form.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), defaults.Lease),
            "time after which deliveries whose process died are taken over at the latest"),
        new(
            "Retry:FirstDelay",
            "Retry:FirstDelay",
            Form.Duration(LeastDelay, TimeSpan.FromHours(1), defaults.Retry.FirstDelay),
            "pause after a failure: doubles, up to half of it taken off at random"),
        new(
            "Retry:MaxDelay",
            "Retry:MaxDelay",
            Form.Duration(LeastDelay, TimeSpan.FromDays(7), defaults.Retry.MaxDelay),
            "longest such pause"),
        new(
            "Retry:MaxAttempts",
            "Retry:MaxAttempts",
            Form.Whole(1, 100_000, defaults.Retry.MaxAttempts),
            "attempts before a delivery becomes a dead letter: about three days"),
        new(
            "Retry:BreakAfter",
            "Retry:BreakAfter",
            Form.Whole(1, 1000, defaults.Retry.BreakAfter),
            "consecutive calls that find the target not working, before it is left alone"),
        new(
            "Retry:FirstBreak",
            "Retry:FirstBreak",
            Form.Duration(LeastDelay, TimeSpan.FromHours(1), defaults.Retry.FirstBreak),
            "how long it is left alone first; doubles while it does not work"),
        new(
            "Retry:MaxBreak",
            "Retry:MaxBreak",
            Form.Duration(LeastDelay, TimeSpan.FromDays(1), defaults.Retry.MaxBreak),
            "longest such time"),
    ];

    /// <summary>Returns the form of values separated by commas.</summary>
    internal static SettingForm List(string rule, Func<string, string?> read)
        => Form.List(",", $"must be at most {MaxListLength} values separated by commas, each {rule}", read, MaxListLength);

    private static bool IsModality(string text)
        => text.Length is > 0 and <= 16 && text.All(character => char.IsAsciiLetterOrDigit(character) || character is ' ' or '_');

    private static bool IsName(string text)
        => text.Length is > 0 and <= 64 && char.IsAsciiLetterLower(text[0])
            && text.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');

    private sealed record BindingKind(string EndpointKey, string Name, IReadOnlyList<BindingKey> Keys)
    {
        /// <summary>Its presence says that a binding is of this kind.</summary>
        public BindingKey Endpoint { get; } = Keys.First(key => key.Key == EndpointKey);

        public IEnumerable<BindingKey> AllKeys => CommonKeys.Concat(Keys);
    }
}

/// <summary>A setting of a binding: in a section of its own, or in the environment of a process that one ConfigMap declares.</summary>
/// <param name="Key">
/// The key of existing ConfigMaps and Secrets, such as <c>STOW_ENDPOINT</c>, or a key that every kind has, such as
/// <c>Retry:MaxAttempts</c>.
/// </param>
/// <param name="Path">Where <see cref="BindingOptions"/> keeps the value.</param>
/// <param name="Form">How its text is read.</param>
/// <param name="Meaning">What it does, for the table of settings.</param>
public sealed record BindingKey(string Key, string Path, SettingForm Form, string Meaning)
{
    /// <summary>What applies if it is not set, where the form does not know it.</summary>
    public string? Default { get; init; }

    /// <summary>Keys that must be set if this one is.</summary>
    internal IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>One of the ways of authorisation, of which a target has at most one.</summary>
    internal bool IsAuthorization { get; init; }

    /// <summary>In the environment itself it is a setting of the process, which reports a mistake in it.</summary>
    internal bool IsOfProcess { get; init; }

    /// <summary>Says, from the texts of other keys, whether the value takes effect; without it, it always does.</summary>
    internal Func<Func<string, string?>, bool>? AppliesIf { get; init; }

    /// <summary>The name in the environment itself: that of a ConfigMap's key, or one that begins with <c>BINDING_</c>.</summary>
    public string EnvironmentName => Key.Contains('_', StringComparison.Ordinal)
        ? Key
        : "BINDING_" + string.Concat(Key.Select((character, index)
            => character == ':' ? "_" : char.IsAsciiLetterUpper(character) && index > 0 && Key[index - 1] != ':'
                ? "_" + character
                : character.ToString())).ToUpperInvariant();

    /// <summary>Returns the setting in a section, or in the environment itself if that is null.</summary>
    internal Setting In(string? section) => section is null
        ? new Setting(EnvironmentName, Form, Meaning) { IsTopLevel = true }
        : new Setting($"{section}:{Key}", Form, Meaning);
}
