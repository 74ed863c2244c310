using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Gateways.Dimse.Retrieve;

/// <summary>One sub-operation that is to be performed: no more than names the instance and chooses its presentation contexts, because there may be tens of thousands.</summary>
internal readonly record struct RetrieveItem(StudyInstanceUid Study, InstanceId Id, string SopClassUid, string TransferSyntaxUid);
