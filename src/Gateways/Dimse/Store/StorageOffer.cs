using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Options;

namespace ImagingIngestion.Gateways.Dimse.Store;

/// <summary>Which SOP classes are taken for storage, and in which transfer syntaxes: all, as they come, because nothing is decoded.</summary>
public static class StorageOffer
{
    private const string MediaStorageDirectory = "1.2.840.10008.1.3.10";
    private const string StorageCommitment = "Storage Commitment";

    /// <summary>The offer of a process.</summary>
    public static SopClassOffer Create(DimseOptions options)
    {
        HashSet<string> listed = [.. options.StorageSopClasses];
        bool takesAll = listed.Contains(DimseOptions.AllSopClasses);
        bool takesStandard = takesAll || listed.Contains(DimseOptions.StandardSopClasses);
        return new SopClassOffer
        {
            Covers = uid => listed.Contains(uid) || (IsKnown(uid) ? takesStandard && IsStandardStorage(uid) : takesAll && DicomUid.IsValid(uid)),
            ChooseTransferSyntax = ChooseTransferSyntax,

            // Who retrieves with C-GET is SCP of storage.
            AllowsRequestorAsScp = true,
        };
    }

    /// <summary>A storage SOP class of the standard, retired ones included. Two retired ones have lost their name there; both store images.</summary>
    public static bool IsStandardStorage(string uid)
        => uid != MediaStorageDirectory
            && UidRegistry.TryGet(uid, out UidEntry? entry)
            && entry.Type == UidType.SopClass
            && (entry.Name.Length == 0 || entry.Name.Contains("Storage", StringComparison.Ordinal))
            && !entry.Name.StartsWith(StorageCommitment, StringComparison.Ordinal);

    /// <summary>The first that is a UID; but Explicit VR Little Endian, which loses no VR of a private element, before an Implicit VR Little Endian that the peer names earlier.</summary>
    public static string? ChooseTransferSyntax(IReadOnlyList<string> proposed)
    {
        string? first = proposed.FirstOrDefault(uid => DicomUid.IsValid(uid));
        string better = TransferSyntax.ExplicitVRLittleEndian.Uid;
        return first == TransferSyntax.ImplicitVRLittleEndian.Uid && proposed.Contains(better) ? better : first;
    }

    private static bool IsKnown(string uid) => UidRegistry.TryGet(uid, out _);
}
