using System.Buffers;
using System.IO.Pipelines;
using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Tells of the bytes that a peer sends, and of the waits for them.</summary>
internal sealed class PacedPipeReader(PipeReader inner) : PipeReader
{
    private ReadOnlySequence<byte> _buffer;
    private long _seen;

    /// <summary>Null while nobody counts.</summary>
    public PeerPace? Pace { get; set; }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ValueTask<ReadResult> reading = inner.ReadAsync(cancellationToken);
        if (reading.IsCompleted)
        {
            return Count(await reading);
        }

        PeerPace? pace = Pace;
        pace?.BeginWait();
        try
        {
            return Count(await reading);
        }
        finally
        {
            pace?.EndWait();
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        bool isThere = inner.TryRead(out result);
        if (isThere)
        {
            Count(result);
        }

        return isThere;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _seen = _buffer.Slice(consumed).Length;
        _buffer = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    /// <summary>Counts the bytes of the buffer that no earlier read has returned.</summary>
    private ReadResult Count(ReadResult result)
    {
        _buffer = result.Buffer;
        Pace?.Add(Math.Max(0, _buffer.Length - _seen));
        return result;
    }
}
