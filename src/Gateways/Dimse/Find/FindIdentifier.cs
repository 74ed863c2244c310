using System.Diagnostics.CodeAnalysis;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Gateways.Dimse.Find;

/// <summary>Reads the identifier of a C-FIND request (PS3.4 section C.4.1.1.3.1).</summary>
internal sealed class FindIdentifier
{
    private static readonly DicomReaderOptions Limits =
        new() { MaxDepth = 8, MaxElements = 10_000, MaxItems = 1_000, MaxHeaderBytes = 4 << 20 };

    private readonly QueryModel _model;
    private readonly QueryLevel _level;
    private readonly SearchKeys _keys;
    private readonly List<DicomElement> _requested = [];
    private bool _hasUnsupportedKeys;
    private int _values;

    private FindIdentifier(QueryModel model, QueryLevel level)
    {
        _model = model;
        _level = level;
        _keys = new SearchKeys(
            level switch { QueryLevel.Series => SearchLevel.Series, QueryLevel.Image => SearchLevel.Instance, _ => SearchLevel.Study });
    }

    /// <param name="bytes">The data set.</param>
    /// <param name="syntax">Its encoding.</param>
    /// <param name="model">The model, which has the levels.</param>
    /// <param name="options">The negotiated options.</param>
    /// <param name="query">The parsed query.</param>
    /// <param name="refusal">The refusal if the identifier cannot be used.</param>
    public static bool TryRead(
        byte[] bytes, TransferSyntax syntax, QueryModel model, QueryOptions options, [NotNullWhen(true)] out FindQuery? query,
        [NotNullWhen(false)] out FindRefusal? refusal)
    {
        query = null;
        DataSetParser parser = new(syntax, Limits);
        try
        {
            parser.Feed(bytes);
            parser.Complete();
        }
        catch (DicomParseException error)
        {
            refusal = error.Error == DicomParseError.LimitExceeded ? FindRefusal.TooLong : FindRefusal.Unreadable;
            return false;
        }

        DicomDataset identifier = parser.Dataset;
        if (!model.TryGetLevel(identifier.GetString(DicomTag.QueryRetrieveLevel), out QueryLevel level))
        {
            refusal = FindRefusal.Mismatch(DicomTag.QueryRetrieveLevel, $"must be one of {model.LevelNames}");
            return false;
        }

        FindIdentifier reader = new(model, level);
        refusal = (options.IsRelational ? null : reader.CheckHierarchy(identifier)) ?? reader.ReadKeys(identifier);
        query = refusal is null ? reader.ToQuery(identifier, options) : null;
        return refusal is null;
    }

    private FindQuery ToQuery(DicomDataset identifier, QueryOptions options)
    {
        if (options.CombinesDateTimes)
        {
            _keys.CombineDateTimes();
        }

        return new FindQuery
        {
            Model = _model,
            Level = _level,
            Matches = _keys.Matches,
            Keys = _requested,
            IsFuzzy = options.IsFuzzy,
            HasUnsupportedKeys = _hasUnsupportedKeys,
            CharacterSet = identifier.CharacterSet,
        };
    }

    /// <summary>Checks that each level above is named by one value of its unique key (PS3.4 section C.4.1.2.1).</summary>
    private FindRefusal? CheckHierarchy(DicomDataset identifier)
    {
        foreach (DicomTag tag in _model.UniqueKeysAbove(_level))
        {
            string[] values = identifier.GetStrings(tag);
            bool isUid = DicomDictionary.VROf(tag) == DicomVR.UI;
            if (values.Length != 1
                || values[0].Length == 0
                || (isUid ? !DicomUid.IsValid(values[0]) : values[0].AsSpan().ContainsAny('*', '?')))
            {
                return FindRefusal.Mismatch(tag, $"must be one value at level {_model.NameOf(_level)}");
            }
        }

        return null;
    }

    private FindRefusal? ReadKeys(DicomDataset identifier)
    {
        foreach (DicomElement element in identifier.Elements)
        {
            if (FindKeys.IsControl(element.Tag))
            {
                continue;
            }

            _requested.Add(element);
            _hasUnsupportedKeys |= !FindKeys.IsReturned(element.Tag, _level);
            if ((element.Items is null ? ReadKey(identifier, [element.Tag]) : ReadItems(element)) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>Reads the keys of a sequence item, which must match together (PS3.4 section C.2.2.2.6); a second item is ignored.</summary>
    private FindRefusal? ReadItems(DicomElement sequence)
    {
        _hasUnsupportedKeys |= sequence.Items!.Count > 1;
        foreach (DicomElement element in sequence.Items.Take(1).SelectMany(item => item.Elements))
        {
            if (element.Items is not null)
            {
                _hasUnsupportedKeys |= element.Items.Count > 0;
            }
            else if (!element.Tag.IsGroupLength
                && element.Tag != DicomTag.SpecificCharacterSet
                && ReadKey(sequence.Items[0], [sequence.Tag, element.Tag]) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private FindRefusal? ReadKey(DicomDataset holder, DicomTag[] path)
    {
        string[] values = holder.GetStrings(path[^1]);
        _values += values.Length;
        if (_values > SearchLimits.Values || values.Any(value => value.Length > SearchLimits.TextLength))
        {
            return FindRefusal.Mismatch(path[^1], "has too many values or too long ones");
        }

        if (Indexed(path) is { } attribute)
        {
            return _keys.Add(attribute, string.Join('\\', values)) is { } rule ? FindRefusal.Mismatch(path[^1], rule) : null;
        }

        holder.TryGet(path[^1], out DicomElement? element);
        _hasUnsupportedKeys |= values.Length > 0 ? values.Any(value => value.AsSpan().ContainsAnyExcept('*')) : !element!.IsEmpty;
        return null;
    }

    /// <summary>Returns the indexed attribute.</summary>
    /// <remarks>The level of patients matches only their own attributes: a key of studies would match the newest one only.</remarks>
    private SearchAttribute? Indexed(DicomTag[] path)
        => _level == QueryLevel.Patient && !AttributeLevels.IsOfPatient(path[0]) ? null : _keys.Indexed(path);
}

/// <summary>Why a C-FIND is refused.</summary>
/// <param name="Status">The final status (PS3.4 table C.4-1).</param>
/// <param name="Comment">What to change, without values of the identifier.</param>
internal sealed record FindRefusal(DimseStatus Status, string Comment)
{
    public static FindRefusal Unreadable { get; } = new(DimseStatus.CannotUnderstand, "The identifier cannot be read");

    public static FindRefusal TooLong { get; } = new(DimseStatus.CannotUnderstand, "The identifier is too long; ask in parts");

    public static FindRefusal Mismatch(DicomTag tag, string rule) => new(DimseStatus.DataSetDoesNotMatchSopClass, $"{tag} {rule}");
}

/// <summary>The parsed identifier of a C-FIND.</summary>
internal sealed record FindQuery
{
    public required QueryModel Model { get; init; }

    public required QueryLevel Level { get; init; }

    public required IReadOnlyList<AttributeMatch> Matches { get; init; }

    /// <summary>The elements to return, matched or not, in the order of their tags.</summary>
    public required IReadOnlyList<DicomElement> Keys { get; init; }

    public bool IsFuzzy { get; init; }

    /// <summary>A key with a value is not matched, or not known at the level: FF01 instead of FF00.</summary>
    public bool HasUnsupportedKeys { get; init; }

    /// <summary>The character set of the identifier; answers use it if possible.</summary>
    public SpecificCharacterSet CharacterSet { get; init; } = SpecificCharacterSet.Default;

    public SearchRequest ToRequest(ProviderName provider, int limit) => new()
    {
        Provider = provider,
        Level = Level switch { QueryLevel.Series => SearchLevel.Series, QueryLevel.Image => SearchLevel.Instance, _ => SearchLevel.Study },
        Matches = Matches,
        FuzzyMatching = IsFuzzy,
        NewestOfPatient = Level == QueryLevel.Patient,
        WithPatientCounts = Keys.Any(key => FindKeys.IsPatientCount(key.Tag)),
        Limit = limit,
        WithMetadata = Level == QueryLevel.Image && Keys.Any(key => FindKeys.IsOnlyInMetadata(key.Tag)),
    };
}
