using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Json;

namespace ImagingIngestion.Dicom.Interchange;

/// <summary>Stored metadata that is written to an answer element by element, merged with other known attributes of the instance.</summary>
/// <param name="Metadata">The metadata in the manifest.</param>
/// <param name="First">Elements that replace those in the metadata; null for none.</param>
/// <param name="Otherwise">Elements that are written only if neither of the two has them; null for none.</param>
public sealed record StreamedDataset(MetadataReader Metadata, DicomDataset? First = null, DicomDataset? Otherwise = null)
{
    /// <summary>Passes every element to a visitor.</summary>
    /// <param name="visitor">Writes the document.</param>
    /// <param name="pause">Called after each element; sends the bytes written so far.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    internal async Task WalkAsync(IDatasetVisitor visitor, Func<ValueTask> pause, CancellationToken cancellationToken)
    {
        DicomDataset known = Known(out HashSet<DicomTag> optional);
        DatasetWalker walker = new(visitor);
        Stack<int> items = new();
        int next = 0;
        bool isPassing = false;
        visitor.BeginDataset(known, -1);
        while (await Metadata.ReadAsync(cancellationToken))
        {
            if (Metadata.Token is MetadataToken.Element or MetadataToken.BeginSequence && items.Count == 0 && !isPassing)
            {
                next = WriteBefore(Metadata.Element.Tag, known, next, walker);
                bool isKnown = next < known.Elements.Count && known.Elements[next].Tag == Metadata.Element.Tag;
                if (isKnown && optional.Contains(Metadata.Element.Tag))
                {
                    next++;
                }
                else
                {
                    isPassing = isKnown;
                }
            }

            if (isPassing)
            {
                isPassing = Metadata.Depth > 0;
                continue;
            }

            Show(visitor, walker, items);
            await pause();
        }

        WriteBefore(null, known, next, walker);
        visitor.EndDataset();
    }

    private DicomDataset Known(out HashSet<DicomTag> optional)
    {
        DicomDataset known = new() { CharacterSet = SpecificCharacterSet.Utf8 };
        optional = [];
        foreach (DicomElement element in First?.Elements ?? [])
        {
            known.TryAdd(element);
        }

        foreach (DicomElement element in Otherwise?.Elements ?? [])
        {
            if (known.TryAdd(element))
            {
                optional.Add(element.Tag);
            }
        }

        return known;
    }

    private static int WriteBefore(DicomTag? tag, DicomDataset known, int next, DatasetWalker walker)
    {
        for (; next < known.Elements.Count && (tag is null || known.Elements[next].Tag.Value < tag.Value.Value); next++)
        {
            walker.WalkElement(known, next);
        }

        return next;
    }

    private void Show(IDatasetVisitor visitor, DatasetWalker walker, Stack<int> items)
    {
        switch (Metadata.Token)
        {
            case MetadataToken.Element:
                visitor.Element(Metadata.Element, Metadata.Owner, walker);
                break;
            case MetadataToken.BeginSequence:
                visitor.BeginSequence(Metadata.Element, Metadata.Owner);
                items.Push(0);
                break;
            case MetadataToken.BeginItem:
                int number = items.Pop();
                visitor.BeginDataset(Metadata.Owner, number);
                items.Push(number + 1);
                break;
            case MetadataToken.EndItem:
                visitor.EndDataset();
                break;
            default:
                visitor.EndSequence();
                items.Pop();
                break;
        }
    }
}
