using System.Security.Cryptography;
using ImagingIngestion.Dicom.Identifiers;

namespace ImagingIngestion.Manifest.Identity;

/// <summary>
/// What the key of an instance's object tells: <c>prefix/space/study/series/sop/upload.dcm</c>, or <c>prefix/space/_unnamed/upload.dcm</c>
/// where the UIDs came too late (design D4). Keys that earlier versions made have no prefix. Whatever looks otherwise is nobody's object.
/// </summary>
public sealed record ObjectPath
{
    private const string Unnamed = "_unnamed";
    private const string Extension = ".dcm";
    private const int UploadIdLength = 32;

    private ObjectPath(string prefix, ProviderName space)
    {
        Prefix = prefix;
        Space = space;
    }

    /// <summary>The id of the installation that made it; empty where there is none.</summary>
    public string Prefix { get; }

    public ProviderName Space { get; }

    /// <summary>Study, series and SOP Instance UID as they stand in the key; null for an unnamed one.</summary>
    public (string Study, string Series, string Sop)? Uids { get; private init; }

    /// <summary>What the keys of all objects of a storage space begin with, with the slash at its end.</summary>
    public static string FolderOf(string prefix, ProviderName space) => prefix.Length == 0 ? $"{space}/" : $"{prefix}/{space}/";

    /// <summary>A key that no object has had and none will have again.</summary>
    /// <param name="prefix">The id of the installation; empty for none.</param>
    /// <param name="study">The study.</param>
    /// <param name="instance">The instance.</param>
    public static ObjectKey NewKey(string prefix, StudyKey study, InstanceId instance)
        => new($"{FolderOf(prefix, study.Provider)}{study.Study}/{instance.Series}/{instance.Sop}/{NewUploadId()}{Extension}");

    /// <summary>A key for an instance whose UIDs are not known yet.</summary>
    public static ObjectKey NewUnnamedKey(string prefix, ProviderName space)
        => new($"{FolderOf(prefix, space)}{Unnamed}/{NewUploadId()}{Extension}");

    /// <summary>Null for a key that this program never makes.</summary>
    public static ObjectPath? Parse(ObjectKey key)
    {
        string[] parts = key.Value.Split('/');
        if (!IsUpload(parts[^1]))
        {
            return null;
        }

        bool isUnnamed = parts.Length is 3 or 4 && parts[^2] == Unnamed;
        if (!isUnnamed && (parts.Length is not (5 or 6) || !parts[^4..^1].All(uid => DicomUid.IsValid(uid))))
        {
            return null;
        }

        int space = parts.Length - (isUnnamed ? 3 : 5);
        return !ProviderName.IsValid(parts[space]) ? null : new ObjectPath(space == 0 ? "" : parts[0], new ProviderName(parts[space]))
        {
            Uids = isUnnamed ? null : (parts[^4], parts[^3], parts[^2]),
        };
    }

    private static string NewUploadId() => RandomNumberGenerator.GetHexString(UploadIdLength, lowercase: true);

    private static bool IsUpload(string name)
        => name.Length == UploadIdLength + Extension.Length && name.EndsWith(Extension, StringComparison.Ordinal)
            && name.AsSpan(0, UploadIdLength).IndexOfAnyExcept("0123456789abcdef") < 0;
}
