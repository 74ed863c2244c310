using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Tests.Peers;

namespace ImagingIngestion.Dimse.Tests.Transport;

/// <summary>Data that passes through does not stay in memory.</summary>
/// <remarks>The tests run alone, because others would disturb the count.</remarks>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
[Collection(nameof(MemoryTests))]
public sealed class MemoryTests
{
    private const int Size = 64 << 20;

    [Fact]
    public async Task A_large_data_set_costs_no_memory_of_its_size()
    {
        StoreService store = new();
        await using TestServer server = await TestServer.StartAsync(store);
        await using Association association = await TestRequest.OpenAsync(server.Port);
        byte[] block = new byte[1 << 20];
        await StoreAsync(association, block, 1);

        long before = GC.GetTotalAllocatedBytes(precise: true);
        await StoreAsync(association, block, Size / block.Length);
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        Assert.Equal(Size, store.Stored["1.2.64"].Length);
        Assert.True(allocated < Size / 16, $"{allocated:N0} bytes were allocated, by both sides.");
        await association.ReleaseAsync(CancellationToken.None);
    }

    private static async Task StoreAsync(Association association, byte[] block, int count)
    {
        OutgoingOperation operation = await association.InvokeStoreAsync($"1.2.{count}", async (stream, token) =>
        {
            for (int i = 0; i < count; i++)
            {
                await stream.WriteAsync(block, token);
            }
        });
        Assert.Equal(DimseStatus.Success, (await operation.ReadAsync(CancellationToken.None)).Response.Status);
    }
}
