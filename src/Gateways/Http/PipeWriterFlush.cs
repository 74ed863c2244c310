using System.IO.Pipelines;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Sends an answer that is written piece by piece in blocks worth a system call.</summary>
internal static class PipeWriterFlush
{
    private const int Threshold = 64 << 10;

    /// <summary>Flushes when enough bytes wait; back-pressure of the client counts here.</summary>
    public static async ValueTask FlushWhenFullAsync(this PipeWriter output, CancellationToken cancellationToken)
    {
        if (output.UnflushedBytes >= Threshold)
        {
            await output.FlushAsync(cancellationToken);
        }
    }
}
