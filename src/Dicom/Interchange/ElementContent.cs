using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.Interchange;

/// <summary>What a document says about an element besides its values.</summary>
/// <param name="Tag">Its tag.</param>
/// <param name="VR">Its VR, where the document names one.</param>
/// <param name="Inline">Bytes that were given as base64.</param>
/// <param name="Uri">Where the value is instead.</param>
internal readonly record struct ElementContent(DicomTag Tag, DicomVR? VR, byte[]? Inline, string? Uri);
