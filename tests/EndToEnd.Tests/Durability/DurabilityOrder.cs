namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>Checks the order of the steps of a store (docs/design.md, promise 1).</summary>
/// <remarks>
/// Data reach the disk, then their name, then every folder entry, then the manifest's log. Only then the first byte of the answer is sent.
/// A call counts as done when it has returned, and as begun when it was entered.
/// </remarks>
/// <param name="calls">The calls of the server.</param>
/// <param name="objects">Folder of the object store.</param>
/// <param name="manifest">File of the manifest.</param>
internal sealed class DurabilityOrder(IReadOnlyList<SystemCall> calls, string objects, string manifest)
{
    private static readonly string[] Sends = ["sendto", "sendmsg", "write", "writev"];
    private static readonly string[] Writes = ["write", "writev", "pwrite64"];
    private static readonly string[] Syncs = ["fsync", "fdatasync"];

    /// <summary>Returns the breaches for the one instance that the trace stores; empty if there are none.</summary>
    public IReadOnlyList<string> Faults()
    {
        if (calls.FirstOrDefault(IsAnswer) is not { } answer)
        {
            return ["no answer with status 200"];
        }

        if (calls.FirstOrDefault(call => call.Name.StartsWith("rename", StringComparison.Ordinal)
            && call.Succeeded
            && call.Texts is [_, var to]
            && IsObject(to)) is not { } rename)
        {
            return ["no rename to an object's key"];
        }

        List<string> faults = [];
        Demand(faults, rename.End < answer.Begin, "the answer begins before the rename has returned");
        CheckData(faults, rename);
        int named = CheckFolders(faults, rename, answer);
        CheckManifest(faults, named, answer);
        return faults;
    }

    private void CheckData(List<string> faults, SystemCall rename)
    {
        string temporary = rename.Texts[0];
        int written = LastEnd(call => Writes.Contains(call.Name) && call.DescriptorPath == temporary);
        Demand(faults, written >= 0, "nothing was written to the object's file");
        Demand(
            faults,
            calls.Any(call => IsSync(call, temporary) && call.Begin > written && call.End < rename.Begin),
            "the object's data is not synced between its last write and the rename");
    }

    /// <summary>Returns the line on which the last of the folders was synced.</summary>
    private int CheckFolders(List<string> faults, SystemCall rename, SystemCall answer)
    {
        int named = RequireSync(faults, Path.GetDirectoryName(rename.Texts[1])!, rename.End, answer);
        foreach (SystemCall made in calls.Where(
            call => call.Name is "mkdir" or "mkdirat" && call.Succeeded && IsWithin(call.Texts[0]) && call.Begin < answer.Begin))
        {
            named = Math.Max(named, RequireSync(faults, Path.GetDirectoryName(made.Texts[0])!, made.End, answer));
            if (rename.Texts[1].StartsWith(made.Texts[0] + "/", StringComparison.Ordinal))
            {
                named = Math.Max(named, RequireSync(faults, made.Texts[0], made.End, answer));
            }
        }

        return named;
    }

    private void CheckManifest(List<string> faults, int named, SystemCall answer)
    {
        string log = manifest + "-wal";
        SystemCall[] writes = [.. calls.Where(
            call => Writes.Contains(call.Name) && call.DescriptorPath == log && call.Begin > named && call.Begin < answer.Begin)];
        Demand(faults, writes.Length > 0, "nothing was written to the manifest's log between the last folder's sync and the answer");
        int written = writes.Length > 0 ? writes[^1].End : named;
        Demand(
            faults,
            calls.Any(call => IsSync(call, log) && call.Begin > written && call.End < answer.Begin),
            "the manifest's log is not synced between its last write and the answer");
        foreach (SystemCall created in calls.Where(call => call.Name == "openat"
            && call.Succeeded
            && call.Texts is [var path]
            && path == log
            && call.Arguments.Contains("O_CREAT", StringComparison.Ordinal)
            && call.Begin < answer.Begin).Take(1))
        {
            RequireSync(faults, Path.GetDirectoryName(log)!, created.End, answer);
        }
    }

    private int RequireSync(List<string> faults, string folder, int after, SystemCall answer)
    {
        SystemCall? sync = calls.FirstOrDefault(call => IsSync(call, folder) && call.Begin > after && call.End < answer.Begin);
        Demand(
            faults,
            sync is not null,
            $"the folder {Path.GetRelativePath(objects, folder)} is not synced between its change and the answer");
        return sync?.End ?? after;
    }

    private int LastEnd(Func<SystemCall, bool> predicate) => calls.Where(predicate).Select(call => call.End).DefaultIfEmpty(-1).Max();

    private bool IsObject(string path) => IsWithin(path) && path.EndsWith(".dcm", StringComparison.Ordinal);

    private bool IsWithin(string path) => path.StartsWith(objects + "/", StringComparison.Ordinal);

    private static bool IsSync(SystemCall call, string path) => Syncs.Contains(call.Name) && call.Succeeded && call.DescriptorPath == path;

    private static bool IsAnswer(SystemCall call)
        => Sends.Contains(call.Name)
            && call.DescriptorPath.StartsWith("socket:", StringComparison.Ordinal)
            && call.Arguments.Contains("\"HTTP/1.1 200", StringComparison.Ordinal);

    private static void Demand(List<string> faults, bool holds, string otherwise)
    {
        if (!holds)
        {
            faults.Add(otherwise);
        }
    }
}

/// <summary>One system call of a trace. A call that other threads interrupt has its begin and its end on different lines.</summary>
/// <param name="Name">The name as strace prints it.</param>
/// <param name="Arguments">The arguments as printed, descriptors with their paths.</param>
/// <param name="Result">The text after the equals sign.</param>
/// <param name="Begin">Line on which the call began.</param>
/// <param name="End">Line on which it had returned.</param>
internal sealed record SystemCall(string Name, string Arguments, string Result, int Begin, int End)
{
    public bool Succeeded => Result.Length > 0 && Result[0] != '-' && Result[0] != '?';

    /// <summary>The path of the first descriptor, as in <c>fsync(42&lt;/a/b&gt;)</c>.</summary>
    public string DescriptorPath
        => Arguments.IndexOf('<', StringComparison.Ordinal) is >= 0 and int begin && Arguments.IndexOf('>', begin) is > 0 and int end
        ? Arguments[(begin + 1)..end]
        : "";

    /// <summary>The quoted strings among the arguments.</summary>
    public string[] Texts => [.. Arguments.Split('"').Where((_, index) => index % 2 == 1)];

    public override string ToString() => $"{Name}({Arguments}) = {Result} (lines {Begin} to {End})";
}
