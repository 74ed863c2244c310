using System.Net.Http.Headers;
using System.Text;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.BadInput;

/// <summary>A server for tests of bad input: it must still take a good instance, give it back, and be left unharmed.</summary>
internal sealed class BadInputServer : IAsyncDisposable
{
    /// <summary>The most memory that the process may take at any time (docs/design.md, promise 5).</summary>
    private const long MaxPeakKilobytes = 350 << 10;
    private const string Boundary = "bad-input";

    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(20);

    private readonly List<TestInstance> _stored = [];
    private BadInputServer(Server server) => Server = server;

    public Server Server { get; }

    /// <summary>Starts the server and stores the first good instance.</summary>
    /// <param name="data">Its folder.</param>
    /// <param name="settings">Environment, such as IMAGING__INGEST__IDLETIMEOUT=2s.</param>
    /// <param name="objects">A separate folder for the objects.</param>
    public static async Task<BadInputServer> StartAsync(string data, string[]? settings = null, string? objects = null)
    {
        Server server = await Server.StartAsync(
            data, ["env", "IMAGING__STORAGE__MINFREEBYTES=0", .. settings ?? []], objects is null ? [] : ["--objects", objects]);
        BadInputServer started = new(server);
        try
        {
            await started.ShouldStoreAsync();
            return started;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Posts one instance as the body.</summary>
    public Task<Reply> PostAsync(byte[] body, string path = "/dicom-web/studies") => PostAsAsync(body, "application/dicom", path);

    public async Task<Reply> PostAsAsync(byte[] body, string? contentType, string path = "/dicom-web/studies", string? accept = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType is null ? [] : [contentType]);
        return await SendAsync(request, accept);
    }

    /// <summary>Posts the instances as parts.</summary>
    public Task<Reply> PostPartsAsync(IEnumerable<byte[]> parts, string path = "/dicom-web/studies")
        => PostAsAsync(Multipart(parts), MultipartType, path);

    public async Task<Reply> GetAsync(string path, string? accept = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        return await SendAsync(request, accept);
    }

    public async Task<Reply> SendAsync(HttpRequestMessage request, string? accept = null)
    {
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        using HttpResponseMessage response = await Server.Client.SendAsync(request);
        return await Reply.ReadAsync(response);
    }

    public static string MultipartType => $"multipart/related; type=\"application/dicom\"; boundary={Boundary}";

    /// <summary>Makes a multipart body as the standard requires.</summary>
    public static byte[] Multipart(IEnumerable<byte[]> parts)
    {
        using MemoryStream body = new();
        foreach (byte[] part in parts)
        {
            body.Write(Encoding.ASCII.GetBytes($"\r\n--{Boundary}\r\nContent-Type: application/dicom\r\n\r\n"));
            body.Write(part);
        }

        body.Write(Encoding.ASCII.GetBytes($"\r\n--{Boundary}--\r\n"));
        return body.ToArray();
    }

    /// <summary>Stores a new instance, which must then come back byte for byte.</summary>
    public async Task ShouldStoreAsync(int pixelBytes = 5000)
    {
        TestInstance good = Sample.New(pixelBytes);
        (await PostAsync(good.ToPart10())).ShouldBeModule(200, 1);
        await ShouldReturnAsync(good);
    }

    /// <summary>Checks that the instance comes back as it was sent; later checks ask for it again.</summary>
    public async Task ShouldReturnAsync(TestInstance instance)
    {
        using HttpRequestMessage request = new(
            HttpMethod.Get, $"/dicom-web/studies/{instance.StudyUid}/series/{instance.SeriesUid}/instances/{instance.SopUid}");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/dicom; transfer-syntax=*"));
        Reply reply = await SendAsync(request);
        Assert.Equal(200, reply.Status);
        Assert.True(
            Sample.DataSetOf(reply.Content).SequenceEqual(Sample.DataSetOf(instance.ToPart10())), "Other bytes than those that were sent.");
        if (!_stored.Contains(instance))
        {
            _stored.Add(instance);
        }
    }

    /// <summary>Checks the server at the end of a test.</summary>
    /// <remarks>
    /// Nothing half-written is left, all stored instances come back, and the server takes another one. Memory stayed within its bound, and
    /// the log holds no patient data.
    /// </remarks>
    /// <param name="traces">The log may hold stack traces, because the server's surroundings failed.</param>
    public async Task ShouldBeUnharmedAsync(bool traces = false)
    {
        await ShouldHaveNoUploadsAsync();
        foreach (TestInstance instance in _stored.TakeLast(3).ToArray())
        {
            await ShouldReturnAsync(instance);
        }

        await ShouldStoreAsync();
        Assert.InRange(Server.PeakKilobytes(), 1, MaxPeakKilobytes);
        string log = Server.Output.ToString();
        Sample.ShouldHoldNoSecret(log);
        if (!traces)
        {
            Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
            Assert.DoesNotContain("Unhandled", log, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>Counts whole objects, whether or not the manifest names them.</summary>
    public Task<int> CountObjectsAsync() => Server.Stores.CountInstancesAsync();

    /// <summary>Waits until there are this many objects.</summary>
    public Task ShouldHaveObjectsAsync(int count) => EventuallyAsync(async () => await CountObjectsAsync() >= count, "too few objects");

    /// <summary>Waits until no upload is under way: refused and aborted uploads must be gone.</summary>
    public Task ShouldHaveNoUploadsAsync() => EventuallyAsync(async () => await Server.Stores.CountUploadsAsync() == 0, "uploads are left");

    /// <summary>Waits until an upload has a file.</summary>
    public Task ShouldHaveUploadsAsync()
        => EventuallyAsync(async () => await Server.Stores.CountUploadsAsync() > 0, "no upload is on its way");

    public async Task ShouldNotKnowAsync(TestInstance instance)
        => Assert.Equal(204, (await GetAsync($"/dicom-web/instances?SOPInstanceUID={instance.SopUid}")).Status);

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private static async Task EventuallyAsync(Func<Task<bool>> condition, string otherwise)
    {
        using CancellationTokenSource deadline = new(TestTimeout);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(10));
        while (!await condition())
        {
            Assert.False(deadline.IsCancellationRequested, otherwise);
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
