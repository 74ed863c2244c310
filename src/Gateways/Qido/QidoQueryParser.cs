using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Manifest.Search;

namespace ImagingIngestion.Gateways.Qido;

/// <summary>Reads the query of a search (PS3.18 sections 8.3.4 and 10.6.1).</summary>
/// <remarks>Unknown parameters and ones that cannot be honoured are left out with a warning; only impossible values are errors.</remarks>
internal sealed class QidoQueryParser
{
    private readonly SearchLevel _level;
    private readonly SearchKeys _keys;
    private readonly List<DicomTag> _requested = [];
    private readonly HashSet<DicomTag> _known = [];
    private readonly List<string> _warnings = [];
    private int _ignored;
    private int _includedFields;
    private bool _includeAll;
    private bool _fuzzy;
    private bool _emptyValueMatching;
    private int _limit;
    private int _offset;

    private QidoQueryParser(SearchLevel level, int defaultLimit)
    {
        _level = level;
        _keys = new SearchKeys(level);
        _limit = defaultLimit;
    }

    private string LevelNoun => _level switch
    {
        SearchLevel.Study => "studies",
        SearchLevel.Series => "series",
        _ => "instances",
    };

    /// <param name="level">The level of the resources that are searched.</param>
    /// <param name="rawQuery">As it stands in the URL.</param>
    /// <param name="defaultLimit">Rows where the query names no limit.</param>
    /// <param name="maxLimit">The most rows.</param>
    /// <param name="query">The query as understood.</param>
    /// <param name="error">What to change, for a 400 answer.</param>
    public static bool TryParse(
        SearchLevel level, string? rawQuery, int defaultLimit, int maxLimit, [NotNullWhen(true)] out QidoQuery? query,
        [NotNullWhen(false)] out string? error)
    {
        query = null;
        if (rawQuery.AsSpan().Count('&') >= SearchLimits.Parameters)
        {
            error =
                $"A search has at most {SearchLimits.Parameters} parameters. A list of UIDs is one parameter, with commas between them.";
            return false;
        }

        if (!QueryParameters.TryParse(rawQuery, out IReadOnlyList<KeyValuePair<string, string>> parameters))
        {
            error = "The query is not percent-encoded UTF-8; write '%' itself as %25.";
            return false;
        }

        QidoQueryParser parser = new(level, defaultLimit);

        // Whether an empty pair of quotes means "no value" must be known before keys are read.
        parser._emptyValueMatching = parameters.Any(
            parameter => IsNamed(parameter.Key, "emptyvaluematching") && IsNamed(parameter.Value, "true"));
        foreach ((string name, string value) in parameters)
        {
            error = parser.Read(name, value);
            if (error is not null)
            {
                return false;
            }
        }

        query = parser.ToQuery(maxLimit);
        error = null;
        return true;
    }

    private static bool IsNamed(string name, string expected) => name.Equals(expected, StringComparison.OrdinalIgnoreCase);

    private string? Read(string name, string value) => name.ToLowerInvariant() switch
    {
        "limit" => ReadCount(name, value, ref _limit),
        "offset" => ReadCount(name, value, ref _offset),
        "fuzzymatching" => ReadFlag(name, value, ref _fuzzy),
        "emptyvaluematching" => ReadFlag(name, value, ref _emptyValueMatching),
        "multiplevaluematching" => ReadMultipleValueMatching(name, value),
        "includefield" => ReadIncludeFields(value),
        "accept" or "charset" => null,
        _ => ReadKey(name, value),
    };

    private static string? ReadCount(string name, string value, ref int count)
    {
        if (value.Length == 0)
        {
            // Forms send what is left empty, too.
            return null;
        }

        if (!value.All(char.IsAsciiDigit))
        {
            return $"The parameter {name.ToLowerInvariant()} is a whole number, 0 or more.";
        }

        // Digits only, so what does not fit is too large.
        count = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : int.MaxValue;
        return null;
    }

    private static string? ReadFlag(string name, string value, ref bool flag)
    {
        flag = IsNamed(value, "true");
        return flag || value.Length == 0 || IsNamed(value, "false") ? null : $"The parameter {name.ToLowerInvariant()} is true or false.";
    }

    /// <summary>A list of values matches any of them with or without the parameter, so there is nothing to switch.</summary>
    private static string? ReadMultipleValueMatching(string name, string value)
    {
        bool ignored = false;
        return ReadFlag(name, value, ref ignored);
    }

    private string? ReadIncludeFields(string value)
    {
        string[] fields = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        _includedFields += fields.Length;
        if (_includedFields > SearchLimits.IncludedFields)
        {
            return $"The parameters includefield name at most {SearchLimits.IncludedFields} attributes; includefield=all names every one.";
        }

        foreach (string field in fields)
        {
            if (IsNamed(field, "all"))
            {
                _includeAll = true;
            }
            else if (AttributePath.TryParse(field, out AttributePath path))
            {
                Request(path.Root);
            }
            else
            {
                Warn($"The includefield {Shown(field)} is not an attribute that is known here and was ignored");
            }
        }

        return null;
    }

    private string? ReadKey(string name, string value)
    {
        if (!AttributePath.TryParse(name, out AttributePath path))
        {
            Warn($"The parameter {Shown(name)} is not known here and was ignored");
            return null;
        }

        if (path.Root == DicomTag.SpecificCharacterSet)
        {
            return null;
        }

        Request(path.Root);
        SearchAttribute? attribute = _keys.Indexed(path.Tags);
        if (attribute is null)
        {
            if (value.Trim(' ', '*').Length > 0)
            {
                Warn($"Matching on {Shown(name)} is not supported in a search for {LevelNoun}; the key was ignored");
            }

            return null;
        }

        if (value == "\"\"" && _emptyValueMatching)
        {
            Warn($"Matching of empty values is not supported; the key {Shown(name)} was ignored");
            return null;
        }

        return _keys.Add(attribute, value) is { } rule ? $"The value of {Shown(name)} {rule}." : null;
    }

    private void Request(DicomTag tag)
    {
        if (_known.Add(tag))
        {
            _requested.Add(tag);
        }
    }

    /// <summary>Two warnings are left to say how many are not given, and that there are more results.</summary>
    private void Warn(string warning)
    {
        if (_warnings.Count < SearchLimits.Warnings - 2)
        {
            _warnings.Add(warning);
        }
        else
        {
            _ignored++;
        }
    }

    private QidoQuery ToQuery(int maxLimit)
    {
        _keys.CombineDateTimes();
        return new QidoQuery
        {
            Matches = _keys.Matches,
            Requested = _requested,
            IncludeAll = _includeAll,
            FuzzyMatching = _fuzzy,
            Limit = Math.Min(_limit, maxLimit),
            Offset = _offset,
            Warnings = _ignored == 0 ? _warnings : [.. _warnings, $"{_ignored} more parameters or fields were ignored"],
        };
    }

    /// <summary>
    /// A name of the request as a header or problem may repeat it; anything that is no attribute name could be a value that slipped in.
    /// </summary>
    private static string Shown(string name)
        => name.Length is > 0 and <= 64 && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '.')
            ? name
            : "with an unreadable name";
}

/// <summary>The parameters of a search (PS3.18 section 8.3.4) as understood.</summary>
internal sealed record QidoQuery
{
    public IReadOnlyList<AttributeMatch> Matches { get; init; } = [];

    /// <summary>Attributes to return besides those of the level: every key that was asked for, and the includefields.</summary>
    public IReadOnlyList<DicomTag> Requested { get; init; } = [];

    /// <summary><c>includefield=all</c>: everything that is known at the level.</summary>
    public bool IncludeAll { get; init; }

    public bool FuzzyMatching { get; init; }

    /// <summary>Rows to answer with; 0 is allowed and only tells whether there are any.</summary>
    public int Limit { get; init; }

    public int Offset { get; init; }

    /// <summary>The parameters that were not honoured, one sentence each, for Warning headers.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>
/// An attribute as a query names it: keywords or eight hexadecimal digits, separated by dots if it is in a sequence (PS3.18 section
/// 8.3.4.1).
/// </summary>
internal sealed class AttributePath
{
    private AttributePath(IReadOnlyList<DicomTag> tags) => Tags = tags;

    /// <summary>The sequences from the outside in, the attribute itself last.</summary>
    public IReadOnlyList<DicomTag> Tags { get; }

    /// <summary>The attribute of the data set itself.</summary>
    public DicomTag Root => Tags[0];

    public DicomTag Leaf => Tags[^1];

    /// <summary>Reads a path; returns false if a part is neither a keyword of PS3.6 nor eight hexadecimal digits.</summary>
    public static bool TryParse(string text, out AttributePath path)
    {
        string[] parts = text.Split('.');
        var tags = new DicomTag[parts.Length];
        for (int index = 0; index < parts.Length; index++)
        {
            if (!DicomTag.TryParseHex(parts[index], out tags[index]) && !DicomDictionary.TryGetByKeyword(parts[index], out tags[index]))
            {
                path = new AttributePath([]);
                return false;
            }
        }

        path = new AttributePath(tags);
        return true;
    }

    public bool Is(IReadOnlyList<DicomTag> tags) => Tags.SequenceEqual(tags);

    public override string ToString() => string.Join('.', Tags.Select(tag => tag.ToHex()));
}
