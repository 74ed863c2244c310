using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Study;

/// <summary>A series within its study: counts its instances and merges their attributes.</summary>
public sealed class SeriesGrain
{
    private readonly SeriesState? _stored;

    /// <param name="uid">Its identity within the study.</param>
    /// <param name="stored">The row of the manifest; null if it holds none.</param>
    public SeriesGrain(SeriesInstanceUid uid, SeriesState? stored)
    {
        _stored = stored;
        Current = stored ?? new SeriesState { Uid = uid, Attributes = Utf8Attributes.NewDataset(), InstanceCount = 0, Modalities = [] };
    }

    /// <summary>The series after the turns so far.</summary>
    public SeriesState Current { get; private set; }

    /// <summary>The manifest has a row of it.</summary>
    public bool IsStored => _stored is not null;

    /// <summary>The row must be written.</summary>
    public bool IsChanged => Current.InstanceCount > 0 && !ReferenceEquals(Current, _stored);

    /// <summary>Merges the attributes of an instance, and counts it if it is new.</summary>
    public void Store(DicomDataset attributes, bool isNew)
    {
        DicomDataset merged = AttributeMerge.Merge(
            Current.InstanceCount == 0 ? Utf8Attributes.NewDataset() : Current.Attributes, attributes);
        if (isNew || !ReferenceEquals(merged, Current.Attributes))
        {
            Current = Current with
            {
                Attributes = merged,
                InstanceCount = Current.InstanceCount + (isNew ? 1 : 0),
                Modalities = merged.TextValues(DicomTag.Modality),
            };
        }
    }

    /// <summary>Subtracts an instance.</summary>
    /// <remarks>
    /// If another silo changed the study since it was loaded, the count may be too low; the commit then finds another version.
    /// </remarks>
    public void Remove() => Current = Current with { InstanceCount = Math.Max(0, Current.InstanceCount - 1) };
}
