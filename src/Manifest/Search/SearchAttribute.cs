using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Manifest.Search;

/// <summary>An attribute that the manifest indexes for matching; the rows are in <see cref="SearchAttributes"/>.</summary>
/// <param name="Level">Where its values are kept.</param>
/// <param name="Column">The name of the column in every SQL store.</param>
/// <param name="Path">The tag, with the sequence it stands in before it where it is nested.</param>
/// <param name="Kind">How its values are normalised and matched.</param>
/// <param name="IsMultiValued">Several values are usual, so that the column always encloses them. Other texts and names keep all their values too, where there are several.</param>
public sealed record SearchAttribute(SearchLevel Level, string Column, IReadOnlyList<DicomTag> Path, SearchAttributeKind Kind, bool IsMultiValued);
