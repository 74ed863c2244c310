using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Http;

/// <summary>
/// Collects an answer block by block before it is sent. What the server takes into its own buffer cannot be taken back; so a failure within
/// the first block can still become an answer of its own.
/// </summary>
internal static class BufferedAnswer
{
    private static readonly StreamPipeWriterOptions Options = new(minimumBufferSize: 64 << 10, leaveOpen: true);

    /// <summary>Writes the body of an answer; what the writer leaves unsent is sent at its end.</summary>
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
