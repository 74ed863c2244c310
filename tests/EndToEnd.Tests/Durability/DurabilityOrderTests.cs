namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>The checker of traces finds each step that is moved behind the answer, left out or failed.</summary>
public sealed class DurabilityOrderTests
{
    private const string Temporary = "/d/objects/.uploads/1.tmp";

    /// <summary>A store of the first instance: one line a step, by name.</summary>
    private static readonly (string Step, string Line)[] Good =
    [
        ("log made", "7 10:00:00.000000 openat(AT_FDCWD</d>, \"/d/manifest.db-wal\", O_RDWR|O_CREAT|O_NOFOLLOW|O_CLOEXEC, 0644) = "
            + "30</d/manifest.db-wal>"),
        ("log named", "7 10:00:00.000000 fdatasync(31</d>) = 0"),
        ("root", "9 10:00:00.000001 mkdir(\"/d/objects/p\", 0777) = 0"),
        ("data", $"9 10:00:00.000002 pwrite64(42<{Temporary}>, \"abc\"..., 3000, 0) = 3000"),
        ("data sync", $"9 10:00:00.000003 fsync(42<{Temporary}>) = 0"),
        ("mkdir", "9 10:00:00.000004 mkdir(\"/d/objects/p/study\", 0777) = 0"),
        ("rename", $"9 10:00:00.000005 renameat2(AT_FDCWD</d>, \"{Temporary}\", AT_FDCWD</d>, \"/d/objects/p/study/2.dcm\", "
            + "RENAME_NOREPLACE) = 0"),
        ("folder sync", "9 10:00:00.000006 fsync(43</d/objects/p/study>) = 0"),
        ("parent sync", "9 10:00:00.000007 fsync(43</d/objects/p>) = 0"),
        ("root sync", "9 10:00:00.000008 fsync(43</d/objects>) = 0"),
        ("log", "7 10:00:00.000009 pwrite64(30</d/manifest.db-wal>, \"x\"..., 4096, 32) = 4096"),
        ("log sync", "7 10:00:00.000010 fdatasync(30</d/manifest.db-wal>) = 0"),
        ("answer", "5 10:00:00.000011 sendmsg(50<socket:[77]>, {msg_iov=[{iov_base=\"HTTP/1.1 200 OK\\r\\n\"..., iov_len=300}], "
            + "msg_iovlen=1}, MSG_NOSIGNAL) = 300"),
    ];

    [Fact]
    public void The_right_order_has_no_faults() => Assert.Empty(Faults(Good.Select(step => step.Line)));

    [Theory]
    [InlineData("data sync")]
    [InlineData("rename")]
    [InlineData("folder sync")]
    [InlineData("parent sync")]
    [InlineData("root sync")]
    [InlineData("log named")]
    [InlineData("log")]
    [InlineData("log sync")]
    public void A_step_after_the_answer_is_a_fault(string step)
        => Assert.NotEmpty(Faults([.. Good.Where(one => one.Step != step).Select(one => one.Line), Line(step)]));

    [Theory]
    [InlineData("data")]
    [InlineData("data sync")]
    [InlineData("rename")]
    [InlineData("folder sync")]
    [InlineData("parent sync")]
    [InlineData("root sync")]
    [InlineData("log named")]
    [InlineData("log")]
    [InlineData("log sync")]
    [InlineData("answer")]
    public void A_missing_step_is_a_fault(string step)
        => Assert.NotEmpty(Faults(Good.Where(one => one.Step != step).Select(one => one.Line)));

    [Theory]
    [InlineData("data sync")]
    [InlineData("rename")]
    [InlineData("folder sync")]
    [InlineData("parent sync")]
    [InlineData("root sync")]
    [InlineData("log sync")]
    public void A_step_that_failed_does_not_count(string step)
        => Assert.NotEmpty(
            Faults(Good.Select(one => one.Step == step ? one.Line[..^1] + "-1 EIO (Input/output error) (INJECTED)" : one.Line)));

    [Theory]
    [InlineData("data sync", "rename")]
    [InlineData("rename", "folder sync")]
    [InlineData("mkdir", "parent sync")]
    [InlineData("root sync", "log")]
    [InlineData("log made", "log named")]
    [InlineData("log", "log sync")]
    public void Two_steps_in_the_wrong_order_are_a_fault(string first, string second)
        => Assert.NotEmpty(Faults(Good.Select(one => one.Step == first ? Line(second) : one.Step == second ? Line(first) : one.Line)));

    [Fact]
    public void A_call_counts_as_done_only_when_it_has_returned()
    {
        string[] lines = [.. Good.SelectMany(one => one.Step switch
        {
            "log sync" => ["7 10:00:00.000010 fdatasync(30</d/manifest.db-wal> <unfinished ...>"],
            "answer" => new[] { one.Line, "7 10:00:00.000012 <... fdatasync resumed>) = 0" },
            _ => [one.Line],
        })];

        Assert.Equal(["the manifest's log is not synced between its last write and the answer"], Faults(lines));
    }

    [Fact]
    public void An_interrupted_call_that_returned_in_time_counts()
    {
        string[] lines = [.. Good.SelectMany(one => one.Step == "log sync"
            ? new[]
            {
                "7 10:00:00.000010 fdatasync(30</d/manifest.db-wal> <unfinished ...>",
                "8 10:00:00.000010 write(1<pipe:[3]>, \"x\", 1) = 1",
                "7 10:00:00.000011 <... fdatasync resumed>) = 0"
            }
            : [one.Line])];

        Assert.Empty(Faults(lines));
    }

    private static string Line(string step) => Good.Single(one => one.Step == step).Line;

    private static IReadOnlyList<string> Faults(IEnumerable<string> lines)
        => new DurabilityOrder(SystemCallTrace.Parse(lines), "/d/objects", "/d/manifest.db").Faults();
}
