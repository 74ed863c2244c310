using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using ImagingIngestion.Grains;

namespace ImagingIngestion.Bindings;

/// <summary>Fetches instances as they are stored, by their WADO-RS URLs inside the cluster.</summary>
internal sealed class InstanceSource(HttpClient client, IStorageSpaces spaces, TimeProvider time)
{
    /// <summary>How long the source may send nothing.</summary>
    public static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan TrustRootFor = TimeSpan.FromMinutes(1);
    private static readonly MediaTypeWithQualityHeaderValue AsStored = MediaTypeWithQualityHeaderValue.Parse("application/dicom; transfer-syntax=*");
    private static readonly MediaTypeWithQualityHeaderValue Json = new("application/dicom+json");

    private readonly ConcurrentDictionary<string, long> _roots = new(StringComparer.Ordinal);

    /// <summary>Opens an instance; null when it cannot be had, and then its result says why.</summary>
    /// <returns>And whether the source itself does not work, so that asking it for others is vain.</returns>
    public async Task<(SourceInstance? Instance, bool IsDown)> OpenAsync(StowItem item, CancellationToken cancellationToken)
    {
        string root = spaces.Find(item.Delivery.Study.Provider).WadoInternalEndpoint;
        Uri url = new(EventData.InstanceUrl(root, item.Delivery.Study, item.Instance));
        IdleWatch watch = new(IdleLimit, time, cancellationToken);
        HttpResponseMessage? response = null;
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, url);
            request.Headers.Accept.Add(AsStored);
            watch.Begin();
            response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, watch.Token);
            item.Result = await RefuseAsync(response, root, watch.Token);
            watch.End();
            if (item.Result is null)
            {
                SourceInstance instance = new(response, new IdleStream(await response.Content.ReadAsStreamAsync(watch.Token), watch), watch);
                (response, watch) = (null, null!);
                return (instance, false);
            }

            return (null, false);
        }
        catch (Exception exception) when (TargetFaults.IsNetworkFault(exception, cancellationToken))
        {
            string reason = watch.HasExpired ? $"it sent nothing for {IdleLimit.TotalSeconds:0} s" : TargetFaults.Describe(exception, url);
            item.Result = DeliveryResult.Retry($"The instance cannot be fetched from the WADO-RS endpoint: {reason}", isTargetFault: false);
            return (null, true);
        }
        finally
        {
            response?.Dispose();
            watch?.Dispose();
        }
    }

    /// <summary>Null when the instance is on its way.</summary>
    private async Task<DeliveryResult?> RefuseAsync(HttpResponseMessage response, string root, CancellationToken cancellationToken)
    {
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            return await IsRootAsync(root, cancellationToken)
                ? DeliveryResult.Gone
                : DeliveryResult.Retry($"{root} is no WADO-RS root: it answers neither for the instance nor for a search; check WADO_INTERNAL_ENDPOINT", isTargetFault: false);
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            return DeliveryResult.Retry($"the instance cannot be fetched: status {(int)response.StatusCode} of the WADO-RS endpoint", isTargetFault: false, TargetFaults.RetryAfter(response.Headers, time));
        }

        return response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant() == "application/dicom"
            ? null
            : DeliveryResult.Retry("the instance cannot be fetched: the WADO-RS endpoint answered with another type than application/dicom", isTargetFault: false);
    }

    /// <summary>
    /// A wrong address answers 404 as a deleted instance does, and must not make every delivery look done: an instance counts as deleted only
    /// where the same root answers a search.
    /// </summary>
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
