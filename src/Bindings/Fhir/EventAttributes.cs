using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Manifest.Events;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>Finds values among the attributes of an event.</summary>
internal readonly struct EventAttributes(IReadOnlyList<EventElement> elements)
{
    /// <summary>The whole value, its parts still parted by backslashes; null when there is none.</summary>
    public string? Text(DicomTag tag)
    {
        string hex = tag.ToHex();
        foreach (EventElement element in elements)
        {
            if (hex.AsSpan(0, 4).SequenceEqual(element.Group) && hex.AsSpan(4).SequenceEqual(element.Element))
            {
                return element.Value;
            }
        }

        return null;
    }
}
