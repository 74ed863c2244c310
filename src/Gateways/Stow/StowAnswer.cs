using System.Text;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Ingest;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Stow;

/// <summary>
/// The answer to a store request: its status (PS3.18 table 10.5.3-1) and the store instances response module (PS3.18 annex I).
/// </summary>
/// <param name="results">One for each instance, in the order of the request.</param>
/// <param name="retrieveRoot">Absolute URL of the service that retrieves.</param>
internal sealed class StowAnswer(IReadOnlyList<StoreResult> results, string retrieveRoot)
{
    /// <summary>
    /// 200 all stored, 202 stored with warnings or in part, 503 nothing stored and all may be sent again, 409 nothing stored.
    /// </summary>
    public int Status => results.All(result => result.IsStored)
        ? results.All(result => result.Warning is null) ? StatusCodes.Status200OK : StatusCodes.Status202Accepted
        : results.Any(result => result.IsStored) ? StatusCodes.Status202Accepted
        : results.All(result => result.Failure!.Value.IsTransient()) ? StatusCodes.Status503ServiceUnavailable
        : StatusCodes.Status409Conflict;

    /// <summary>
    /// Returns the response module, without empty sequences: some clients read an empty FailedSOPSequence as a failure.
    /// </summary>
    public DicomDataset ToDataset()
    {
        DicomDataset root = new() { CharacterSet = SpecificCharacterSet.Utf8 };
        StudyInstanceUid[] studies = [.. results.Where(result => result.IsStored).Select(result => result.Identity!.Study).Distinct()];
        if (studies.Length == 1)
        {
            root.Set(Text(DicomTag.RetrieveURL, DicomVR.UR, $"{retrieveRoot}/studies/{studies[0]}"));
        }

        AddSequence(root, DicomTag.FailedSOPSequence, results.Where(result => !result.IsStored && result.IsIdentified).Select(FailedItem));
        AddSequence(root, DicomTag.ReferencedSOPSequence, results.Where(result => result.IsStored).Select(StoredItem));
        AddSequence(
            root, DicomTag.OtherFailuresSequence, results.Where(result => !result.IsStored && !result.IsIdentified).Select(FailedItem));
        return root;
    }

    private DicomDataset StoredItem(StoreResult result)
    {
        InstanceIdentity identity = result.Identity!;
        DicomDataset item = Referenced(result);
        item.Set(Text(
            DicomTag.RetrieveURL,
            DicomVR.UR,
            $"{retrieveRoot}/studies/{identity.Study}/series/{identity.Series}/instances/{identity.Sop}"));
        if (result.Warning is { } warning)
        {
            item.Set(Number(DicomTag.WarningReason, (ushort)warning));
        }

        return item;
    }

    private static DicomDataset FailedItem(StoreResult result)
    {
        DicomDataset item = result.IsIdentified ? Referenced(result) : new();
        item.Set(Number(DicomTag.FailureReason, result.Failure!.Value.Code()));
        return item;
    }

    private static DicomDataset Referenced(StoreResult result)
    {
        DicomDataset item = new();
        item.Set(Text(DicomTag.ReferencedSOPClassUID, DicomVR.UI, result.SopClass!.Value.Value));
        item.Set(Text(DicomTag.ReferencedSOPInstanceUID, DicomVR.UI, result.SopInstance!.Value.Value));
        return item;
    }

    private static void AddSequence(DicomDataset root, DicomTag tag, IEnumerable<DicomDataset> items)
    {
        DicomDataset[] all = [.. items];
        if (all.Length > 0)
        {
            root.Set(new DicomElement(tag, all));
        }
    }

    private static DicomElement Text(DicomTag tag, DicomVR vr, string text) => new(tag, vr, Encoding.ASCII.GetBytes(text));

    private static DicomElement Number(DicomTag tag, ushort value) => new(tag, DicomVR.US, new[] { (byte)value, (byte)(value >> 8) });
}
