using System.Globalization;
using System.Text;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Hosting.Sweep;

/// <summary>
/// The epoch of the manifest as the object store keeps it: one small object an epoch, named by its number. A key is never written twice, so of
/// two copies of a manifest that go on from one epoch only one can make the next.
/// </summary>
internal sealed class SweepMarker(IObjectStore objects, string folder)
{
    private const int MaxNonce = 64;
    private const int Tries = 3;

    private readonly string _prefix = folder + "_installation/";

    /// <summary>The newest epoch that the store knows and its nonce; null when it knows none.</summary>
    public async Task<(long Epoch, string Nonce)?> FindNewestAsync(CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            (long epoch, ObjectKey key) = (await ListAsync(cancellationToken)).DefaultIfEmpty().MaxBy(marker => marker.Epoch);
            if (key.IsDefault)
            {
                return null;
            }

            try
            {
                return (epoch, await ReadAsync(key, cancellationToken));
            }
            catch (ObjectStoreException error) when (error.Fault == ObjectStoreFault.NotFound && attempt < Tries)
            {
                // Somebody has written a newer one and removed this.
                continue;
            }
        }
    }

    /// <summary>Tells the store an epoch. Fails when it knows it already.</summary>
    /// <exception cref="ObjectStoreException">It is there, or cannot be written.</exception>
    public async Task WriteAsync(long epoch, string nonce, CancellationToken cancellationToken)
    {
        await using IObjectUpload upload = await objects.BeginInstanceAsync(cancellationToken);
        upload.Key = new ObjectKey(_prefix + epoch.ToString("D19", CultureInfo.InvariantCulture));
        await upload.WriteAsync(Encoding.ASCII.GetBytes(nonce), cancellationToken);
        await upload.CompleteAsync(cancellationToken);
    }

    /// <summary>Removes epochs before this one.</summary>
    public async Task RemoveOlderAsync(long epoch, CancellationToken cancellationToken)
    {
        foreach ((long _, ObjectKey key) in (await ListAsync(cancellationToken)).Where(marker => marker.Epoch < epoch))
        {
            await objects.DeleteAsync(key, cancellationToken);
        }
    }

    private async Task<List<(long Epoch, ObjectKey Key)>> ListAsync(CancellationToken cancellationToken)
    {
        List<(long Epoch, ObjectKey Key)> markers = [];
        await foreach (StoredObject item in objects.ListAsync(_prefix, cancellationToken))
        {
            if (long.TryParse(item.Key.Value.AsSpan(_prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long epoch))
            {
                markers.Add((epoch, item.Key));
            }
        }

        return markers;
    }

    private async Task<string> ReadAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        byte[] text = new byte[MaxNonce];
        await using Stream stream = await objects.OpenReadAsync(key, 0, MaxNonce, cancellationToken);
        int length = await stream.ReadAtLeastAsync(text, MaxNonce, throwOnEndOfStream: false, cancellationToken);
        return Encoding.ASCII.GetString(text, 0, length);
    }
}
