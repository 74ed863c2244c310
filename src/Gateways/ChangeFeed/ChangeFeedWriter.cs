using System.IO.Pipelines;
using System.Text.Json;
using ImagingIngestion.Manifest.Events;

namespace ImagingIngestion.Gateways.ChangeFeed;

/// <summary>Writes a page of the change feed while its events are read, so that only one of them is in memory as JSON.</summary>
internal sealed class ChangeFeedWriter : IAsyncDisposable
{
    private const int FlushBytes = 64 * 1024;
    private const long MaxPageBytes = 8L << 20;

    private readonly PipeWriter _body;
    private readonly ChangeFeedServices _services;
    private readonly Utf8JsonWriter _json;
    private long _written;
    private long _flushed;
    private long _next;
    private long _latest;

    public ChangeFeedWriter(PipeWriter body, ChangeFeedServices services)
    {
        _body = body;
        _services = services;
        _json = new Utf8JsonWriter(body);
        _json.WriteStartObject();
        _json.WriteStartArray("events"u8);
    }

    /// <summary>Writes the events of a page; false when the answer is long enough and its rest must be asked for again.</summary>
    public async Task<bool> WriteAsync(EventPage page, CancellationToken cancellationToken)
    {
        _latest = page.Bounds.Latest;
        foreach (LoggedEvent logged in page.Events)
        {
            if (_written >= MaxPageBytes)
            {
                return false;
            }

            WriteEvent(logged);
            _next = logged.Sequence;
            if (_json.BytesCommitted + _json.BytesPending - _flushed >= FlushBytes)
            {
                await _json.FlushAsync(cancellationToken);
                await _body.FlushAsync(cancellationToken);
                _flushed = _json.BytesCommitted;
            }
        }

        _next = page.Next;
        return true;
    }

    /// <summary>Ends the answer with the cursor to read on behind.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        _json.WriteEndArray();
        _json.WriteNumber("next"u8, _next);
        _json.WriteNumber("latest"u8, _latest);
        _json.WriteEndObject();
        await _json.FlushAsync(cancellationToken);
        await _body.FlushAsync(cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        // An answer that was cut off must not get an end that makes it look whole.
        _json.Reset();
        return _json.DisposeAsync();
    }

    private void WriteEvent(LoggedEvent logged)
    {
        byte[] data = EventData.Render(logged, _services.Spaces);
        _json.WriteStartObject();
        _json.WriteNumber("sequence"u8, logged.Sequence);
        _json.WriteString("id"u8, EventIds.Of(_services.Log.LogId, logged.Sequence));
        _json.WriteString("type"u8, logged.Content.Type.Name());
        _json.WriteString("source"u8, _services.Options.Source);
        _json.WriteString("time"u8, logged.OccurredAt.UtcDateTime);
        _json.WriteString("provider"u8, logged.Study.Provider.Value);
        _json.WritePropertyName("data"u8);
        _json.WriteRawValue(data, skipInputValidation: true);
        _json.WriteEndObject();
        _written += data.Length;
    }
}
