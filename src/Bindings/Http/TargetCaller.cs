using System.Buffers;
using System.Net.Http.Headers;

namespace ImagingIngestion.Bindings;

/// <summary>Sends requests that are whole in memory and reads their answers, both within one time limit; whatever fails is a reply too.</summary>
/// <param name="client">Sends.</param>
/// <param name="timeout">How long a request may take with its answer.</param>
/// <param name="time">Tells the time.</param>
internal sealed class TargetCaller(HttpClient client, TimeSpan timeout, TimeProvider time)
{
    private const int BlockSize = 16 * 1024;

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>Sends and disposes the request.</summary>
    /// <param name="request">What to send.</param>
    /// <param name="maxBody">The most bytes to read of the answer's body.</param>
    /// <param name="cancellationToken">Gives up; the only thing that is thrown.</param>
    public async Task<TargetReply> SendAsync(HttpRequestMessage request, int maxBody, CancellationToken cancellationToken)
    {
        using HttpRequestMessage owned = request;
        using CancellationTokenSource timer = new(timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            (ReadOnlyMemory<byte> body, bool isTooLong) = await ReadAsync(response, maxBody, either.Token);
            return new TargetReply
            {
                Status = response.StatusCode,
                Body = body,
                IsTooLong = isTooLong,
                ETag = response.Headers.ETag?.Tag,
                Location = response.Headers.Location,
                RetryAfter = Wait(response.Headers.RetryAfter),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new TargetReply { Fault = timer.IsCancellationRequested ? $"no whole answer within {timeout}" : "the connection was given up" };
        }
        catch (HttpRequestException exception)
        {
            return new TargetReply { Fault = $"no whole answer: {exception.HttpRequestError}" };
        }
        catch (IOException exception)
        {
            return new TargetReply { Fault = $"no whole answer: {exception.GetType().Name}" };
        }
    }

    private static async Task<(ReadOnlyMemory<byte> Body, bool IsTooLong)> ReadAsync(HttpResponseMessage response, int maxBody, CancellationToken cancellationToken)
    {
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        ArrayBufferWriter<byte> body = new();
        while (body.WrittenCount <= maxBody)
        {
            int read = await stream.ReadAsync(body.GetMemory(BlockSize), cancellationToken);
            if (read == 0)
            {
                return (body.WrittenMemory, false);
            }

            body.Advance(read);
        }

        return (body.WrittenMemory[..maxBody], true);
    }

    private TimeSpan? Wait(RetryConditionHeaderValue? header)
    {
        TimeSpan? wait = header?.Delta ?? (header?.Date - time.GetUtcNow());
        return wait is not { } asked ? null : asked < TimeSpan.Zero ? TimeSpan.Zero : asked > LongestWait ? LongestWait : asked;
    }
}
