using System.Net;

namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>Generates a big instance while it is sent. A gate in the middle lets a test hold it half sent.</summary>
internal sealed class BigInstanceContent(BigInstance instance, Task? gate = null) : HttpContent
{
    private const int BlockBytes = 128 * 1024;

    private readonly TaskCompletionSource _halfSent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when half of the pixel data is sent.</summary>
    public Task HalfSent => _halfSent.Task;

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(instance.Head.ToArray());
        byte[] block = new byte[BlockBytes];
        for (long at = 0; at < instance.PixelBytes; at += BlockBytes)
        {
            if (at >= instance.PixelBytes / 2 && !_halfSent.Task.IsCompleted)
            {
                await stream.FlushAsync();
                _halfSent.SetResult();
                await (gate ?? Task.CompletedTask);
            }

            int count = (int)Math.Min(BlockBytes, instance.PixelBytes - at);
            BigInstance.FillPixels(block.AsSpan(0, count), at);
            await stream.WriteAsync(block.AsMemory(0, count));
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = instance.FileLength;
        return true;
    }
}
