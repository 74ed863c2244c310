using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.BadInput;

/// <summary>
/// The server's surroundings fail: it reports that, keeps its data, and works again without a restart once they are repaired.
/// </summary>
public sealed class FailingStoreTests
{
    private const int OutOfResources = 0xA700;
    private const int Unavailable = 0x0110;

    [RootFact]
    public async Task A_full_disk_is_told_and_taken_up_again_when_there_is_room()
    {
        using SmallFileSystem disk = new(megabytes: 16);
        await using BadInputServer server = await BadInputServer.StartAsync(Path.Combine(disk.Path, "data"));
        TestInstance instance = Sample.New(3_000_000);
        using (Ballast.Fill(disk.Path, leaveBytes: 1 << 20))
        {
            ShouldTryLater(await server.PostAsync(instance.ToPart10()), OutOfResources);
            await server.ShouldHaveNoUploadsAsync();
            await server.ShouldNotKnowAsync(instance);
        }

        (await server.PostAsync(instance.ToPart10())).ShouldBeModule(200, 1);
        await server.ShouldReturnAsync(instance);
        await server.ShouldBeUnharmedAsync(traces: true);
    }

    [RootFact]
    public async Task A_disk_without_a_single_block_is_told_and_what_is_stored_is_still_given_out()
    {
        using SmallFileSystem disk = new(megabytes: 16);
        await using BadInputServer server = await BadInputServer.StartAsync(Path.Combine(disk.Path, "data"));
        TestInstance before = Sample.New(20_000);
        await server.PostAsync(before.ToPart10());
        TestInstance instance = Sample.New(20_000);
        using (Ballast.Fill(disk.Path, leaveBytes: 0))
        {
            ShouldTryLater(await server.PostAsync(instance.ToPart10()), OutOfResources);
            ShouldTryLater(await server.PostPartsAsync([instance.ToPart10(), Sample.New().ToPart10()]), OutOfResources, OutOfResources);
            await server.ShouldReturnAsync(before);
            await server.ShouldNotKnowAsync(instance);
        }

        (await server.PostAsync(instance.ToPart10())).ShouldBeModule(200, 1);
        await server.ShouldReturnAsync(instance);
        await server.ShouldBeUnharmedAsync(traces: true);
    }

    [RootFact]
    public async Task A_full_disk_of_the_manifest_alone_is_told_and_taken_up_again()
    {
        using TemporaryFolder folder = new();
        using SmallFileSystem disk = new(megabytes: 4);
        await using BadInputServer server = await BadInputServer.StartAsync(disk.Path, objects: folder.Sub("objects"));
        TestInstance instance = Sample.New() with { Change = data => data.Text(0x0040_A160, "UT", new string('x', 200_000)) };
        using (Ballast.Fill(disk.Path, leaveBytes: 0))
        {
            // The log of the database may still have room for a few.
            Reply refused = await server.PostAsync(instance.ToPart10());
            for (int number = 0; number < 200 && refused.Status == 200; number++)
            {
                instance = Sample.New(8000);
                refused = await server.PostAsync(instance.ToPart10());
            }

            ShouldTryLater(refused, OutOfResources);
            await server.ShouldNotKnowAsync(instance);
        }

        (await server.PostAsync(instance.ToPart10())).ShouldBeModule(200, 1);
        await server.ShouldReturnAsync(instance);
        await server.ShouldBeUnharmedAsync(traces: true);
    }

    [RootFact]
    public async Task An_objects_folder_that_became_read_only_is_told_and_taken_up_again()
    {
        using TemporaryFolder folder = new();
        using SmallFileSystem disk = new(megabytes: 16);
        await using BadInputServer server =
            await BadInputServer.StartAsync(folder.Sub("data"), objects: Path.Combine(disk.Path, "objects"));
        TestInstance before = Sample.New();
        TestInstance instance = Sample.New();
        await server.PostAsync(before.ToPart10());
        disk.MakeReadOnly();

        ShouldTryLater(await server.PostAsync(instance.ToPart10()), Unavailable);
        await server.ShouldNotKnowAsync(instance);
        await server.ShouldReturnAsync(before);
        Assert.Equal(503, (await server.GetAsync("/healthz/ready")).Status);

        disk.MakeWritable();
        (await server.PostAsync(instance.ToPart10())).ShouldBeModule(200, 1);
        await server.ShouldReturnAsync(instance);
        await server.ShouldBeUnharmedAsync(traces: true);
    }

    [ToolFact(Tools.Pydicom)]
    public async Task A_manifest_that_another_program_locks_is_told_within_seconds_and_taken_up_again()
    {
        using TemporaryFolder folder = new();
        string data = folder.Sub("data");
        await using BadInputServer server = await BadInputServer.StartAsync(data);
        TestInstance before = Sample.New();
        TestInstance instance = Sample.New();
        await server.PostAsync(before.ToPart10());
        await using (await DatabaseLock.TakeAsync(Path.Combine(data, "manifest.db")))
        {
            long began = TimeProvider.System.GetTimestamp();
            ShouldTryLater(await server.PostAsync(instance.ToPart10()), Unavailable);
            using HttpRequestMessage deletion = new(HttpMethod.Delete, "/dicom-web/studies/" + before.StudyUid);
            Reply deleted = await server.SendAsync(deletion);

            Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0, 20);
            deleted.ShouldBeProblem(503);
            Assert.NotEqual("", deleted.Header("retry-after"));
            await server.ShouldReturnAsync(before);
        }

        (await server.PostAsync(instance.ToPart10())).ShouldBeModule(200, 1);
        await server.ShouldReturnAsync(instance);
        await server.ShouldBeUnharmedAsync(traces: true);
    }

    private static void ShouldTryLater(Reply reply, params int[] failures)
    {
        reply.ShouldBeModule(503, 0, failures);
        Assert.NotEqual("", reply.Header("retry-after"));
        Sample.ShouldHoldNoSecret(reply.Body);
    }
}

/// <summary>A file that fills a file system until it is disposed.</summary>
internal sealed class Ballast : IDisposable
{
    private readonly string _path;

    private Ballast(string path) => _path = path;

    /// <param name="folder">A folder on the file system.</param>
    /// <param name="leaveBytes">The bytes that stay free.</param>
    public static Ballast Fill(string folder, long leaveBytes)
    {
        Ballast ballast = new(Path.Combine(folder, "ballast"));
        byte[] block = new byte[4096];
        using FileStream file = new(ballast._path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // The file system is full to the last block, as intended.
        }

        file.SetLength(Math.Max(0, file.Length - leaveBytes));
        return ballast;
    }

    public void Dispose() => File.Delete(_path);
}
