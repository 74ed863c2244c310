using System.Diagnostics.CodeAnalysis;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Messages;
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
    /// <param name="model">Which levels there are.</param>
    /// <param name="options">What was agreed on.</param>
    /// <param name="query">What was understood.</param>
    /// <param name="refusal">What to answer where it is not.</param>
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

    /// <summary>Each level above is named by one value of its unique key (PS3.4 section C.4.1.2.1).</summary>
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

    /// <summary>Sequences match where the keys of their item do (PS3.4 section C.2.2.2.6); a second item means nothing.</summary>
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

    /// <summary>
    /// At the level of patients only their own attributes are matched: a key of studies would be asked of the newest one only.
    /// </summary>
    private SearchAttribute? Indexed(DicomTag[] path)
        => _level == QueryLevel.Patient && !AttributeLevels.IsOfPatient(path[0]) ? null : _keys.Indexed(path);
}

/// <summary>Why a C-FIND is not performed.</summary>
/// <param name="Status">The final status (PS3.4 table C.4-1).</param>
/// <param name="Comment">What to change, without values of the identifier.</param>
internal sealed record FindRefusal(DimseStatus Status, string Comment)
{
    public static FindRefusal Unreadable { get; } = new(DimseStatus.CannotUnderstand, "The identifier cannot be read");

    public static FindRefusal TooLong { get; } = new(DimseStatus.CannotUnderstand, "The identifier is too long; ask in parts");

    public static FindRefusal Mismatch(DicomTag tag, string rule) => new(DimseStatus.DataSetDoesNotMatchSopClass, $"{tag} {rule}");
}
