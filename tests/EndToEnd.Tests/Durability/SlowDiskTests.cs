using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using ImagingIngestion.EndToEnd.Tests.Bindings;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>A disk that does not answer holds up the work that needs it, and nothing else.</summary>
public sealed class SlowDiskTests : IDisposable
{
    private const int Stuck = 6;
    private const string Slow = "delay_enter=50000000";

    private static readonly Regex Call = new(@"^(?<thread>\d+) +(?<call>\w+)\(", RegexOptions.CultureInvariant);

    /// <summary>Calls that never wait for the disk.</summary>
    private static readonly string[] Cached = ["openat2", "preadv2", "fstat", "lseek", "close"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ToolFact(Tools.Strace)]
    public async Task Reads_that_wait_for_the_disk_hold_up_neither_liveness_nor_uploads()
    {
        await using Server server = await Server.StartAsync(_folder.Sub("data"));
        TestInstance stored = await StoreAsync(server, "before");
        StoredPath path = PathOf(stored);
        await server.Client.RetrieveAsync(path);
        await ShouldBeAliveAsync(server);
        string file = Directory.EnumerateFiles(Path.Combine(_folder.Sub("data"), "objects"), "*.dcm", SearchOption.AllDirectories).Single();

        Task<byte[]>[] reads;
        await using (FaultInjector disk = await FaultInjector.AttachAsync(
            server.ProcessId, ["preadv2,openat2:error=EAGAIN", "pread64:" + Slow], _folder.Sub("trace"), file))
        {
            reads = [.. Enumerable.Range(0, 200).Select(_ => server.Client.RetrieveAsync(path))];
            await ShouldBeStuckAsync(server);

            await ShouldBeAliveAsync(server);
            await StoreAsync(server, "while reads are stuck");

            Assert.DoesNotContain(reads, read => read.IsCompleted);
            await disk.DetachAsync();
        }

        Assert.All(await Task.WhenAll(reads), bytes => Assert.Equal(stored.ToDataSet(), Part10Split.DataSet(bytes).ToArray()));
    }

    [ToolFact(Tools.Strace)]
    public async Task Writes_that_wait_for_the_disk_hold_up_neither_liveness_nor_reads()
    {
        await using Server server = await Server.StartAsync(_folder.Sub("data"));
        TestInstance stored = await StoreAsync(server, "before");
        await server.Client.RetrieveAsync(PathOf(stored));
        await ShouldBeAliveAsync(server);

        Task<TestInstance>[] writes;
        await using (FaultInjector disk = await FaultInjector.AttachAsync(server.ProcessId, "pwrite64:" + Slow, _folder.Sub("trace")))
        {
            writes = [.. Enumerable.Range(0, 60).Select(number => StoreAsync(server, $"stuck {number}"))];
            await ShouldBeStuckAsync(server);

            await ShouldBeAliveAsync(server);
            Assert.Equal(stored.ToDataSet(), Part10Split.DataSet(await server.Client.RetrieveAsync(PathOf(stored))).ToArray());

            Assert.DoesNotContain(writes, write => write.IsCompleted);
            await disk.DetachAsync();
        }

        await Task.WhenAll(writes);
    }

    /// <summary>Any system call on the files of the objects could hold up the thread pool.</summary>
    [ToolFact(Tools.Strace)]
    public async Task Only_threads_of_the_disk_touch_the_files_of_objects()
    {
        string trace = _folder.Sub("trace");
        await using Server server = await Server.StartAsync(
            _folder.Sub("data"), ["strace", "-f", "-y", "-o", trace, "-e", "trace=file,desc", "-e", "signal=none"]);
        int atStart = Lines(trace).Length;

        TestInstance stored = await StoreAsync(server, "traced");
        await StoreAsync(server, "traced");
        await server.Client.StoreAllAsync(
            [new TestInstance("part one") { PixelData = new byte[600_000] }.ToPart10(), new TestInstance("part two").ToPart10()]);
        await ConvertAsync(server);
        foreach ((string resource, string accept) in Retrieves(stored))
        {
            using HttpResponseMessage response = await server.Client.GetAsync(resource, accept);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await response.Content.ReadAsByteArrayAsync();
        }

        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("healthz/ready")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, await server.Client.DeleteAsync(PathOf(stored)));

        string[] disk = [.. DiskThreads(server, isStuck: false)];
        Match[] calls = [.. Lines(trace)[atStart..].Where(
            line => line.Contains(_folder.Sub("data") + "/objects/", StringComparison.Ordinal)).Select(line => Call.Match(line))];
        Assert.Contains(calls, call => call.Groups["call"].Value == "pwrite64");
        Assert.Contains(calls, call => call.Groups["call"].Value == "preadv2");
        Assert.DoesNotContain(
            calls, call => call.Success && !Cached.Contains(call.Groups["call"].Value) && !disk.Contains(call.Groups["thread"].Value));
    }

    private static IEnumerable<(string Resource, string Accept)> Retrieves(TestInstance instance)
    {
        string path = PathOf(instance).Path;
        yield return ($"studies/{instance.StudyUid}", "multipart/related; type=\"application/dicom\"; transfer-syntax=*");
        yield return (path, "application/dicom; transfer-syntax=*");
        yield return (path + "/frames/1", "multipart/related; type=\"application/octet-stream\"");
        yield return (path + "/metadata", "application/dicom+json");
    }

    /// <summary>
    /// Stores the same content in another encoding, which the server compares with the stored one, and reads it in a third.
    /// </summary>
    private static async Task ConvertAsync(Server server)
    {
        TestInstance big = new("converted") { PixelData = new byte[100_000], TransferSyntaxUid = Syntax.ImplicitLittle };
        Assert.True((await server.Client.StoreAsync(big.ToPart10())).IsSuccess);
        Assert.True((await server.Client.StoreAsync((big with { TransferSyntaxUid = Syntax.ExplicitLittle }).ToPart10())).IsSuccess);
        using HttpResponseMessage converted = await server.Client.GetAsync(PathOf(big).Path, "application/dicom");
        Assert.Equal(HttpStatusCode.OK, converted.StatusCode);
        await converted.Content.ReadAsByteArrayAsync();
    }

    private static async Task<TestInstance> StoreAsync(Server server, string name)
    {
        TestInstance instance = new("slow disk " + name) { PixelData = new byte[10_000] };
        StowReply reply = await server.Client.StoreAsync(instance.ToPart10());
        Assert.True(reply.IsSuccess, reply.Body);
        return instance;
    }

    private static StoredPath PathOf(TestInstance instance) => new(instance.StudyUid, instance.SeriesUid, instance.SopUid);

    private static async Task ShouldBeAliveAsync(Server server)
        => Assert.Equal("alive\n", await server.Client.GetStringAsync("healthz/live"));

    private static async Task ShouldBeStuckAsync(Server server)
        => Assert.True(
            await BindingSource.WaitAsync(() => Task.FromResult(DiskThreads(server, isStuck: true).Count >= Stuck)),
            "Too few threads wait for the disk.");

    /// <summary>Returns the threads for the disk: all of them, or those that strace keeps in a system call.</summary>
    private static List<string> DiskThreads(Server server, bool isStuck)
    {
        string id = server.ProcessId.ToString(CultureInfo.InvariantCulture);
        string traced = File.ReadAllText($"/proc/{id}/task/{id}/children").Split(' ')[0];
        string[] tasks = Directory.GetDirectories($"/proc/{(traced.Length > 0 ? traced : id)}/task");
        return [.. tasks.Where(task => Read(task, "comm").StartsWith("disk ", StringComparison.Ordinal)
            && (!isStuck || Read(task, "status").Contains("State:\tt", StringComparison.Ordinal))).Select(task => Path.GetFileName(task))];
    }

    private static string Read(string task, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, file));
        }
        catch (IOException)
        {
            // The thread has ended meanwhile.
            return "";
        }
    }

    private static string[] Lines(string trace)
    {
        using FileStream stream = new(trace, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().Split('\n');
    }
}
