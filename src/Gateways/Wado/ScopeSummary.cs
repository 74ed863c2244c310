using System.Security.Cryptography;
using System.Text;
using ImagingIngestion.Grains;

namespace ImagingIngestion.Gateways;

/// <summary>What must be known of all instances of a scope before the first byte of an answer is sent.</summary>
/// <param name="First">The first instance.</param>
/// <param name="Count">How many there are.</param>
/// <param name="TransferSyntaxes">The transfer syntax UIDs that they are stored in.</param>
/// <param name="Fingerprint">Changes whenever an instance is added, replaced or removed.</param>
/// <param name="LastModified">When the newest was stored.</param>
/// <param name="Damaged">The first instance whose object is known to be damaged; null where there is none.</param>
internal sealed record ScopeSummary(
    StoredInstance First, int Count, IReadOnlyCollection<string> TransferSyntaxes, string Fingerprint, DateTimeOffset LastModified, InstanceId? Damaged)
{
    /// <summary>Null when nothing is stored there.</summary>
    public static async Task<ScopeSummary?> ReadAsync(IManifestQuery manifest, RetrieveScope scope, CancellationToken cancellationToken)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        HashSet<string> syntaxes = [];
        StoredInstance? first = null;
        int count = 0;
        DateTimeOffset lastModified = default;
        InstanceId? damaged = null;
        await foreach (StoredInstance stored in manifest.RetrieveAsync(scope, StoredInstanceParts.None, cancellationToken))
        {
            first ??= stored;
            count++;
            damaged ??= stored.State.IsDamaged ? stored.State.Id : null;
            syntaxes.Add(stored.State.TransferSyntaxUid);
            lastModified = stored.State.StoredAt > lastModified ? stored.State.StoredAt : lastModified;
            hash.AppendData(Encoding.UTF8.GetBytes($"{stored.StudyVersion} {stored.State.Id.Series} {stored.State.Id.Sop} {stored.State.Hash} {stored.State.Object}\n"));
        }

        return first is null ? null : new ScopeSummary(first, count, syntaxes, Convert.ToHexStringLower(hash.GetHashAndReset()), lastModified, damaged);
    }
}
