using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.S3;

namespace ImagingIngestion.Storage.Tests.S3;

/// <summary>Bytes that pass through do not stay in memory.</summary>
/// <remarks>It runs alone, because other tests would disturb the count.</remarks>
[CollectionDefinition(nameof(S3MemoryTests), DisableParallelization = true)]
[Collection(nameof(S3MemoryTests))]
public sealed class S3MemoryTests
{
    private const long Size = 200L << 20;
    private const long Allowed = 32L << 20;

    [Fact]
    public async Task A_large_object_passes_with_little_memory()
    {
        await using ScriptedS3 server = await ScriptedS3.StartAsync();
        server.ForgetsParts = true;
        using S3ObjectStore store = await S3Bench.OpenAsync(server.Options);
        byte[] block = new byte[1 << 20];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long most = 0;

        await using IObjectUpload upload = await store.BeginInstanceAsync(CancellationToken.None);
        upload.Key = new ObjectKey("a/b.dcm");
        for (int number = 1; upload.Length < Size; number++)
        {
            await upload.WriteAsync(block, CancellationToken.None);
            if (number % 16 == 0)
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        }

        await upload.CompleteAsync(CancellationToken.None);

        Assert.Equal(Size, server.PartBytes);
        Assert.True(most < Allowed, $"{most:N0} bytes were held.");
    }
}
