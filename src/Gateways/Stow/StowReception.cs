using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways;

/// <summary>Takes in the instances of one request, one after the other; each succeeds or fails on its own.</summary>
internal sealed class StowReception(InstanceIngest ingest, IngestContext context, StowOptions options)
{
    private readonly List<StoreResult> _results = [];

    /// <summary>What became of the instances so far.</summary>
    public IReadOnlyList<StoreResult> Results => _results;

    /// <summary>Reads the body to its end, or to what keeps it from being read on.</summary>
    /// <param name="body">The request body.</param>
    /// <param name="boundary">Null for a single instance.</param>
    /// <param name="deadline">Ends a request that takes too long.</param>
    /// <param name="cancellationToken">Covers the deadline and the peer's going away.</param>
    public async Task<StowFault?> ReadAsync(PipeReader body, string? boundary, CancellationToken deadline, CancellationToken cancellationToken)
    {
        try
        {
            return boundary is null ? await ReadSingleAsync(body, cancellationToken) : await ReadPartsAsync(body, boundary, cancellationToken);
        }
        catch (MultipartException exception)
        {
            return new StowFault(StatusCodes.Status400BadRequest, "The multipart body cannot be read", exception.Message, StoreFailure.CannotUnderstand);
        }
        catch (BodyTimeoutException exception)
        {
            return new StowFault(StatusCodes.Status408RequestTimeout, "The request body came too slowly", exception.Message, StoreFailure.Unavailable);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return TooLarge(options);
        }
        catch (BadHttpRequestException)
        {
            return new StowFault(StatusCodes.Status400BadRequest, "The request body cannot be read", "The HTTP message ends early or is malformed.", StoreFailure.CannotUnderstand);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return new StowFault(StatusCodes.Status408RequestTimeout, "The request took too long", $"One request may take {options.RequestDeadline.TotalSeconds:0} seconds: send fewer instances at once.", StoreFailure.Unavailable);
        }
    }

    public static StowFault TooLarge(StowOptions options)
        => new(StatusCodes.Status413PayloadTooLarge, "Request too large", $"One request may have {options.MaxRequestBytes} bytes: send fewer instances at once.", StoreFailure.ResourceLimitation);

    private async Task<StowFault?> ReadSingleAsync(PipeReader body, CancellationToken cancellationToken)
    {
        using BodySource source = new(body);
        _results.Add(await ingest.StoreAsync(source, context, cancellationToken));
        return null;
    }

    private async Task<StowFault?> ReadPartsAsync(PipeReader body, string boundary, CancellationToken cancellationToken)
    {
        using MultipartReader reader = new(body, boundary);
        while (await reader.ReadPartAsync(cancellationToken) is { } part)
        {
            if (_results.Count == options.MaxParts)
            {
                return new StowFault(StatusCodes.Status413PayloadTooLarge, "Too many parts", $"One request may have {options.MaxParts} parts: send fewer instances at once.", StoreFailure.ResourceLimitation);
            }

            _results.Add(await ingest.StoreAsync(new PartSource(part), context, cancellationToken));
        }

        return _results.Count > 0 ? null : new StowFault(StatusCodes.Status400BadRequest, "No instances", "The multipart body has no parts: send one part for each instance.", StoreFailure.CannotUnderstand);
    }
}
