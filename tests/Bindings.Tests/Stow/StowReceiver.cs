using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace ImagingIngestion.Bindings.Tests.Stow;

/// <summary>Takes store requests like a target: only a complete request counts.</summary>
/// <param name="answer">Answers a request with these instances.</param>
internal sealed class StowReceiver(Func<HttpContext, IReadOnlyList<string>, Task>? answer = null)
{
    private readonly ConcurrentQueue<IReadOnlyList<string>> _requests = new();
    private readonly ConcurrentDictionary<string, long> _lengths = new();

    /// <summary>The SOP Instance UIDs of each complete request.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Requests => [.. _requests];

    /// <summary>Requests that ended early.</summary>
    public int Broken { get; private set; }

    public IReadOnlyDictionary<string, long> Lengths => _lengths;

    public async Task HandleAsync(HttpContext context)
    {
        MediaTypeHeaderValue type = MediaTypeHeaderValue.Parse(context.Request.ContentType);
        Assert.Equal("multipart/related", type.MediaType.Value);
        Assert.Equal("\"application/dicom\"", type.Parameters.Single(parameter => parameter.Name == "type").Value.Value);
        MultipartReader reader = new(HeaderUtilities.RemoveQuotes(type.Boundary).Value!, context.Request.Body);
        List<string> instances = [];
        try
        {
            while (await reader.ReadNextSectionAsync() is { } section)
            {
                Assert.Equal("application/dicom", section.ContentType);
                (string sop, long length) = await InstanceBytes.ReadAsync(section.Body);
                instances.Add(sop);
                _lengths[sop] = length;
            }
        }
        catch (Exception exception) when (exception is IOException or BadHttpRequestException or OperationCanceledException)
        {
            Broken++;
            throw;
        }

        _requests.Enqueue(instances);
        await (answer is null ? Task.CompletedTask : answer(context, instances));
    }
}
