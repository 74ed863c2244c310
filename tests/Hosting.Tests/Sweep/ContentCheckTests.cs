using System.Collections.Concurrent;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Hosting.Sweep;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.TestKit;

namespace ImagingIngestion.Hosting.Tests.Sweep;

/// <summary><c>check --content</c> and the share of the sweeper, over a real folder and manifest.</summary>
public sealed class ContentCheckTests : IAsyncLifetime
{
    private static readonly ObjectStoreException Fault = new(ObjectStoreFault.Unavailable, "Read of an object failed.");

    private readonly SweepSite _site = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task What_is_flipped_cut_longer_or_gone_is_told_and_flagged_and_nothing_else()
    {
        InstanceChange[] stored = await StoreAsync(6);
        await _site.FlipAsync(stored[0], 10);
        await _site.FlipAsync(stored[1], 999);
        await File.WriteAllBytesAsync(PathOf(stored[2]), new byte[400]);
        await File.AppendAllTextAsync(PathOf(stored[3]), "more");
        File.Delete(PathOf(stored[4]));

        (bool isGood, string output) = await _site.ReadContentAsync();

        Assert.False(isGood);
        await AssertFlagsAsync(stored, true, true, true, true, true, false);
        string[] damage = ["content", "content", "length", "length", "missing"];
        Assert.All(
            stored.Zip(damage),
            found => Assert.Contains($"{found.First.State.Object}  is damaged ({found.Second})", output, StringComparison.Ordinal));
        Assert.Contains("Verified 6 objects: 5 are damaged", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flagged_objects_are_listed_until_they_are_found_good_again()
    {
        InstanceChange[] stored = await StoreAsync(2);
        byte[] backup = await File.ReadAllBytesAsync(PathOf(stored[0]));
        await _site.FlipAsync(stored[0], 500);
        await _site.ReadContentAsync();
        (bool isGood, string listed) = await _site.ListDamagedAsync();
        Assert.False(isGood);
        Assert.Contains($"damaged  {stored[0].State.Object}  studies/", listed, StringComparison.Ordinal);
        Assert.DoesNotContain(stored[1].State.Object.Value, listed, StringComparison.Ordinal);

        await File.WriteAllBytesAsync(PathOf(stored[0]), backup);
        (isGood, string output) = await _site.ReadContentAsync();

        Assert.True(isGood, output);
        Assert.Contains($"{stored[0].State.Object}  is good again", output, StringComparison.Ordinal);
        await AssertFlagsAsync(stored, false, false);
        Assert.True((await _site.ListDamagedAsync()).IsGood);
    }

    [Fact]
    public async Task Rows_of_before_checksums_are_verified_by_their_hash_and_get_one_where_they_are_good()
    {
        InstanceChange[] stored = await StoreAsync(3, hasChecksum: false);
        await _site.FlipAsync(stored[1], 999);

        (bool isGood, string output) = await _site.ReadContentAsync();

        Assert.False(isGood);
        Assert.Contains("2 were given a checksum", output, StringComparison.Ordinal);
        ulong?[] checksums =
        [
            .. stored.Select(instance => (ulong?)System.IO.Hashing.XxHash3.HashToUInt64(File.ReadAllBytes(PathOf(instance))))
        ];
        ulong?[] kept = await ReadAsync(stored, state => state.ObjectChecksum);
        Assert.Equal([checksums[0], null, checksums[2]], kept);
        await AssertFlagsAsync(stored, false, true, false);
    }

    [Fact]
    public async Task A_check_that_was_stopped_goes_on_and_one_that_ended_begins_anew()
    {
        InstanceChange[] stored = await StoreAsync(100);
        using CancellationTokenSource stop = new();
        (FaultyReads objects, ConcurrentQueue<ObjectKey> first) = Watch();
        Func<ObjectKey, ObjectStoreException?> count = objects.OnOpen;
        objects.OnOpen = key =>
        {
            count(key);
            if (first.Count == 50)
            {
                stop.Cancel();
            }

            return null;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _site.ReadContentAsync(objects, cancellationToken: stop.Token));

        (objects, ConcurrentQueue<ObjectKey> second) = Watch();
        (bool isGood, string output) = await _site.ReadContentAsync(objects);
        (objects, ConcurrentQueue<ObjectKey> third) = Watch();
        await _site.ReadContentAsync(objects);

        Assert.True(isGood, output);
        Assert.Contains("Continues after 32 objects", output, StringComparison.Ordinal);
        Assert.Equal((68, 100), (second.Count, third.Count));
        Assert.Equal(
            stored.Select(instance => instance.State.Object.Value).Order(),
            first.Concat(second).Select(key => key.Value).Distinct().Order());
    }

    [Fact]
    public async Task A_check_that_was_stopped_can_begin_anew()
    {
        await StoreAsync(3);
        await _site.Content.SaveProgressAsync(
            SweepSite.Space,
            "command",
            new ContentProgress(new InstancePosition(long.MaxValue, 0, 0, 0), 3, _site.Time.GetUtcNow()),
            CancellationToken.None);

        (FaultyReads objects, ConcurrentQueue<ObjectKey> reads) = Watch();
        await _site.ReadContentAsync(objects, restarts: true);

        Assert.Equal(3, reads.Count);
    }

    [Fact]
    public async Task An_object_that_cannot_be_read_now_is_told_and_not_flagged()
    {
        InstanceChange[] stored = await StoreAsync(3);
        FaultyReads objects = new(_site.Objects) { OnOpen = key => key == stored[1].State.Object ? Fault : null };

        (bool isGood, string output) = await _site.ReadContentAsync(objects);

        Assert.False(isGood);
        Assert.Contains($"{stored[1].State.Object}  cannot be read", output, StringComparison.Ordinal);
        await AssertFlagsAsync(stored, false, false, false);
    }

    [Fact]
    public async Task A_store_that_is_away_ends_the_check_where_it_is()
    {
        InstanceChange[] stored = await StoreAsync(3);
        FaultyReads objects = new(_site.Objects) { OnOpen = _ => Fault };

        await Assert.ThrowsAsync<ObjectStoreException>(() => _site.ReadContentAsync(objects));

        Assert.Null(await _site.Content.ReadProgressAsync(SweepSite.Space, "command", CancellationToken.None));
        await AssertFlagsAsync(stored, false, false, false);
    }

    [Fact]
    public async Task A_folder_that_is_not_the_one_of_the_manifest_condemns_nothing()
    {
        InstanceChange[] stored = await StoreAsync(3);
        await _site.NewArming().AdvanceAsync(CancellationToken.None);
        Assert.True((await _site.ReadContentAsync()).IsGood);
        Directory.Move(_site.ObjectsFolder, _site.ObjectsFolder + ".away");
        Directory.CreateDirectory(Path.Combine(_site.ObjectsFolder, ".uploads"));

        await Assert.ThrowsAsync<ObjectStoreException>(() => _site.ReadContentAsync());

        await AssertFlagsAsync(stored, false, false, false);
    }

    [Fact]
    public async Task A_bit_that_flips_on_the_way_once_condemns_no_object()
    {
        InstanceChange[] stored = await StoreAsync(3);
        FlippingObjects objects = new(_site.Objects) { FlipsNextRead = true };

        (bool isGood, string output) = await _site.ReadContentAsync(objects);

        Assert.True(isGood, output);
        await AssertFlagsAsync(stored, false, false, false);
    }

    [Fact]
    public async Task The_shares_of_as_many_intervals_as_there_are_in_the_time_that_is_set_are_all_objects()
    {
        InstanceChange[] stored = await StoreAsync(60);
        _site.Options = _site.Options with { Interval = TimeSpan.FromDays(1), VerifyWithin = TimeSpan.FromDays(30), VerifyRate = 0 };
        await _site.FlipAsync(stored[59], 999);

        for (int day = 0; day < 30; day++)
        {
            ContentCounts counts =
                await _site.NewShares().Next(SweepSite.Space, _site.Options).RunAsync(() => true, CancellationToken.None);
            Assert.Equal((2, day == 29 ? 1 : 0), (counts.Objects, counts.Damaged));
        }

        Assert.Equal(59, (await FlagsAsync(stored)).Count(flag => !flag));
    }

    [Fact]
    public async Task Nothing_is_verified_where_that_is_switched_off_or_another_process_sweeps()
    {
        await StoreAsync(3);
        SweeperOptions off = _site.Options with { VerifyWithin = TimeSpan.Zero };

        Assert.Equal(default, await _site.NewShares().Next(SweepSite.Space, off).RunAsync(() => true, CancellationToken.None));
        Assert.Equal(default, await _site.NewShares().Next(SweepSite.Space, _site.Options).RunAsync(() => false, CancellationToken.None));
    }

    [Fact]
    public async Task Reads_keep_to_their_rate()
    {
        using CancellationTokenSource stop = new();
        ReadRate slow = new(1, TimeProvider.System);

        Task read = slow.WaitAsync(1_000_000, stop.Token).AsTask();

        Assert.False(read.IsCompleted);
        await new ReadRate(0, TimeProvider.System).WaitAsync(int.MaxValue, CancellationToken.None);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    /// <summary>The objects, and which of them were opened.</summary>
    private (FaultyReads Objects, ConcurrentQueue<ObjectKey> Opened) Watch()
    {
        ConcurrentQueue<ObjectKey> opened = [];
        FaultyReads objects = new(_site.Objects)
        {
            OnOpen = key =>
            {
                opened.Enqueue(key);
                return null;
            },
        };
        return (objects, opened);
    }

    private string PathOf(InstanceChange instance) => _site.PathOf(instance.State.Object);

    private async Task<InstanceChange[]> StoreAsync(int count, bool hasChecksum = true)
    {
        SampleStudy study = new();
        SeriesInstanceUid series = study.Series();
        List<InstanceChange> stored = [];
        for (int index = 0; index < count; index++)
        {
            stored.Add(await _site.AddAsync(study, series, hasChecksum: hasChecksum));
        }

        return [.. stored];
    }

    private Task<T[]> ReadAsync<T>(InstanceChange[] instances, Func<InstanceState, T> read)
        => Task.WhenAll(instances.Select(async instance => read(await _site.FindAsync(instance))));

    private async Task AssertFlagsAsync(InstanceChange[] instances, params bool[] expected)
        => Assert.Equal(expected, await FlagsAsync(instances));

    private Task<bool[]> FlagsAsync(InstanceChange[] instances) => ReadAsync(instances, state => state.IsDamaged);
}
