using System.Globalization;
using System.Text;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Hosting.Sweep;

/// <summary>Compares the epoch of the manifest with that of the object store, and raises both while the manifest changes.</summary>
/// <remarks>
/// Each epoch is written to the manifest first. A manifest that is restored from a backup has an older epoch than the store, and then
/// nothing is deleted (docs/design.md, Sweeping).
/// </remarks>
internal sealed class SweepArming(ISweepLedger ledger, IObjectStore objects, ProviderName space, TimeProvider time)
{
    private const string OlderManifest = "the manifest is older than the objects, as after a restore";
    private const string OtherManifest = "another copy of the manifest has used these objects";
    private const string NoMarker = "the objects are older than the manifest, or their marker is missing";
    private const int Tries = 5;

    /// <summary>How long an epoch that is unchanged in the manifest is not compared with the object store.</summary>
    private static readonly TimeSpan RecheckInterval = TimeSpan.FromMinutes(1);

    private readonly SweepMarker _marker = new(objects, ObjectPath.FolderOf(ledger.InstallationId, space));
    private SweepState? _agreed;
    private long _agreedAt;
    private long _knownEpoch;

    /// <summary>The highest epoch on which both sides agreed; a manifest with a lower one is not the one that was compared.</summary>
    public long KnownEpoch => Volatile.Read(ref _knownEpoch);

    /// <summary>Compares, and raises the epoch if the manifest has changed under it.</summary>
    /// <remarks>The first call in a new installation creates the first epoch.</remarks>
    /// <exception cref="ManifestUnavailableException">The manifest is not available.</exception>
    /// <exception cref="ObjectStoreException">The object store is not available.</exception>
    public async Task<SweepStanding> AdvanceAsync(CancellationToken cancellationToken)
    {
        SweepState state = await ledger.ReadStateAsync(space, cancellationToken);
        if (_agreed is { } agreed && agreed.Epoch == state.Epoch && agreed.Nonce == state.Nonce
            && state.LastChange == state.CoveredChange && time.GetElapsedTime(_agreedAt) < RecheckInterval)
        {
            return new SweepStanding(state, null);
        }

        SweepStanding standing = await CompareAsync(cancellationToken);
        if (standing.IsArmed && (standing.State.LastChange != standing.State.CoveredChange || standing.State.Epoch == 0))
        {
            await RaiseAsync(standing.State, standing.State.Epoch + 1, cancellationToken);
            standing = await CompareAsync(cancellationToken);
        }

        return standing;
    }

    /// <summary>Compares and completes an epoch that was begun, without raising one. A new installation is armed with epoch 0.</summary>
    public async Task<SweepStanding> CompareAsync(CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            SweepState state = await ledger.ReadStateAsync(space, cancellationToken);
            (long Epoch, string Nonce)? marker = await _marker.FindNewestAsync(cancellationToken);
            long behind = state.Epoch - (marker?.Epoch ?? 0);
            if (behind == 0)
            {
                return marker is null || marker.Value.Nonce == state.Nonce ? Agree(state) : Differ(state, OtherManifest);
            }

            if (behind == 1 && attempt < Tries)
            {
                await FinishAsync(state, cancellationToken);
            }
            else if (attempt == Tries)
            {
                // Not sooner: another gateway may raise the epoch between the two reads, and a listing may miss a marker that replaces
                // another.
                return Differ(state, behind > 0 ? NoMarker : OlderManifest);
            }
        }
    }

    /// <summary>Makes manifest and object store agree: from now on, objects that this manifest does not name belong to nobody.</summary>
    public async Task<SweepStanding> ArmAsync(CancellationToken cancellationToken)
    {
        SweepState state = await ledger.ReadStateAsync(space, cancellationToken);
        long marker = (await _marker.FindNewestAsync(cancellationToken))?.Epoch ?? 0;
        await RaiseAsync(state, Math.Max(state.Epoch, marker) + 1, cancellationToken);
        return await CompareAsync(cancellationToken);
    }

    private async Task RaiseAsync(SweepState from, long epoch, CancellationToken cancellationToken)
    {
        string nonce = Guid.NewGuid().ToString("N");
        if (await ledger.TryRaiseAsync(space, from, epoch, nonce, cancellationToken))
        {
            await WriteMarkerAsync(epoch, nonce, cancellationToken);
            await _marker.RemoveOlderAsync(epoch, cancellationToken);
        }
    }

    /// <summary>
    /// Completes an epoch of the manifest that the store lacks: the process that raised it has died, or is still writing.
    /// </summary>
    private Task FinishAsync(SweepState state, CancellationToken cancellationToken)
        => WriteMarkerAsync(state.Epoch, state.Nonce, cancellationToken);

    /// <summary>Writes a marker. If it already exists, the next comparison reads it; only without one has the store failed.</summary>
    private async Task WriteMarkerAsync(long epoch, string nonce, CancellationToken cancellationToken)
    {
        try
        {
            await _marker.WriteAsync(epoch, nonce, cancellationToken);
        }
        catch (ObjectStoreException)
        {
            if ((await _marker.FindNewestAsync(cancellationToken) is not { } newest) || newest.Epoch < epoch)
            {
                throw;
            }
        }
    }

    private SweepStanding Agree(SweepState state)
    {
        _agreed = state;
        _agreedAt = time.GetTimestamp();
        Volatile.Write(ref _knownEpoch, state.Epoch);
        return new SweepStanding(state, null);
    }

    private SweepStanding Differ(SweepState state, string fault)
    {
        _agreed = null;
        return new SweepStanding(state, fault);
    }
}

/// <summary>Whether manifest and object store are known to belong together.</summary>
/// <param name="State">The state in the manifest.</param>
/// <param name="Fault">Why the sweeper deletes nothing; null if it may delete.</param>
internal sealed record SweepStanding(SweepState State, string? Fault)
{
    public bool IsArmed => Fault is null;
}

/// <summary>The epoch of the manifest as the object store keeps it: one small object for each epoch, named by its number.</summary>
/// <remarks>A key is never written twice, so of two copies of a manifest with the same epoch only one can create the next.</remarks>
internal sealed class SweepMarker(IObjectStore objects, string folder)
{
    private const int MaxNonce = 64;
    private const int Tries = 3;

    private readonly string _prefix = folder + "_installation/";

    /// <summary>Returns the newest epoch of the store and its nonce; null if there is none.</summary>
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
                // Another process has written a newer one and removed this.
                continue;
            }
        }
    }

    /// <summary>Writes an epoch to the store. Fails if it exists.</summary>
    /// <exception cref="ObjectStoreException">It exists, or cannot be written.</exception>
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
