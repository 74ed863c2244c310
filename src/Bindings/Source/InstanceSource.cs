using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings.Source;

/// <summary>Fetches instances by their WADO-RS URLs inside the cluster.</summary>
/// <param name="client">Fetches, and ends a request that makes no progress.</param>
/// <param name="spaces">Knows the endpoints.</param>
/// <param name="time">The clock.</param>
internal sealed class InstanceSource(HttpClient client, IStorageSpaces spaces, TimeProvider time)
{
    /// <summary>Requests the stored transfer syntax, whichever it is.</summary>
    public const string AsStored = "*";

    private static readonly TimeSpan TrustRootFor = TimeSpan.FromMinutes(1);
    private static readonly MediaTypeWithQualityHeaderValue Json = new("application/dicom+json");

    private readonly ConcurrentDictionary<string, long> _roots = new(StringComparer.Ordinal);

    /// <summary>Opens an instance.</summary>
    /// <param name="delivery">The delivery of an instance.</param>
    /// <param name="transferSyntax">
    /// The requested syntax: <see cref="AsStored"/>, or the UID of one to which the source can re-encode.
    /// </param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task<SourceAnswer> OpenAsync(Delivery delivery, string transferSyntax, CancellationToken cancellationToken)
    {
        string root = spaces.Find(delivery.Study.Provider).WadoInternalEndpoint;
        if (root.Length == 0)
        {
            return SourceAnswer.Refused(
                DeliveryResult.Retry($"it is not known where storage space {delivery.Study.Provider.Value} is retrieved from: add it to "
                    + "WADO_ENDPOINTS, or name the storage spaces of the binding in its Providers", isTargetFault: false));
        }

        Uri url = new(EventData.InstanceUrl(root, delivery.Study, delivery.Instance!.Value));
        HttpResponseMessage? response = null;
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, url);
            request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse($"application/dicom; transfer-syntax={transferSyntax}"));
            response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (await RefuseAsync(response, root, cancellationToken) is { } refusal)
            {
                return SourceAnswer.Refused(refusal);
            }

            SourceInstance instance = new(response, await response.Content.ReadAsStreamAsync(cancellationToken));
            response = null;
            return SourceAnswer.Opened(instance);
        }
        catch (Exception exception) when (TargetFaults.IsNetworkFault(exception, cancellationToken))
        {
            return SourceAnswer.Down(DeliveryResult.Retry(
                $"The instance cannot be fetched from the WADO-RS endpoint: {TargetFaults.Describe(exception, url)}",
                isTargetFault: false));
        }
        finally
        {
            response?.Dispose();
        }
    }

    /// <summary>Returns the result of an instance whose transfer broke off.</summary>
    public static DeliveryResult BrokenOff(Exception exception)
        => DeliveryResult.Retry(
            $"the instance broke off while it was fetched from the WADO-RS endpoint ({exception.GetType().Name})", isTargetFault: false);

    /// <summary>Returns why the instance is not sent; null if it is.</summary>
    private async Task<DeliveryResult?> RefuseAsync(HttpResponseMessage response, string root, CancellationToken cancellationToken)
    {
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            return await IsRootAsync(root, cancellationToken)
                ? DeliveryResult.Gone
                : DeliveryResult.Retry(
                    $"{root} is no WADO-RS root: it answers neither for the instance nor for a search; check WADO_INTERNAL_ENDPOINT",
                    isTargetFault: false);
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            return DeliveryResult.Retry(
                $"the instance cannot be fetched: status {(int)response.StatusCode} of the WADO-RS endpoint",
                isTargetFault: false,
                TargetFaults.RetryAfter(response.Headers, time));
        }

        return response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant() == "application/dicom"
            ? null
            : DeliveryResult.Retry(
                "the instance cannot be fetched: the WADO-RS endpoint answered with another type than application/dicom",
                isTargetFault: false);
    }

    /// <summary>Returns whether the root answers a search.</summary>
    /// <remarks>
    /// A wrong address answers 404 like a deleted instance, and must not complete every delivery. An instance counts as deleted only if its
    /// root answers a search.
    /// </remarks>
    private async Task<bool> IsRootAsync(string root, CancellationToken cancellationToken)
    {
        if (_roots.TryGetValue(root, out long seen) && time.GetElapsedTime(seen) < TrustRootFor)
        {
            return true;
        }

        using HttpRequestMessage request = new(HttpMethod.Get, $"{root}/studies?limit=1");
        request.Headers.Accept.Add(Json);
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            _roots[root] = time.GetTimestamp();
        }

        return response.IsSuccessStatusCode;
    }
}

/// <summary>The answer of the source to a request for an instance.</summary>
internal sealed record SourceAnswer
{
    private SourceAnswer()
    {
    }

    /// <summary>Null if the instance is not available.</summary>
    public SourceInstance? Instance { get; private init; }

    /// <summary>Why the instance is not available; null if it is.</summary>
    public DeliveryResult? Result { get; private init; }

    /// <summary>The source itself does not work: requests for other instances would fail too.</summary>
    public bool IsDown { get; private init; }

    public static SourceAnswer Opened(SourceInstance instance) => new() { Instance = instance };

    public static SourceAnswer Refused(DeliveryResult result) => new() { Result = result };

    public static SourceAnswer Down(DeliveryResult result) => new() { Result = result, IsDown = true };
}

/// <summary>An instance that the source is sending; its bytes must be read soon.</summary>
internal sealed class SourceInstance(HttpResponseMessage response, Stream content) : IDisposable
{
    private const int MiscellaneousWarning = 299;

    /// <summary>The Part 10 file; ends only if it is complete, and fails if the source breaks off.</summary>
    public Stream Content => content;

    /// <summary>The length of the file; null if the source does not state it.</summary>
    public long? Length => response.Content.Headers.ContentLength;

    /// <summary>The source warns that not every reader can read the stored bytes under their transfer syntax.</summary>
    public bool IsIrregular => response.Headers.Warning.Any(warning => warning.Code == MiscellaneousWarning);

    public void Dispose()
    {
        content.Dispose();
        response.Dispose();
    }
}
