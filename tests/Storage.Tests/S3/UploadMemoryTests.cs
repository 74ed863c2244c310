using ImagingIngestion.Manifest.Objects;

namespace ImagingIngestion.Storage.Tests.S3;

public sealed class UploadMemoryTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Who_finds_no_room_waits_in_the_order_of_asking()
    {
        UploadMemory memory = new(10, LongestWait, TimeProvider.System);
        await memory.TryTakeAsync(6, CancellationToken.None);
        Task<bool> large = memory.TryTakeAsync(8, CancellationToken.None);
        Task<bool> small = memory.TryTakeAsync(1, CancellationToken.None);
        Assert.False(large.IsCompleted);
        Assert.False(small.IsCompleted);

        memory.Return(6);

        Assert.True(await large.WaitAsync(TestTimeout));
        Assert.True(await small.WaitAsync(TestTimeout));
        Assert.Equal(1, memory.Free);
    }

    [Fact]
    public async Task Who_waits_too_long_is_told_to_try_later_and_holds_up_nobody()
    {
        UploadMemory memory = new(10, TimeSpan.FromMilliseconds(20), TimeProvider.System);
        await memory.TryTakeAsync(5, CancellationToken.None);

        Assert.False(await memory.TryTakeAsync(8, CancellationToken.None));

        await memory.TryTakeAsync(5, CancellationToken.None).WaitAsync(TestTimeout);
        Assert.Equal(0, memory.Free);
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_nothing()
    {
        UploadMemory memory = new(10, LongestWait, TimeProvider.System);
        using CancellationTokenSource stop = new();
        await memory.TryTakeAsync(10, CancellationToken.None);
        Task<bool> waiting = memory.TryTakeAsync(10, stop.Token);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        memory.Return(10);

        Assert.Equal(10, memory.Free);
    }

    [Fact]
    public async Task What_is_there_is_taken_at_once_or_not_at_all()
    {
        UploadMemory memory = new(10, LongestWait, TimeProvider.System);

        Assert.True(memory.TryTake(6));
        Assert.False(memory.TryTake(5));
        Task<bool> waiting = memory.TryTakeAsync(5, CancellationToken.None);
        Assert.False(memory.TryTake(1), "One that waits comes first.");

        memory.Return(6);
        Assert.True(await waiting.WaitAsync(TestTimeout));
        Assert.Equal(5, memory.Free);
    }
}
