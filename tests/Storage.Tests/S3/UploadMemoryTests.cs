using ImagingIngestion.Grains;

namespace ImagingIngestion.Storage.Tests;

public sealed class UploadMemoryTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TestPatience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Who_finds_no_room_waits_in_the_order_of_asking()
    {
        UploadMemory memory = new(10, Patience, TimeProvider.System);
        await memory.TakeAsync(6, CancellationToken.None);
        Task large = memory.TakeAsync(8, CancellationToken.None);
        Task small = memory.TakeAsync(1, CancellationToken.None);
        Assert.False(large.IsCompleted);
        Assert.False(small.IsCompleted);

        memory.Return(6);

        await large.WaitAsync(TestPatience);
        await small.WaitAsync(TestPatience);
        Assert.Equal(1, memory.Free);
    }

    [Fact]
    public async Task Who_waits_too_long_is_told_to_try_later_and_holds_up_nobody()
    {
        UploadMemory memory = new(10, TimeSpan.FromMilliseconds(20), TimeProvider.System);
        await memory.TakeAsync(5, CancellationToken.None);

        Assert.Equal(ObjectStoreFault.Unavailable, (await Assert.ThrowsAsync<ObjectStoreException>(() => memory.TakeAsync(8, CancellationToken.None))).Fault);

        await memory.TakeAsync(5, CancellationToken.None).WaitAsync(TestPatience);
        Assert.Equal(0, memory.Free);
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_nothing()
    {
        UploadMemory memory = new(10, Patience, TimeProvider.System);
        using CancellationTokenSource stop = new();
        await memory.TakeAsync(10, CancellationToken.None);
        Task waiting = memory.TakeAsync(10, stop.Token);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        memory.Return(10);

        Assert.Equal(10, memory.Free);
    }

    [Fact]
    public async Task One_upload_at_a_time_outgrows_its_part_so_that_none_waits_for_another_that_waits()
    {
        UploadMemory memory = new(20, Patience, TimeProvider.System);
        await memory.TakeAsync(5, CancellationToken.None);
        await memory.TakeAsync(5, CancellationToken.None);
        await memory.GrowAsync(10, CancellationToken.None);
        Task second = memory.GrowAsync(10, CancellationToken.None);
        Assert.False(second.IsCompleted);

        memory.Shrink(10);

        await second.WaitAsync(TestPatience);
        Assert.Equal(0, memory.Free);
    }
}
