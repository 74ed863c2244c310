using System.Net;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Gateways.Admission;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace ImagingIngestion.Gateways.Http;

/// <summary>A connection with a place, which it gives back when it is closed.</summary>
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

    /// <summary>The connection of a request; null where nothing bounds them.</summary>
    public static BoundedConnection? Of(Microsoft.AspNetCore.Http.HttpContext context)
        => context.Features.Get<IConnectionItemsFeature>()?.Items.TryGetValue(Key, out object? found) == true
            ? found as BoundedConnection
            : null;

    /// <summary>A request is served from now on.</summary>
    public void BeginWork()
    {
        Pace.Restart();
        Interlocked.Exchange(ref _idleSince, 0);
    }

    /// <summary>Nothing is asked, or the peer has not sent what it announced.</summary>
    public void EndWork() => Interlocked.Exchange(ref _idleSince, _time.GetTimestamp());

    /// <summary>Asks the server to end it between two requests; when that did not help, breaks it off.</summary>
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

    /// <summary>Breaks off a request whose peer is too slow.</summary>
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
