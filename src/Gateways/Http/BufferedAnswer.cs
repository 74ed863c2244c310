using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Collects an answer block by block before it is sent.</summary>
/// <remarks>The server cannot take back what it has buffered; a failure within the first block can still become an error answer.</remarks>
internal static class BufferedAnswer
{
    private static readonly StreamPipeWriterOptions Options = new(minimumBufferSize: 64 << 10, leaveOpen: true);

    /// <summary>Writes the body of an answer, and flushes at the end.</summary>
    public static async Task WriteAsync(HttpContext context, Func<PipeWriter, Task> write)
    {
        PipeWriter output = PipeWriter.Create(context.Response.Body, Options);
        try
        {
            await write(output);
            await output.FlushAsync(context.RequestAborted);
        }
        catch (Exception exception)
        {
            await output.CompleteAsync(exception);
            throw;
        }

        await output.CompleteAsync();
    }
}

/// <summary>Sends an answer that is written piece by piece in blocks worth a system call.</summary>
internal static class PipeWriterFlush
{
    private const int Threshold = 64 << 10;

    /// <summary>Flushes once enough bytes wait; here the back-pressure of the client takes effect.</summary>
    public static async ValueTask FlushWhenFullAsync(this PipeWriter output, CancellationToken cancellationToken)
    {
        if (output.UnflushedBytes >= Threshold)
        {
            await output.FlushAsync(cancellationToken);
        }
    }
}
