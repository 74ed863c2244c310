using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace ImagingIngestion.Dicom.Dictionary;

/// <summary>The UIDs of PS3.6 annex A; the registry is built when it is first used.</summary>
public static class UidRegistry
{
    private static readonly FrozenDictionary<string, UidEntry> ByUid = Read();

    public static IReadOnlyCollection<UidEntry> All => ByUid.Values;

    public static bool TryGet(string uid, [NotNullWhen(true)] out UidEntry? entry) => ByUid.TryGetValue(uid, out entry);

    /// <summary>Returns the name in the standard; the UID itself if it has none.</summary>
    public static string NameOf(string uid) => TryGet(uid, out UidEntry? entry) && entry.Name.Length > 0 ? entry.Name : uid;

    private static FrozenDictionary<string, UidEntry> Read()
    {
        var entries = new List<UidEntry>();
        foreach (string line in UidRegistryText.Text.Split('\n'))
        {
            string[] fields = line.Split('|');
            entries.Add(new UidEntry(fields[0], fields[1], TypeOf(fields[2]), fields[3], fields[4] == "retired"));
        }

        return entries.ToFrozenDictionary(entry => entry.Uid, StringComparer.Ordinal);
    }

    private static UidType TypeOf(string type) => type switch
    {
        "SOP Class" => UidType.SopClass,
        "Meta SOP Class" => UidType.MetaSopClass,
        "Service Class" => UidType.ServiceClass,
        "Transfer Syntax" => UidType.TransferSyntax,
        "Well-known SOP Instance" => UidType.WellKnownSopInstance,
        "Well-known frame of reference" => UidType.WellKnownFrameOfReference,
        "Coding Scheme" or "DICOM UIDs as a Coding Scheme" => UidType.CodingScheme,
        "Application Context Name" => UidType.ApplicationContextName,
        "Application Hosting Model" => UidType.ApplicationHostingModel,
        "Mapping Resource" => UidType.MappingResource,
        "LDAP OID" => UidType.LdapOid,
        "Synchronization Frame of Reference" => UidType.SynchronizationFrameOfReference,
        _ => UidType.Other,
    };
}

/// <summary>One row of PS3.6 annex A.</summary>
/// <param name="Uid">The UID.</param>
/// <param name="Name">The name as the standard writes it; empty for two retired SOP classes that lost theirs.</param>
/// <param name="Type">What it names.</param>
/// <param name="Keyword">The keyword, empty where the standard gives none.</param>
/// <param name="IsRetired">Retired by the standard.</param>
public sealed record UidEntry(string Uid, string Name, UidType Type, string Keyword, bool IsRetired);

/// <summary>What a UID of PS3.6 annex A names.</summary>
public enum UidType
{
    Other = 0,
    SopClass,
    MetaSopClass,
    ServiceClass,
    TransferSyntax,
    WellKnownSopInstance,
    WellKnownFrameOfReference,
    CodingScheme,
    ApplicationContextName,
    ApplicationHostingModel,
    MappingResource,
    LdapOid,
    SynchronizationFrameOfReference,
}
