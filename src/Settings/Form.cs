using System.Globalization;
using System.Text.Json.Nodes;

namespace ImagingIngestion.Settings;

/// <summary>The forms that settings have.</summary>
public static class Form
{
    /// <summary>Any text.</summary>
    public static SettingForm Text(string? fallback = null) => new TextForm("must be a text", text => text, fallback);

    /// <summary>A text that must follow a rule.</summary>
    /// <param name="rule">What the value must be; stands behind the name of the setting.</param>
    /// <param name="read">Returns the text as it is kept, or null if it breaks the rule.</param>
    /// <param name="fallback">The value unless set.</param>
    public static SettingForm Text(string rule, Func<string, string?> read, string? fallback = null) => new TextForm(rule, read, fallback);

    /// <summary>A whole number within limits, both inclusive.</summary>
    public static SettingForm Whole(int least, int most, int fallback) => new WholeForm(least, most, fallback);

    /// <summary>A number of seconds, or a number followed by s, m or h.</summary>
    public static SettingForm Duration(TimeSpan least, TimeSpan most, TimeSpan? fallback) => new DurationForm(least, most, fallback);

    /// <summary>A number of bytes, or a number followed by K, M or G (powers of 1024).</summary>
    public static SettingForm Size(long least, long most, long fallback) => new SizeForm(least, most, fallback);

    /// <summary>One of a few words, in any case.</summary>
    /// <param name="fallback">The word that applies unless another is set; null if there is none.</param>
    /// <param name="choices">The words, and what the binder reads for each.</param>
    public static SettingForm Choice(string? fallback, params (string Word, string Value)[] choices) => new ChoiceForm(fallback, choices);

    /// <summary>True or false.</summary>
    public static SettingForm Flag(bool fallback = false) => new ChoiceForm(
        fallback ? "true" : "false",
        [("true", "true"), ("false", "false"), ("1", "true"), ("0", "false"), ("yes", "true"), ("no", "false")]);

    /// <summary>Values separated by a character, or a list of a configuration file; each value once.</summary>
    /// <param name="separators">The characters between values.</param>
    /// <param name="rule">What the values must be; stands behind the name of the setting.</param>
    /// <param name="read">Returns a value as it is kept, or null if it breaks the rule.</param>
    /// <param name="most">The most values.</param>
    /// <param name="fallback">The values unless others are set; then a text without any value is a mistake.</param>
    public static SettingForm List(
        string separators, string rule, Func<string, string?> read, int most = int.MaxValue, IReadOnlyList<string>? fallback = null)
        => new ListForm(separators, rule, Whole(read)) { Most = most, Fallback = fallback ?? [] };

    /// <summary>As <see cref="List"/>, but each item has several fields, and the first one differs in all items.</summary>
    public static SettingForm Items(
        string separators, string rule, Func<string, IReadOnlyList<(string Field, string Value)>?> read, int most)
        => new ListForm(separators, rule, read) { Most = most, IsKeyed = true };

    /// <summary>As <see cref="List"/>, for an enumeration of flags.</summary>
    public static SettingForm Flags(string separators, string rule, Func<string, string?> read)
        => new ListForm(separators, rule, Whole(read)) { IsJoined = true };

    private static Func<string, IReadOnlyList<(string Field, string Value)>?> Whole(Func<string, string?> read)
        => text => read(text) is { } value ? [("", value)] : null;

    private sealed class TextForm(string rule, Func<string, string?> read, string? fallback) : SettingForm
    {
        public override string Rule => rule;

        public override string? Default => fallback is null ? null : $"`{fallback}`";

        internal override bool TryWrite(string text, string path, IDictionary<string, string?> values)
        {
            string? value = read(text);
            values[path] = value;
            return value is not null;
        }

        internal override JsonObject Schema() => new() { ["type"] = new JsonArray("string", "number") };
    }

    private sealed class WholeForm(int least, int most, int fallback) : SettingForm
    {
        public override string Rule => $"must be a whole number from {least} to {most}";

        public override string Default => fallback.ToString(CultureInfo.InvariantCulture);

        internal override bool TryWrite(string text, string path, IDictionary<string, string?> values)
        {
            values[path] = text;
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most;
        }

        internal override JsonObject Schema() => new()
        {
            ["type"] = new JsonArray("integer", "string"), ["minimum"] = least, ["maximum"] = most, ["pattern"] = "^[0-9]+$",
        };
    }

    private sealed class DurationForm(TimeSpan least, TimeSpan most, TimeSpan? fallback) : SettingForm
    {
        public override string Rule => string.Create(
            CultureInfo.InvariantCulture, $"must be a time from {least.TotalSeconds}s to {most.TotalSeconds}s, such as 30s, 5m or 2h");

        public override string? Default => fallback is { } time ? Describe(time) : null;

        internal override bool TryWrite(string text, string path, IDictionary<string, string?> values)
        {
            (string number, double unit) = text[^1] switch
            {
                's' or 'S' => (text[..^1], 1.0),
                'm' or 'M' => (text[..^1], 60.0),
                'h' or 'H' => (text[..^1], 3600.0),
                _ => (text, 1.0),
            };
            if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
                || value * unit < least.TotalSeconds || value * unit > most.TotalSeconds)
            {
                return false;
            }

            values[path] = TimeSpan.FromSeconds(value * unit).ToString("c", CultureInfo.InvariantCulture);
            return true;
        }

        internal override JsonObject Schema() => new()
        {
            ["type"] = new JsonArray("number", "string"),
            ["minimum"] = least.TotalSeconds,
            ["maximum"] = most.TotalSeconds,
            ["pattern"] = "^[0-9]*\\.?[0-9]+[smhSMH]?$",
        };

        private static string Describe(TimeSpan time)
        {
            (double number, string unit) = time switch
            {
                _ when time.Ticks == 0 || time.Ticks % TimeSpan.TicksPerMinute != 0 => (time.TotalSeconds, "s"),
                _ when time.Ticks % TimeSpan.TicksPerHour != 0 => (time.TotalMinutes, "min"),
                _ => (time.TotalHours, "h"),
            };
            return string.Create(CultureInfo.InvariantCulture, $"{number} {unit}");
        }
    }

    private sealed class SizeForm(long least, long most, long fallback) : SettingForm
    {
        public override string Rule => $"must be a size from {least} to {most} bytes, such as 1048576, 512K, 100M or 4G";

        public override string Default => fallback switch
        {
            0 => "0",
            _ when fallback % (1L << 30) == 0 => $"{fallback >> 30} GiB",
            _ when fallback % (1L << 20) == 0 => $"{fallback >> 20} MiB",
            _ when fallback % (1L << 10) == 0 => $"{fallback >> 10} KiB",
            _ => fallback.ToString(CultureInfo.InvariantCulture),
        };

        internal override bool TryWrite(string text, string path, IDictionary<string, string?> values)
        {
            (string number, int shift) = text[^1] switch
            {
                'k' or 'K' => (text[..^1], 10),
                'm' or 'M' => (text[..^1], 20),
                'g' or 'G' => (text[..^1], 30),
                _ => (text, 0),
            };
            if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long value) || value > long.MaxValue >> shift
                || value << shift < least || value << shift > most)
            {
                return false;
            }

            values[path] = (value << shift).ToString(CultureInfo.InvariantCulture);
            return true;
        }

        internal override JsonObject Schema() => new()
        {
            ["type"] = new JsonArray("integer", "string"), ["minimum"] = least, ["maximum"] = most, ["pattern"] = "^[0-9]+[kmgKMG]?$",
        };
    }

    private sealed class ChoiceForm(string? fallback, (string Word, string Value)[] choices) : SettingForm
    {
        public override string Rule => "must be one of " + string.Join(", ", choices.Select(choice => choice.Word));

        public override string? Default => fallback is null ? null : $"`{fallback}`";

        internal override bool TryWrite(string text, string path, IDictionary<string, string?> values)
        {
            foreach ((string word, string value) in choices)
            {
                if (string.Equals(word, text, StringComparison.OrdinalIgnoreCase))
                {
                    values[path] = value;
                    return true;
                }
            }

            return false;
        }

        internal override JsonObject Schema()
        {
            JsonArray words = [.. choices.Select(choice => JsonValue.Create(choice.Word))];
            if (choices.Any(choice => choice.Word == "true"))
            {
                words.Insert(0, JsonValue.Create(false));
                words.Insert(0, JsonValue.Create(true));
            }

            return new JsonObject { ["enum"] = words };
        }
    }

    /// <summary>Several values of one form.</summary>
    /// <param name="separators">The characters between values.</param>
    /// <param name="rule">What the values must be; stands behind the name of the setting.</param>
    /// <param name="read">
    /// Returns the fields of a value, or null if it breaks the rule; a value without parts has one field without name.
    /// </param>
    private sealed class ListForm(string separators, string rule, Func<string, IReadOnlyList<(string Field, string Value)>?> read)
        : SettingForm
    {
        private readonly char[] _separators = separators.ToCharArray();

        public override string Rule => rule;

        public override string? Default => Fallback.Count == 0 ? null : $"`{string.Join(_separators[0], Fallback)}`";

        /// <summary>The most values.</summary>
        public int Most { get; init; } = int.MaxValue;

        /// <summary>The values unless others are set; then a text without any value is a mistake.</summary>
        public IReadOnlyList<string> Fallback { get; init; } = [];

        /// <summary>The values are written as one text, as the binder reads an enumeration of flags.</summary>
        public bool IsJoined { get; init; }

        /// <summary>The first field differs in all items.</summary>
        public bool IsKeyed { get; init; }

        internal override bool IsList => true;

        internal override bool TryWrite(string text, string path, IDictionary<string, string?> values)
            => TryWrite(text.Split(_separators, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), path, values);

        internal override bool TryWrite(IReadOnlyList<string> items, string path, IDictionary<string, string?> values)
        {
            List<IReadOnlyList<(string Field, string Value)>> found = [];
            foreach (string item in items)
            {
                if (read(item) is not { } fields)
                {
                    return false;
                }

                if (!found.Exists(other => other[0] == fields[0]))
                {
                    found.Add(fields);
                }
                else if (IsKeyed)
                {
                    return false;
                }
            }

            if (found.Count > Most || (found.Count == 0 && (IsJoined || Fallback.Count > 0)))
            {
                return false;
            }

            Write(found, path, values);
            return true;
        }

        internal override void WriteDefault(string path, IDictionary<string, string?> values)
        {
            if (Fallback.Count > 0)
            {
                Write([.. Fallback.Select(item => read(item)!)], path, values);
            }
        }

        internal override JsonObject Schema() => new()
        {
            ["type"] = new JsonArray("string", "array"), ["items"] = new JsonObject { ["type"] = "string" },
        };

        private void Write(List<IReadOnlyList<(string Field, string Value)>> items, string path, IDictionary<string, string?> values)
        {
            if (IsJoined)
            {
                values[path] = string.Join(", ", items.Select(fields => fields[0].Value));
                return;
            }

            foreach ((int index, IReadOnlyList<(string Field, string Value)> fields) in items.Index())
            {
                foreach ((string field, string value) in fields)
                {
                    values[field.Length == 0 ? $"{path}:{index}" : $"{path}:{index}:{field}"] = value;
                }
            }
        }
    }
}
