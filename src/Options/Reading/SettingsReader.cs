using System.Globalization;

namespace ImagingIngestion.Options;

/// <summary>
/// Reads settings one by one and collects every mistake, so that all of them can be shown at once. A setting that is wrong yields its
/// default. Keys are named explicitly: nothing is bound by reflection.
/// </summary>
/// <param name="lookup">
/// The text behind a configuration key, an environment name or a command line option; null or empty where it is not set.
/// </param>
/// <param name="children">The names directly below a configuration key; without it there are none.</param>
public sealed class SettingsReader(Func<string, string?> lookup, Func<string, IEnumerable<string>>? children = null)
{
    private readonly List<string> _mistakes = [];

    /// <summary>One sentence for each mistake, with the names to set.</summary>
    public IReadOnlyList<string> Mistakes => _mistakes;

    public string Text(Setting setting, string fallback) => Find(setting) ?? fallback;

    public string? TextOrNull(Setting setting) => Find(setting);

    /// <summary>The names directly below a key of the section <c>Imaging</c>, in the order of the alphabet.</summary>
    public IReadOnlyList<string> Children(string key)
        => children is null ? [] : [.. children("Imaging:" + key).Order(StringComparer.OrdinalIgnoreCase)];

    /// <summary>Values separated by commas or another character, or a list of a configuration file; without empty ones.</summary>
    public IReadOnlyList<string> List(Setting setting, char separator = ',')
    {
        const StringSplitOptions clean = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        return Find(setting) is { } text
            ? text.Split(separator, clean)
            : [.. Children(setting.Key).Select(index => Find(new Setting($"{setting.Key}:{index}"))).OfType<string>()];
    }

    /// <summary>A whole number within the limits, both inclusive.</summary>
    public int Integer(Setting setting, int fallback, int least, int most)
    {
        if (Find(setting) is not { } text)
        {
            return fallback;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most)
        {
            return value;
        }

        AddMistake(setting, $"must be a whole number from {least} to {most}");
        return fallback;
    }

    /// <summary>A number of seconds, or a number with s, m or h behind it.</summary>
    public TimeSpan Duration(Setting setting, TimeSpan fallback, TimeSpan least, TimeSpan most)
    {
        if (Find(setting) is not { } text)
        {
            return fallback;
        }

        (string number, double seconds) = text[^1] switch
        {
            's' or 'S' => (text[..^1], 1.0),
            'm' or 'M' => (text[..^1], 60.0),
            'h' or 'H' => (text[..^1], 3600.0),
            _ => (text, 1.0),
        };
        if (double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
            && value * seconds >= least.TotalSeconds && value * seconds <= most.TotalSeconds)
        {
            return TimeSpan.FromSeconds(value * seconds);
        }

        AddMistake(setting, string.Create(
            CultureInfo.InvariantCulture, $"must be a time from {least.TotalSeconds}s to {most.TotalSeconds}s, such as 30s, 5m or 2h"));
        return fallback;
    }

    /// <summary>A number of bytes, or a number with K, M or G (powers of 1024) behind it.</summary>
    public long Size(Setting setting, long fallback, long least, long most)
    {
        if (Find(setting) is not { } text)
        {
            return fallback;
        }

        (string number, int shift) = text[^1] switch
        {
            'k' or 'K' => (text[..^1], 10),
            'm' or 'M' => (text[..^1], 20),
            'g' or 'G' => (text[..^1], 30),
            _ => (text, 0),
        };
        if (long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= long.MaxValue >> shift
            && value << shift >= least && value << shift <= most)
        {
            return value << shift;
        }

        AddMistake(setting, $"must be a size from {least} to {most} bytes, such as 1048576, 512K, 100M or 4G");
        return fallback;
    }

    /// <summary>One of a few words, in any case.</summary>
    public T Choice<T>(Setting setting, T fallback, params ReadOnlySpan<(string Word, T Value)> choices)
    {
        if (Find(setting) is not { } text)
        {
            return fallback;
        }

        List<string> words = [];
        foreach ((string word, T value) in choices)
        {
            if (string.Equals(word, text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }

            words.Add(word);
        }

        AddMistake(setting, "must be one of " + string.Join(", ", words));
        return fallback;
    }

    /// <summary>Notes that the value of a setting does not do.</summary>
    /// <param name="setting">The setting to change.</param>
    /// <param name="rule">What it must be, to stand behind its name.</param>
    public void AddMistake(Setting setting, string rule) => _mistakes.Add($"{setting.Key} {rule}; set {setting.Names}.");

    /// <summary>Notes a mistake that no value of one setting could mend.</summary>
    /// <param name="sentence">What is wrong and what to change, without a full stop.</param>
    public void AddMistake(string sentence) => _mistakes.Add(sentence + ".");

    private string? Find(Setting setting)
        => Given(setting.CommandLine) ?? Given(setting.ConfigurationKey) ?? Given(setting.Alias);

    private string? Given(string? name)
        => name is not null && lookup(name)?.Trim() is { Length: > 0 } text ? text : null;
}
