using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Gateways.Admission;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace ImagingIngestion.Gateways.Http;

/// <summary>A connection with a place, which it returns when it is closed.</summary>
internal sealed class BoundedConnection : ConnectionContext
{
    private static readonly object Key = new();

    private readonly ConnectionContext _inner;
    private readonly BoundedConnections _owner;
    private readonly TimeProvider _time;
    private long _idleSince;
    private bool _isAskedToClose;

    public BoundedConnection(ConnectionContext inner, BoundedConnections owner, PlaceRules rules, TimeProvider time)
    {
        _inner = inner;
        _owner = owner;
        _time = time;
        _idleSince = time.GetTimestamp();
        Pace = new PeerPace(rules.Window, rules.LeastPerSecond, time);
        inner.Transport = new PacedPipe(inner.Transport, Pace);
        inner.Items[Key] = this;
    }

    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    public override Microsoft.AspNetCore.Http.Features.IFeatureCollection Features => _inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => _inner.Items;
        set => _inner.Items = value;
    }

    public override System.IO.Pipelines.IDuplexPipe Transport
    {
        get => _inner.Transport;
        set => _inner.Transport = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _inner.ConnectionClosed;
        set => _inner.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    /// <summary>Null while a request is served.</summary>
    public long? IdleSince => Interlocked.Read(ref _idleSince) is var since and not 0 ? since : null;

    /// <summary>How fast the peer sends the request that is served, and takes its answer.</summary>
    public PeerPace Pace { get; }

    /// <summary>Returns the connection of a request; null if connections are not bounded.</summary>
    public static BoundedConnection? Of(Microsoft.AspNetCore.Http.HttpContext context)
        => context.Features.Get<IConnectionItemsFeature>()?.Items.TryGetValue(Key, out object? found) == true
            ? found as BoundedConnection
            : null;

    /// <summary>Marks the connection as busy with a request.</summary>
    public void BeginWork()
    {
        Pace.Restart();
        Interlocked.Exchange(ref _idleSince, 0);
    }

    /// <summary>Marks the connection as idle: there is no request, or its body has not begun.</summary>
    public void EndWork() => Interlocked.Exchange(ref _idleSince, _time.GetTimestamp());

    /// <summary>Asks the server to close the connection between two requests, and aborts it if that did not help.</summary>
    public void Close()
    {
        if (!_isAskedToClose && Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
        {
            _isAskedToClose = true;
            lifetime.RequestClose();
            return;
        }

        Abort(new ConnectionAbortedException("It was idle, and another connection took its place."));
    }

    /// <summary>Aborts a request whose peer is too slow.</summary>
    public void BreakOff() => Abort(new ConnectionAbortedException("It was too slow, and another connection took its place."));

    public override void Abort(ConnectionAbortedException abortReason) => _inner.Abort(abortReason);

    public override void Abort() => _inner.Abort();

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await _inner.DisposeAsync();
        }
        finally
        {
            _owner.Remove(this);
        }
    }
}

/// <summary>The bytes of a connection, counted both ways.</summary>
internal sealed class PacedPipe(IDuplexPipe inner, PeerPace pace) : IDuplexPipe
{
    public PipeReader Input { get; } = new PacedPipeReader(inner.Input) { Pace = pace };

    public PipeWriter Output { get; } = new PacedPipeWriter(inner.Output, pace);
}

/// <summary>Measures the bytes that a peer takes, and the waits for it.</summary>
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

/// <summary>Measures the bytes that a peer sends, and the waits for them.</summary>
internal sealed class PacedPipeReader(PipeReader inner) : PipeReader
{
    private ReadOnlySequence<byte> _buffer;
    private long _seen;

    /// <summary>Null while the bytes are not counted.</summary>
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
