using ImagingIngestion.Hosting.Sweep;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.TestKit;

namespace ImagingIngestion.Hosting.Tests.Sweep;

public sealed class SweepArmingTests : IAsyncLifetime
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    private readonly SweepSite _site = new();

    public Task InitializeAsync() => AdvanceAsync();

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task A_restored_older_manifest_loses_nothing_until_an_operator_arms_it()
    {
        (SampleStudy _, InstanceChange before) = await _site.StoreAsync();
        await AdvanceAsync();
        string copy = await _site.CopyManifestAsync();
        (SampleStudy _, InstanceChange after) = await _site.StoreAsync();
        await AdvanceAsync();
        await _site.RestoreManifestAsync(copy);
        (SampleStudy _, InstanceChange later) = await _site.StoreAsync();
        _site.Time.Advance(3 * Day);

        (SweepStanding standing, SweepCounts counts) = await _site.SweepAsync();

        Assert.False(standing.IsArmed);
        Assert.Equal((0L, 0L, false), (counts.Dropped, counts.Unnamed, counts.IsComplete));
        Assert.All([before, after, later], instance => Assert.True(_site.Has(instance)));
        (bool isWhole, string output) = await _site.CheckAsync();
        Assert.True(isWhole);
        Assert.Contains($"unnamed  {after.State.Object}", output, StringComparison.Ordinal);
        Assert.DoesNotContain(before.State.Object.Value, output, StringComparison.Ordinal);
        Assert.Contains("disarmed", output, StringComparison.Ordinal);
        Assert.False((await _site.SweepAsync()).Standing.IsArmed);

        await _site.CheckAsync(arms: true);

        (standing, counts) = await _site.SweepAsync();
        Assert.True(standing.IsArmed);
        Assert.Equal(1, counts.Unnamed);
        Assert.False(_site.Has(after));
        Assert.All([before, later], instance => Assert.True(_site.Has(instance)));
    }

    [Fact]
    public async Task A_repair_has_no_event_and_a_manifest_from_before_it_is_an_older_one_all_the_same()
    {
        (SampleStudy study, InstanceChange before) = await _site.StoreAsync();
        await AdvanceAsync();
        string copy = await _site.CopyManifestAsync();
        InstanceChange repaired = await _site.RepairAsync(study, before);
        await AdvanceAsync();
        await _site.RestoreManifestAsync(copy);
        _site.Time.Advance(3 * Day);

        (SweepStanding standing, SweepCounts counts) = await _site.SweepAsync();

        Assert.False(standing.IsArmed);
        Assert.Equal((0L, 0L), (counts.Dropped, counts.Unnamed));
        Assert.True(_site.Has(repaired));
    }

    [Fact]
    public async Task Of_two_copies_of_a_manifest_only_the_first_goes_on()
    {
        string copy = await _site.CopyManifestAsync();
        await _site.StoreAsync();
        Assert.True((await AdvanceAsync()).IsArmed);
        await _site.RestoreManifestAsync(copy);
        await _site.StoreAsync();

        Assert.False((await AdvanceAsync()).IsArmed);
    }

    [Fact]
    public async Task A_copy_that_has_caught_up_with_the_epochs_is_still_another_one()
    {
        string copy = await _site.CopyManifestAsync();
        await _site.StoreAsync();
        await AdvanceAsync();
        await _site.RestoreManifestAsync(copy);
        SweepState state = await StateAsync();

        Assert.True(await _site.Ledger.TryRaiseAsync(SweepSite.Space, state, state.Epoch + 1, "another", CancellationToken.None));

        Assert.False((await AdvanceAsync()).IsArmed);
    }

    [Fact]
    public async Task An_epoch_that_was_raised_in_the_manifest_only_is_finished()
    {
        SweepState state = await StateAsync();
        await _site.Ledger.TryRaiseAsync(SweepSite.Space, state, state.Epoch + 1, "interrupted", CancellationToken.None);

        Assert.True((await AdvanceAsync()).IsArmed);
        await _site.StoreAsync();
        Assert.True((await AdvanceAsync()).IsArmed);
        Assert.Equal(state.Epoch + 2, (await StateAsync()).Epoch);
    }

    [Fact]
    public async Task Objects_without_their_marker_disarm()
    {
        await _site.StoreAsync();
        await AdvanceAsync();
        Directory.Delete(
            Path.Combine(_site.ObjectsFolder, _site.Ledger.InstallationId, SweepSite.Space.Value, "_installation"), recursive: true);

        Assert.False((await AdvanceAsync()).IsArmed);
        await _site.CheckAsync(arms: true);
        Assert.True((await AdvanceAsync()).IsArmed);
    }

    [Fact]
    public async Task Gateways_that_beat_at_the_same_time_stay_armed_and_leave_one_marker()
    {
        for (int turn = 0; turn < 5; turn++)
        {
            await _site.StoreAsync();
            SweepStanding[] standings = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(AdvanceAsync)));
            Assert.All(standings, standing => Assert.Null(standing.Fault));
        }

        SweepState state = await StateAsync();
        Assert.Equal(state.CoveredChange, state.LastChange);
    }

    [Fact]
    public async Task An_idle_manifest_keeps_its_epoch()
    {
        long epoch = (await StateAsync()).Epoch;

        await AdvanceAsync();
        await AdvanceAsync();

        Assert.Equal(epoch, (await StateAsync()).Epoch);
    }

    [Fact]
    public async Task The_check_tells_objects_that_are_missing_or_cut_short()
    {
        (SampleStudy _, InstanceChange lost) = await _site.StoreAsync();
        (SampleStudy _, InstanceChange cut) = await _site.StoreAsync();
        (SampleStudy _, InstanceChange whole) = await _site.StoreAsync();
        File.Delete(Path.Combine(_site.ObjectsFolder, lost.State.Object.Value));
        await File.WriteAllBytesAsync(Path.Combine(_site.ObjectsFolder, cut.State.Object.Value), new byte[10]);

        (bool isWhole, string output) = await _site.CheckAsync();

        Assert.False(isWhole);
        Assert.Contains($"missing  {lost.State.Object}", output, StringComparison.Ordinal);
        Assert.Contains($"missing  {cut.State.Object}", output, StringComparison.Ordinal);
        Assert.DoesNotContain(whole.State.Object.Value, output, StringComparison.Ordinal);
        Assert.Contains("3 objects are named by the manifest; 2 of them", output, StringComparison.Ordinal);
    }

    private Task<SweepStanding> AdvanceAsync() => _site.NewArming().AdvanceAsync(CancellationToken.None);

    private Task<SweepState> StateAsync() => _site.Ledger.ReadStateAsync(SweepSite.Space, CancellationToken.None);
}
