using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Manifest.State;

/// <summary>
/// The rule by which a study and a series take their attributes from their instances: a value that is not empty wins over an empty
/// one, the newest value that is not empty wins over older ones, and it wins with all its values and items. What is stored of other
/// instances is never mixed into it. Deleting an instance takes nothing back, except that a series or study without instances starts anew.
/// </summary>
public static class AttributeMerge
{
    /// <summary>The attributes after an instance; the same object when it changes nothing.</summary>
    /// <param name="stored">What older instances made of them; is not changed.</param>
    /// <param name="newest">Those of the instance.</param>
    public static DicomDataset Merge(DicomDataset stored, DicomDataset newest)
    {
        List<DicomElement> winners = [];
        foreach (DicomElement element in newest.Elements)
        {
            if (!stored.TryGet(element.Tag, out DicomElement? old) || (!element.IsBlank() && !AttributeContent.AreEqual(old, element)))
            {
                winners.Add(element);
            }
        }

        if (winners.Count == 0)
        {
            return stored;
        }

        DicomDataset merged = Utf8Attributes.NewDataset();
        foreach (DicomElement element in stored.Elements)
        {
            merged.TryAdd(element);
        }

        foreach (DicomElement element in winners)
        {
            merged.Set(element);
        }

        return merged;
    }
}
