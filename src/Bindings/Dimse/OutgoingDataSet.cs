using System.Buffers;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Source;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.Writing;

namespace ImagingIngestion.Bindings.Dimse;

/// <summary>Passes the data set of an instance on, as it comes or in implicit VR, and remembers when it was the source that failed.</summary>
/// <param name="reader">The instance; where it is to be rewritten, in Explicit VR Little Endian.</param>
/// <param name="becomesImplicit">It goes on in Implicit VR Little Endian.</param>
internal sealed class OutgoingDataSet(InstanceReader reader, bool becomesImplicit)
{
    /// <summary>Why the data set did not go out as a whole, for which the target is not to blame; null when that is not so.</summary>
    public DeliveryResult? Fault { get; private set; }

    /// <summary>It has an odd number of bytes.</summary>
    public bool IsOdd => reader.IsOdd;

    public async Task WriteAsync(Stream target, CancellationToken cancellationToken)
    {
        ImplicitVRRewriter? rewriter = becomesImplicit ? new ImplicitVRRewriter() : null;
        ArrayBufferWriter<byte> rewritten = new();
        while (await ReadAsync(cancellationToken) is { IsEmpty: false } bytes)
        {
            if (rewriter is not null)
            {
                Rewrite(() => rewriter.Rewrite(bytes.Span, rewritten));
                bytes = rewritten.WrittenMemory;
            }

            await target.WriteAsync(bytes, cancellationToken);
            rewritten.ResetWrittenCount();
        }

        if (rewriter is not null)
        {
            Rewrite(() => rewriter.Complete(rewritten));
            await target.WriteAsync(rewritten.WrittenMemory, cancellationToken);
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken);
        }
        catch (Exception exception) when (TargetFaults.IsNetworkFault(exception, cancellationToken))
        {
            Fault = InstanceSource.BrokenOff(exception);
            throw;
        }
    }

    private void Rewrite(Action step)
    {
        try
        {
            step();
        }
        catch (DicomParseException exception)
        {
            Fault = DeliveryResult.Permanent($"the target takes only Implicit VR Little Endian, and the stored data set cannot be written in it ({exception.Error})");
            throw;
        }
    }
}
