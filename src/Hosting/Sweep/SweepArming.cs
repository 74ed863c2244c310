using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Hosting.Sweep;

/// <summary>
/// Compares the epoch of the manifest with the one that the object store keeps, and raises both while the manifest changes. Each epoch is written
/// to the manifest first: a manifest that is restored from a backup has an older epoch than the store, and then nothing is deleted (design D4).
/// </summary>
internal sealed class SweepArming(ISweepLedger ledger, IObjectStore objects, ProviderName space, TimeProvider time)
{
    private const string OlderManifest = "the manifest is older than the objects, as after a restore";
    private const string OtherManifest = "another copy of the manifest has used these objects";
    private const string NoMarker = "the objects are older than the manifest, or their marker is missing";
    private const int Tries = 5;

    /// <summary>How long an epoch that has not changed in the manifest need not be looked for in the object store.</summary>
    private static readonly TimeSpan Trust = TimeSpan.FromMinutes(1);

    private readonly SweepMarker _marker = new(objects, ObjectPath.FolderOf(ledger.InstallationId, space));
    private SweepState? _agreed;
    private long _agreedAt;
    private long _knownEpoch;

    /// <summary>The highest epoch on which both sides have agreed; a manifest that tells a lower one is not the one that was compared.</summary>
    public long KnownEpoch => Volatile.Read(ref _knownEpoch);

    /// <summary>Compares, and raises the epoch where the manifest has changed under it. The first call in a new installation makes the first epoch.</summary>
    /// <exception cref="ManifestUnavailableException">The manifest cannot be asked.</exception>
    /// <exception cref="ObjectStoreException">The object store cannot be asked.</exception>
    public async Task<SweepStanding> BeatAsync(CancellationToken cancellationToken)
    {
        SweepState state = await ledger.ReadStateAsync(space, cancellationToken);
        if (_agreed is { } agreed && agreed.Epoch == state.Epoch && agreed.Nonce == state.Nonce
            && state.LastChange == state.CoveredChange && time.GetElapsedTime(_agreedAt) < Trust)
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

    /// <summary>Compares and finishes an epoch that was begun; raises none. A new installation is armed with epoch 0.</summary>
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
                // Not sooner: another gateway may raise the epoch between the two looks, and a listing may miss a marker that takes the place of another.
                return Differ(state, behind > 0 ? NoMarker : OlderManifest);
            }
        }
    }

    /// <summary>Makes manifest and object store agree, whatever they say: from now on, what this manifest does not name is nobody's.</summary>
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

    /// <summary>The manifest has the next epoch and the store does not: whoever raised it has died on the way, or is on it.</summary>
    private Task FinishAsync(SweepState state, CancellationToken cancellationToken) => WriteMarkerAsync(state.Epoch, state.Nonce, cancellationToken);

    /// <summary>A marker that is there already is compared next; only when there is none was it the store that failed.</summary>
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
