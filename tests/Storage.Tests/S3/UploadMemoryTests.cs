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
    public async Task Uploads_that_outgrow_their_part_together_do_not_wait_for_each_other()
    {
        const int Uploads = 32;
        UploadMemory memory = new(Uploads * 5, Patience, TimeProvider.System);
        for (int i = 0; i < Uploads; i++)
        {
            await memory.TakeAsync(5, CancellationToken.None);
        }

        await Task.WhenAll(Enumerable.Range(0, Uploads).Select(async _ =>
        {
            memory.Return(5);
            foreach (int part in (int[])[10, 80])
            {
                await memory.TakeAgainAsync(part, CancellationToken.None);
                await Task.Yield();
                memory.Return(part);
            }
        })).WaitAsync(TestPatience);

        Assert.Equal(Uploads * 5, memory.Free);
    }

    [Fact]
    public async Task An_upload_on_its_way_waits_longer_than_one_that_begins()
    {
        UploadMemory memory = new(10, TimeSpan.FromSeconds(1), TimeProvider.System);
        await memory.TakeAsync(10, CancellationToken.None);
        Task later = memory.TakeAgainAsync(10, CancellationToken.None);
        await Assert.ThrowsAsync<ObjectStoreException>(() => memory.TakeAsync(1, CancellationToken.None));

        memory.Return(10);

        await later.WaitAsync(TestPatience);
    }
}
