namespace ImagingIngestion.Settings;

/// <summary>Collects what is wrong with the settings, at most one sentence for each setting, so that all of it is shown at once.</summary>
public sealed class Mistakes
{
    private readonly List<string> _sentences = [];
    private readonly HashSet<string> _settings;

    /// <param name="known">Settings whose mistake is told already.</param>
    internal Mistakes(IEnumerable<string>? known = null) => _settings = new HashSet<string>(known ?? [], StringComparer.OrdinalIgnoreCase);

    /// <summary>One sentence for each mistake, with the names to set.</summary>
    public IReadOnlyList<string> Sentences => _sentences;

    internal IReadOnlyCollection<string> Settings => _settings;

    /// <summary>Notes that the value of a setting cannot be used.</summary>
    /// <param name="setting">The setting to change.</param>
    /// <param name="rule">What the value must be; stands behind the name.</param>
    public void Add(Setting setting, string rule)
    {
        if (_settings.Add(setting.ConfigurationKey))
        {
            _sentences.Add($"{setting.Key} {rule}; set {setting.Names}.");
        }
    }

    /// <summary>Notes a mistake that no value of one setting could mend.</summary>
    /// <param name="sentence">What is wrong and what to change, without a full stop.</param>
    public void Add(string sentence) => _sentences.Add(sentence + ".");
}
