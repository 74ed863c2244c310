using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Hosting.Commands;
using ImagingIngestion.Hosting.Sweep;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Folder;
using ImagingIngestion.Storage.Sqlite;
using ImagingIngestion.Storage.TestKit;
using ImagingIngestion.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Hosting.Tests.Sweep;

/// <summary>An installation of a test: a manifest file, a folder of objects, and one clock for both.</summary>
internal sealed class SweepSite : IAsyncDisposable
{
    public static readonly ProviderName Space = SampleStudy.Provider;

    private readonly DirectoryInfo _own = Directory.CreateTempSubdirectory("sweep-test-");
    private readonly FolderObjectStore _folder;
    private SqliteManifestStore _manifest;

    /// <param name="objects">The folder of another installation to share; null for a separate one.</param>
    public SweepSite(string? objects = null)
    {
        ObjectsFolder = objects ?? Path.Combine(_own.FullName, "objects");
        _folder = FolderObjectStore.Open(ObjectsFolder, Time);
        _manifest = SqliteManifestStore.Open(ManifestFile, Time);
    }

    public string ObjectsFolder { get; }

    public string ManifestFile => Path.Combine(_own.FullName, "manifest.db");

    /// <summary>Stands still; the pauses between the batches of a round are over at once.</summary>
    public SkippedTime Time { get; } = new(pause => pause < TimeSpan.FromSeconds(1));

    public SweeperOptions Options { get; set; } = new();

    public IObjectStore Objects => _folder;

    public ISweepLedger Ledger => _manifest.Sweep;

    public IContentLedger Content => _manifest.Content;

    public IDamagedObjects Damaged => _manifest.Damaged;

    /// <summary>Creates the share that a sweeper verifies.</summary>
    public ContentShares NewShares(IDamagedObjects? damaged = null)
        => new(
            Content,
            Ledger,
            Objects,
            damaged ?? Damaged,
            new DamageReports(damaged ?? Damaged, NullLogger<DamageReports>.Instance),
            Time,
            NullLogger<ContentShares>.Instance);

    public SweepArming NewArming() => new(Ledger, Objects, Space, Time);

    /// <summary>Advances the epoch and runs one round, like a new process.</summary>
    public async Task<(SweepStanding Standing, SweepCounts Counts)> SweepAsync(ISweepLedger? ledger = null, IObjectStore? objects = null)
    {
        (SweepStanding standing, SweepRound round) = await BeginAsync(ledger, objects);
        return (standing, await round.RunAsync(CancellationToken.None));
    }

    /// <summary>Advances the epoch and deletes crowds of dropped objects.</summary>
    public async Task<long> DeleteCrowdsAsync() => await (await BeginAsync(null, null)).Round.DeleteCrowdsAsync(CancellationToken.None);

    /// <summary>Stores an instance of a new study: its object, then its row.</summary>
    public async Task<(SampleStudy Study, InstanceChange Instance)> StoreAsync()
    {
        SampleStudy study = new();
        InstanceChange instance = await AddAsync(study, study.Series());
        return (study, instance);
    }

    public async Task<InstanceChange> AddAsync(SampleStudy study, SeriesInstanceUid series, string? prefix = null, bool hasChecksum = true)
    {
        InstanceChange instance = SampleStudy.Instance(series);
        ObjectKey key = ObjectPath.NewKey(prefix ?? Ledger.InstallationId, study.Key, instance.State.Id);
        byte[] bytes = await WriteAsync(key);
        byte[] hashed = [.. Encoding.ASCII.GetBytes(instance.State.TransferSyntaxUid), .. bytes[(int)instance.State.DataSetOffset..]];
        instance = instance with
        {
            State = instance.State with
            {
                Object = key,
                ObjectLength = bytes.Length,
                Hash = ContentHash.FromBytes(SHA256.HashData(hashed)),
                ObjectChecksum = hasChecksum ? XxHash3.HashToUInt64(bytes) : null,
            },
        };
        await CommitAsync(study, study.Store(instance) with { Events = SampleStudy.EventsOf(instance) });
        return instance;
    }

    public async Task RemoveAsync(SampleStudy study, params InstanceChange[] instances)
        => await CommitAsync(study, study.Remove([.. instances.Select(instance => instance.State)]));

    /// <summary>Replaces the object of an instance by a new one, as a repair does: without an event.</summary>
    public async Task<InstanceChange> RepairAsync(SampleStudy study, InstanceChange instance)
    {
        ObjectKey key = ObjectPath.NewKey(Ledger.InstallationId, study.Key, instance.State.Id);
        InstanceChange repaired = instance with
        {
            State = instance.State with { Object = key, ObjectLength = (await WriteAsync(key)).Length }
        };
        await CommitAsync(study, study.Store(repaired) with { DroppedObjects = [instance.State.Object] });
        return repaired;
    }

    public async Task CommitAsync(SampleStudy study, StudyChange change)
    {
        Assert.Equal([StudyCommitResult.Committed], await _manifest.CommitAsync([change], CancellationToken.None));
        study.Version++;
    }

    /// <summary>Writes an object of random bytes at the time of the clock, and returns them.</summary>
    public async Task<byte[]> WriteAsync(ObjectKey key)
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(1000);
        await using IObjectUpload upload = await Objects.BeginInstanceAsync(CancellationToken.None);
        upload.Key = key;
        await upload.WriteAsync(bytes, CancellationToken.None);
        await upload.CompleteAsync(CancellationToken.None);
        File.SetLastWriteTimeUtc(PathOf(key), Time.GetUtcNow().UtcDateTime);
        return bytes;
    }

    public string PathOf(ObjectKey key) => Path.Combine(ObjectsFolder, key.Value);

    public bool Has(ObjectKey key) => File.Exists(PathOf(key));

    public async Task FlipAsync(InstanceChange instance, int place)
    {
        byte[] bytes = await File.ReadAllBytesAsync(PathOf(instance.State.Object));
        bytes[place] ^= 0x40;
        await File.WriteAllBytesAsync(PathOf(instance.State.Object), bytes);
    }

    /// <summary>Returns the current row.</summary>
    public async Task<InstanceState> FindAsync(InstanceChange instance)
        => (await Content.ListAsync(Space, InstancePosition.Start, 10_000, CancellationToken.None)).Select(listed => listed.State).Single(
            state => state.Id == instance.State.Id);

    /// <summary>Reads all objects, as the command does.</summary>
    public async Task<(bool IsGood, string Output)> ReadContentAsync(
        IObjectStore? objects = null, bool restarts = false, CancellationToken cancellationToken = default)
    {
        await using StringWriter output = new();
        DamageCheck check = new(Content, Ledger, objects ?? Objects, Damaged, Space, Time, output);
        bool isGood =
            await check.ReadAsync(new CheckOrder(Arms: false, ReadsContent: true, restarts, BytesPerSecond: 0), cancellationToken);
        return (isGood, output.ToString());
    }

    /// <summary>Lists the flagged objects, as the command does.</summary>
    public async Task<(bool IsGood, string Output)> ListDamagedAsync()
    {
        await using StringWriter output = new();
        return (await new DamageCheck(Content, Ledger, Objects, Damaged, Space, Time, output).ListAsync(
            CancellationToken.None), output.ToString());
    }

    public bool Has(InstanceChange instance) => Has(instance.State.Object);

    public async Task<string> CopyManifestAsync()
    {
        await _manifest.DisposeAsync();
        string copy = ManifestFile + ".copy";
        File.Copy(ManifestFile, copy, overwrite: true);
        _manifest = SqliteManifestStore.Open(ManifestFile, Time);
        return copy;
    }

    public async Task RestoreManifestAsync(string copy)
    {
        await _manifest.DisposeAsync();
        File.Delete(ManifestFile + "-wal");
        File.Copy(copy, ManifestFile, overwrite: true);
        _manifest = SqliteManifestStore.Open(ManifestFile, Time);
    }

    public async Task<(bool IsWhole, string Output)> CheckAsync(bool arms = false)
    {
        await using StringWriter output = new();
        bool isWhole = await new StorageCheck(Ledger, Objects, Space, Time, output).RunAsync(arms, CancellationToken.None);
        return (isWhole, output.ToString());
    }

    private async Task<(SweepStanding Standing, SweepRound Round)> BeginAsync(ISweepLedger? ledger, IObjectStore? objects)
    {
        SweepArming arming = NewArming();
        SweepStanding standing = await arming.AdvanceAsync(CancellationToken.None);
        return (standing, new SweepRound(
            ledger ?? Ledger, objects ?? Objects, Space, Options, Time, () => standing.IsArmed ? arming.KnownEpoch : null));
    }

    public async ValueTask DisposeAsync()
    {
        await _manifest.DisposeAsync();
        await _folder.DisposeAsync();
        _own.Delete(recursive: true);
    }
}
