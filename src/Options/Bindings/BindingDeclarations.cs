namespace ImagingIngestion.Options;

/// <summary>
/// Reads the bindings of a process: the sections <c>Imaging:Bindings:&lt;name&gt;</c>, and one for each kind of target that stands in the
/// environment itself, as in a deployment with one ConfigMap.
/// </summary>
internal static class BindingDeclarations
{
    private const string Section = "Bindings";
    private const int MostBindings = 32;

    private static readonly Setting OwnName = new("BINDING_NAME") { IsTopLevel = true };
    private static readonly (string Key, string Name)[] Kinds =
    [
        ("STOW_ENDPOINT", "stow"),
        (DimseTargetReader.HostKey, "dimse"),
        ("FHIR_ENDPOINT", "fhir"),
        ("WEBHOOK_ENDPOINT", "webhook")
    ];

    public static IReadOnlyList<BindingOptions> Read(SettingsReader reader)
    {
        List<BindingOptions> bindings = [.. OfSections(reader), .. OfEnvironment(reader)];
        foreach (IGrouping<string, BindingOptions> same in bindings.GroupBy(binding => binding.Name).Where(group => group.Count() > 1))
        {
            reader.AddMistake($"The binding {same.Key} is declared {same.Count()} times; give each a name of its own ({OwnName.Names} "
                + "names those of the environment)");
        }

        if (bindings.Count > MostBindings)
        {
            reader.AddMistake($"{bindings.Count} bindings are declared, and one process runs at most {MostBindings}; declare the others in "
                + "another process");
        }

        return bindings;
    }

    private static IEnumerable<BindingOptions> OfSections(SettingsReader reader)
    {
        foreach (string section in reader.Children(Section))
        {
            // Names of environment variables have no dashes and come in capitals.
            string name = section.ToLowerInvariant().Replace('_', '-');
            if (!IsName(name))
            {
                reader.AddMistake($"Imaging:{Section}:{section} must be a name of 1 to 64 lower-case ASCII letters, digits or dashes, the "
                    + "first a letter; rename the section");
                continue;
            }

            BindingSettings settings = BindingSettings.OfSection(reader, name, $"{Section}:{section}");
            string[] kinds = [.. Kinds.Select(kind => kind.Key).Where(key => settings.IsGiven(settings.Key(key)))];
            if (kinds.Length != 1)
            {
                string found = kinds.Length == 0 ? "none" : string.Join(" and ", kinds);
                reader.AddMistake(settings.Key(Kinds[0].Key), $"or one of {string.Join(", ", Kinds[1..].Select(
                    kind => kind.Key))} must say what the binding {name} is, and it has {found}: exactly one must be set");
            }
            else
            {
                yield return BindingReader.Read(settings, kinds[0]);
            }
        }
    }

    private static IEnumerable<BindingOptions> OfEnvironment(SettingsReader reader)
    {
        string? own = reader.TextOrNull(OwnName);
        if (own is not null && !IsName(own))
        {
            reader.AddMistake(OwnName, "must have 1 to 64 lower-case ASCII letters, digits or dashes, the first a letter");
            own = null;
        }

        bool hasOthers = false;
        foreach ((string key, string name) in Kinds.Where(
            kind => reader.TextOrNull(new Setting(kind.Key) { IsTopLevel = true }) is not null))
        {
            hasOthers = true;
            yield return BindingReader.Read(BindingSettings.OfEnvironment(reader, own ?? name), key);
        }

        if (reader.TextOrNull(new Setting(BindingReader.SinkKey) { IsTopLevel = true }) is not null)
        {
            string name = own is null ? "sink" : hasOthers ? own + "-sink" : own;
            yield return BindingReader.Read(BindingSettings.OfEnvironment(reader, name), BindingReader.SinkKey);
        }
    }

    private static bool IsName(string text)
        => text.Length <= 64
            && char.IsAsciiLetterLower(text[0])
            && text.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');
}
