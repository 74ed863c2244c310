using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>A store of a new study, as the kernel saw it.</summary>
public sealed class TracedStoreTests
{
    [ToolFact(Tools.Strace)]
    public async Task Store_is_answered_success_only_after_object_folders_and_manifest_are_on_disk()
    {
        using TemporaryFolder folder = new();
        string trace = folder.Sub("trace");
        await using Server server = await Server.StartAsync(
            folder.Sub("data"),
            ["strace", "-f", "-tt", "-y", "-s", "64", "-o", trace, "-e", "trace=" + SystemCallTrace.Calls, "-e", "signal=none"]);

        StowReply reply = await server.Client.StoreAsync(new TestInstance("traced") { PixelData = new byte[16] }.ToPart10());
        using (await server.Client.GetAsync("healthz/live"))
        {
            // The send of the first answer has returned when the second one goes out on the same connection: its line is complete.
        }

        string[] lines = ReadShared(trace);
        Assert.True(reply.IsSuccess, reply.Body);
        Assert.Empty(Check(folder, lines));
        Assert.NotEmpty(Check(folder, AnswerMoved(lines, before: "sync(", and: "-wal>")));
        Assert.NotEmpty(Check(folder, AnswerMoved(lines, before: "renameat2(", and: ".dcm\"")));
    }

    private static IReadOnlyList<string> Check(TemporaryFolder folder, IEnumerable<string> lines)
        => new DurabilityOrder(
            SystemCallTrace.Parse(lines),
            Path.Combine(folder.Sub("data"), "objects"),
            Path.Combine(folder.Sub("data"), "manifest.db")).Faults();

    /// <summary>Returns the same trace, with the answer just before the last line that has both texts.</summary>
    private static List<string> AnswerMoved(string[] lines, string before, string and)
    {
        List<string> moved = [.. lines];
        string answer = lines.First(line => line.Contains("\"HTTP/1.1 200", StringComparison.Ordinal));
        moved.Remove(answer);
        int last = moved.Take(Array.IndexOf(lines, answer)).ToList().FindLastIndex(
            line => line.Contains(before, StringComparison.Ordinal) && line.Contains(and, StringComparison.Ordinal));
        Assert.True(last >= 0, $"The trace has no '{before}' on '{and}'.");
        moved.Insert(last, answer.Replace("<unfinished ...>", ") = 1", StringComparison.Ordinal));
        return moved;
    }

    private static string[] ReadShared(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().Split('\n');
    }
}
