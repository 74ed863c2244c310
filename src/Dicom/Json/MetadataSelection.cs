using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Json;

/// <summary>Reads a few attributes out of stored metadata.</summary>
public static class MetadataSelection
{
    /// <summary>What an element and an item cost in memory beside values, roughly; a value is encoded again for the answer.</summary>
    private const long ElementBytes = 112;
    private const long ItemBytes = 160;
    private const int Copies = 2;

    /// <summary>Returns the elements that the reader wants as a data set of its own.</summary>
    /// <exception cref="InvalidDataException">The bytes are no complete metadata.</exception>
    public static async Task<DicomDataset> ReadAllAsync(this MetadataReader metadata, CancellationToken cancellationToken)
    {
        DicomDataset dataset = new() { CharacterSet = SpecificCharacterSet.Utf8 };
        Stack<(DicomDataset Owner, List<DicomDataset> Items)> sequences = new();
        while (await metadata.ReadAsync(cancellationToken))
        {
            DicomElement element = metadata.Element;
            switch (metadata.Token)
            {
                case MetadataToken.Element:
                    await metadata.KeepAsync(ElementBytes + (Copies * element.Value.Length), cancellationToken);
                    dataset.TryAdd(element.Bulk is not null || element.Items is not null
                        ? element
                        : new DicomElement(element.Tag, element.VR, element.Value.ToArray()));
                    break;
                case MetadataToken.BeginSequence:
                    sequences.Push((dataset, []));
                    break;
                case MetadataToken.BeginItem:
                    await metadata.KeepAsync(ItemBytes, cancellationToken);
                    dataset = new DicomDataset(sequences.Peek().Owner) { CharacterSet = SpecificCharacterSet.Utf8 };
                    sequences.Peek().Items.Add(dataset);
                    break;
                case MetadataToken.EndSequence:
                    (dataset, List<DicomDataset> items) = sequences.Pop();
                    dataset.TryAdd(new DicomElement(element.Tag, items));
                    break;
            }
        }

        return dataset;
    }
}
