using System.Text;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Gateways.Wado;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Search;

namespace ImagingIngestion.Gateways.Dimse.Find;

/// <summary>
/// Builds the identifiers of responses: the requested keys, the level, its unique keys and the retrieve AE title (PS3.4 section
/// C.4.1.1.3.2).
/// </summary>
internal sealed class FindAnswer(FindQuery query, string retrieveAeTitle)
{
    /// <summary>The URL of bulk values: a response has none.</summary>
    private const string NoUrl = "";

    /// <summary>Builds the identifier, in the character set of the query if that has all its characters.</summary>
    public async Task<DicomDataset> BuildAsync(SearchRow row, HeaderShare share, CancellationToken cancellationToken)
    {
        DicomDataset? metadata = row.Metadata.IsEmpty ? null
            : await InstanceMetadata.ReadAsync(row.Metadata, NoUrl, share, tag => query.Keys.Any(key => key.Tag == tag), cancellationToken);
        DicomDataset known = KnownAttributes.Of(row, metadata);
        DicomDataset answer = KnownAttributes.NewDataset();
        foreach (DicomElement key in query.Keys)
        {
            bool isKnown = known.TryGet(key.Tag, out DicomElement? element) && FindKeys.IsReturned(key.Tag, query.Level);
            answer.Set(isKnown ? Choose(element!, key, answer) : Empty(key));
        }

        foreach (DicomTag tag in query.Model.UniqueKeysTo(query.Level))
        {
            answer.Set(known.TryGet(tag, out DicomElement? element)
                ? element
                : new DicomElement(tag, DicomDictionary.VROf(tag), ReadOnlyMemory<byte>.Empty));
        }

        KnownAttributes.SetText(answer, DicomTag.QueryRetrieveLevel, query.Model.NameOf(query.Level));
        KnownAttributes.SetText(answer, DicomTag.RetrieveAETitle, retrieveAeTitle);
        return AnswerCharacterSet.Apply(answer, query.CharacterSet);
    }

    /// <summary>Returns a zero-length element with the VR of the dictionary, or of the key if the dictionary has none.</summary>
    private static DicomElement Empty(DicomElement key)
    {
        DicomVR vr = DicomDictionary.VROf(key.Tag);
        vr = vr is DicomVR.UN or DicomVR.None ? key.VR : vr;
        return vr == DicomVR.SQ ? new DicomElement(key.Tag, []) : new DicomElement(key.Tag, vr, ReadOnlyMemory<byte>.Empty);
    }

    /// <summary>Returns the element without bulk values; of a sequence the requested keys of its items, or all without a request.</summary>
    private static DicomElement Choose(DicomElement element, DicomElement key, DicomDataset parent)
    {
        if (element.Bulk is not null)
        {
            return Empty(element);
        }

        if (element.Items is null)
        {
            return element;
        }

        IReadOnlyList<DicomElement> wanted = key.Items is { Count: > 0 } items ? items[0].Elements : [];
        List<DicomDataset> chosen = [];
        foreach (DicomDataset item in element.Items)
        {
            DicomDataset copy = new(parent);
            foreach (DicomElement nested in wanted.Count == 0 ? item.Elements : wanted)
            {
                if (nested.Tag != DicomTag.SpecificCharacterSet && !nested.Tag.IsGroupLength)
                {
                    copy.Set(item.TryGet(nested.Tag, out DicomElement? found)
                        ? Choose(found, wanted.Count == 0 ? found : nested, copy)
                        : Empty(nested));
                }
            }

            chosen.Add(copy);
        }

        return new DicomElement(element.Tag, chosen);
    }
}

/// <summary>
/// Chooses the character set of a response: none for ASCII, else that of the query if it suffices, else ISO_IR 192 (PS3.4 section
/// C.4.1.1.3.2).
/// </summary>
internal static class AnswerCharacterSet
{
    /// <param name="answer">A data set in UTF-8; not to be used afterwards.</param>
    /// <param name="asked">The character set of the query.</param>
    public static DicomDataset Apply(DicomDataset answer, SpecificCharacterSet asked)
    {
        if (IsAscii(answer))
        {
            answer.Remove(DicomTag.SpecificCharacterSet);
            return answer;
        }

        return asked != SpecificCharacterSet.Utf8 && TryEncode(answer, asked, null) is { } encoded ? encoded : answer;
    }

    private static bool IsAscii(DicomDataset dataset)
        => dataset.Elements.All(element => element.Items?.All(IsAscii) ?? (!IsText(element) || Ascii.IsValid(element.Value.Span)));

    private static bool IsText(DicomElement element) => element.VR.Traits().UsesCharacterSet;

    private static DicomDataset? TryEncode(DicomDataset source, SpecificCharacterSet asked, DicomDataset? parent)
    {
        DicomDataset encoded = new(parent) { CharacterSet = asked };
        foreach (DicomElement element in source.Elements)
        {
            if (TryEncode(element, asked, encoded) is not { } written)
            {
                return null;
            }

            encoded.Set(written);
        }

        return encoded;
    }

    private static DicomElement? TryEncode(DicomElement element, SpecificCharacterSet asked, DicomDataset target)
    {
        if (element.Tag == DicomTag.SpecificCharacterSet)
        {
            return new DicomElement(element.Tag, DicomVR.CS, Encoding.ASCII.GetBytes(asked.DeclaredValue));
        }

        if (element.Items is { } items)
        {
            DicomDataset?[] written = [.. items.Select(item => TryEncode(item, asked, target))];
            return Array.Exists(written, item => item is null) ? null : new DicomElement(element.Tag, [.. written.OfType<DicomDataset>()]);
        }

        return !IsText(element) ? element
            : asked.TryEncode(Encoding.UTF8.GetString(element.Value.Span), element.VR, out byte[] bytes)
                ? new DicomElement(element.Tag, element.VR, bytes)
                : null;
    }
}
