using System.Security.Cryptography;
using ImagingIngestion.Dicom.Identifiers;

namespace ImagingIngestion.Manifest.Identity;

/// <summary>The name of an object in an object store: '/'-separated components that cannot leave the prefix.</summary>
/// <remarks>Keys are never reused.</remarks>
public readonly record struct ObjectKey
{
    private readonly string? _value;

    /// <exception cref="FormatException">
    /// A component is empty, begins with a dot or holds a character outside ASCII letters, digits, '.', '_', '-'.
    /// </exception>
    public ObjectKey(string value)
        => _value = IsValid(value) ? value : throw new FormatException(
            "An object key has '/'-separated components of ASCII letters, digits, '.', '_' or '-', none empty or with a leading dot.");

    /// <summary>A key that no upload uses: looking for it shows whether a store is reachable.</summary>
    public static ObjectKey Absent { get; } = new("_readiness/none.dcm");

    /// <summary>True for <c>default</c>, which is no key.</summary>
    public bool IsDefault => _value is null;

    public string Value => _value ?? "";

    public static bool IsValid(string? text)
        => text is { Length: > 0 and <= 1024 } && text.Split('/').All(component => component.Length > 0 && component[0] != '.'
            && component.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-'));

    public override string ToString() => Value;
}

/// <summary>The parts of an object key: <c>prefix/space/study/series/sop/upload.dcm</c> (docs/design.md, Objects).</summary>
/// <remarks>
/// If the UIDs came too late, it is <c>prefix/space/_unnamed/upload.dcm</c>. Keys of earlier versions have no prefix. A key of another form
/// belongs to no instance.
/// </remarks>
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

    /// <summary>The id of the installation that made it; empty without one.</summary>
    public string Prefix { get; }

    public ProviderName Space { get; }

    /// <summary>Study, series and SOP Instance UID in the key; null for an unnamed one.</summary>
    public (string Study, string Series, string Sop)? Uids { get; private init; }

    /// <summary>Returns the common beginning of all keys of a storage space, with the slash at its end.</summary>
    public static string FolderOf(string prefix, ProviderName space) => prefix.Length == 0 ? $"{space}/" : $"{prefix}/{space}/";

    /// <summary>Creates a key that no object has had or will have again.</summary>
    /// <param name="prefix">The id of the installation; empty for none.</param>
    /// <param name="study">The study.</param>
    /// <param name="instance">The instance.</param>
    public static ObjectKey NewKey(string prefix, StudyKey study, InstanceId instance)
        => new($"{FolderOf(prefix, study.Provider)}{study.Study}/{instance.Series}/{instance.Sop}/{NewUploadId()}{Extension}");

    /// <summary>Creates a key for an instance whose UIDs are not known yet.</summary>
    public static ObjectKey NewUnnamedKey(string prefix, ProviderName space)
        => new($"{FolderOf(prefix, space)}{Unnamed}/{NewUploadId()}{Extension}");

    /// <summary>Parses a key; returns null for one that this program never creates.</summary>
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
