using System.Security.Cryptography;
using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.Json;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>The facts about all instances of a scope that an answer needs before its first byte is sent.</summary>
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
    /// <summary>Reads the rows of a scope once; returns null if nothing is stored there.</summary>
    /// <param name="manifest">Where to look.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="parts">The parts to read besides the rows.</param>
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

/// <summary>Finds one instance with the places of its frames and bulk values.</summary>
internal static class LayoutReader
{
    /// <summary>A layout takes more memory than its stored form, which has numbers of a byte or two and which is read first.</summary>
    private const int MemoryPerByte = 8;

    /// <summary>Reads one instance; returns null if it is not stored.</summary>
    /// <param name="manifest">Where to look.</param>
    /// <param name="scope">Names one instance.</param>
    /// <param name="more">What is needed besides the layout.</param>
    /// <param name="share">Covers the layout.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<(StoredInstance Stored, InstanceLayout Layout)?> ReadAsync(
        IManifestQuery manifest, RetrieveScope scope, StoredInstanceParts more, HeaderShare share, CancellationToken cancellationToken)
    {
        await foreach (StoredInstance stored in manifest.RetrieveAsync(
            scope, StoredInstanceParts.Layout | more, cancellationToken))
        {
            await share.RequireAsync(stored.Layout.Length * MemoryPerByte, cancellationToken);
            ReadOnlyMemory<byte> layout = await stored.Layout.ReadAllAsync(cancellationToken);
            return (stored, InstanceLayout.Read(layout.Span));
        }

        return null;
    }
}

/// <summary>The metadata of an instance as the manifest keeps it, for answers.</summary>
internal static class InstanceMetadata
{
    /// <summary>Returns what BulkDataURIs of an instance begin with.</summary>
    /// <param name="instanceUrl">The absolute URL of the instance.</param>
    public static string BulkBase(string instanceUrl) => instanceUrl + "/bulkdata/";

    /// <summary>Opens it for reading element by element, with absolute BulkDataURIs.</summary>
    /// <param name="compressed">The bytes, which the caller disposes.</param>
    /// <param name="instanceUrl">The absolute URL of the instance.</param>
    /// <param name="share">Covers what is held.</param>
    /// <param name="wanted">The attributes to read; null for all.</param>
    public static MetadataReader Open(Stream compressed, string instanceUrl, HeaderShare share, Predicate<DicomTag>? wanted = null)
        => new(compressed, BulkBase(instanceUrl), share.RequireAsync) { Wanted = wanted };

    /// <summary>Reads some attributes as a data set, which the share covers.</summary>
    public static async Task<DicomDataset> ReadAsync(
        StoredBlob metadata, string instanceUrl, HeaderShare share, Predicate<DicomTag> wanted, CancellationToken cancellationToken)
    {
        await using Stream compressed = metadata.OpenRead();
        using MetadataReader reader = Open(compressed, instanceUrl, share, wanted);
        return await reader.ReadAllAsync(cancellationToken);
    }
}

/// <summary>URLs of resources below a retrieve root.</summary>
internal static class RetrieveUrls
{
    public static string Instance(string root, StudyInstanceUid study, InstanceId id)
        => $"{root}/studies/{study}/series/{id.Series}/instances/{id.Sop}";
}
