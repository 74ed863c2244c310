using System.Buffers;
using System.IO.Pipelines;
using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Gateways.Http;

/// <summary>The bytes of a connection, counted both ways.</summary>
internal sealed class PacedPipe(IDuplexPipe inner, PeerPace pace) : IDuplexPipe
{
    public PipeReader Input { get; } = new PacedPipeReader(inner.Input) { Pace = pace };

    public PipeWriter Output { get; } = new PacedPipeWriter(inner.Output, pace);
}

/// <summary>Tells of the bytes that a peer takes, and of the waits for it.</summary>
internal sealed class PacedPipeWriter(PipeWriter inner, PeerPace pace) : PipeWriter
{
    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void Advance(int bytes) => inner.Advance(bytes);

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        long bytes = inner.CanGetUnflushedBytes ? inner.UnflushedBytes : 0;
        ValueTask<FlushResult> flushing = inner.FlushAsync(cancellationToken);
        if (flushing.IsCompleted)
        {
            pace.Add(bytes);
            return await flushing;
        }

        pace.BeginWait();
        try
        {
            return await flushing;
        }
        finally
        {
            pace.EndWait();
            pace.Add(bytes);
        }
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}

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
