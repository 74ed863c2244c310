using System.Security.Cryptography;
using System.Text;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>What must be known of all instances of a scope before the first byte of an answer is sent.</summary>
/// <param name="First">The first instance.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Encodings">The transfer syntax UIDs that they are stored in, and, where it was asked for, how they are encoded.</param>
/// <param name="Fingerprint">Changes whenever an instance is added, replaced or removed.</param>
/// <param name="LastModified">When the newest was stored.</param>
/// <param name="Damaged">The first instance whose object is known to be damaged; null where there is none.</param>
internal sealed record ScopeSummary(
    StoredInstance First, int Count, IReadOnlyCollection<(string Uid, StoredEncoding Encoding)> Encodings, string Fingerprint,
    DateTimeOffset LastModified, InstanceId? Damaged)
{
    /// <summary>Null when nothing is stored there.</summary>
    /// <param name="manifest">Where to look.</param>
    /// <param name="scope">What is wanted.</param>
    /// <param name="parts">What is read besides the rows.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<ScopeSummary?> ReadAsync(
        IManifestQuery manifest, RetrieveScope scope, StoredInstanceParts parts, CancellationToken cancellationToken)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        HashSet<(string, StoredEncoding)> encodings = [];
        StoredInstance? first = null;
        int count = 0;
        DateTimeOffset lastModified = default;
        InstanceId? damaged = null;
        await foreach (StoredInstance stored in manifest.RetrieveAsync(scope, parts, cancellationToken))
        {
            first ??= stored;
            count++;
            damaged ??= stored.State.IsDamaged ? stored.State.Id : null;
            encodings.Add((stored.State.TransferSyntaxUid, parts.HasFlag(StoredInstanceParts.Encoding) ? stored.Encoding : default));
            lastModified = stored.State.StoredAt > lastModified ? stored.State.StoredAt : lastModified;
            hash.AppendData(Encoding.UTF8.GetBytes(
                $"{stored.StudyVersion} {stored.State.Id.Series} {stored.State.Id.Sop} {stored.State.Hash} {stored.State.Object}\n"));
        }

        return first is null
            ? null
            : new ScopeSummary(first, count, encodings, Convert.ToHexStringLower(hash.GetHashAndReset()), lastModified, damaged);
    }
}
