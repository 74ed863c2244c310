using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>A bit flips in the folder or in the bucket: no reader gets the bytes as good ones, and the operator is told.</summary>
[Trait(InACluster.Trait, InACluster.Value)]
public sealed class DamagedObjectTests : IDisposable
{
    private const string ManyAsStored = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";
    private const int Large = 3_000_000;

    private static readonly TimeSpan TestTimeout = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_retrieve_of_a_flipped_object_never_ends_well_and_afterwards_it_is_known_to_be_damaged(bool isMultipart)
    {
        await using Server server = await Server.StartAsync(_folder.Sub("data"));
        (TestInstance instance, StoredPath path) = await StoreAsync(server, "flipped");
        (_, StoredPath good) = await StoreAsync(server, "good");
        string accept = isMultipart ? ManyAsStored : "application/dicom; transfer-syntax=*";
        await server.Stores.FlipAsync(instance.SopUid);

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using HttpResponseMessage response = await server.Client.GetAsync(path.Path, accept);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await response.Content.ReadAsByteArrayAsync();
        });

        foreach ((string resource, string type) in new[]
        {
            ("", accept),
            ("/frames/1", "multipart/related; type=application/octet-stream"),
            ("/pixeldata", "application/octet-stream")
        })
        {
            using HttpResponseMessage refused = await server.Client.GetAsync(path.Path + resource, type);
            Assert.Equal(
                (HttpStatusCode.ServiceUnavailable, "application/problem+json"),
                (refused.StatusCode, refused.Content.Headers.ContentType?.MediaType));
        }

        using HttpResponseMessage metadata = await server.Client.GetAsync(path.Path + "/metadata", "application/dicom+json");
        Assert.Equal(HttpStatusCode.OK, metadata.StatusCode);
        Assert.True((await server.Client.RetrieveAsync(good)).Length > Large);
    }

    [ToolFact(Tools.Dcmtk)]
    public async Task Getscu_gets_every_instance_but_the_damaged_ones()
    {
        await using Server server = await Server.StartAsync(_folder.Sub("data"));
        TestInstance[] study = [.. Enumerable.Range(1, 4).Select(
            number => Instance($"get {number}", number == 3 ? Large : 500) with { StudyUid = TestUid.Create("damaged study") })];
        Assert.True((await server.Client.StoreAllAsync(study.Select(instance => (ReadOnlyMemory<byte>)instance.ToPart10()))).IsSuccess);
        await server.Stores.FlipAsync(study[1].SopUid);
        await server.Stores.FlipAsync(study[2].SopUid);

        // The server notices the damage of the large one on the way: it aborts that association, and knows the damage at the next.
        (int exitCode, string[] first, string said) = await GetAsync(server, study[0].StudyUid, "first");
        (_, string[] second, string saidThen) = await GetAsync(server, study[0].StudyUid, "second");

        Assert.DoesNotContain(first, file => IsOf(file, study[1]) || IsOf(file, study[2]));
        Assert.True(exitCode != 0, said);
        Assert.Equal(new[] { study[0].SopUid, study[3].SopUid }.Order(), second.Select(Path.GetFileName).Order());
        Assert.True(Regex.IsMatch(saidThen, @"(?i)failed suboperations\s*:\s*2"), saidThen);
    }

    [Fact]
    public async Task Check_finds_what_is_flipped_and_what_is_sent_again_is_good()
    {
        await using Server server = await Server.StartAsync(_folder.Sub("data"));
        (TestInstance instance, StoredPath path) = await StoreAsync(server, "checked");
        await StoreAsync(server, "unharmed");
        (int exitCode, string output) = await CheckAsync(server, "--content");
        Assert.True(exitCode == 0, output);
        Assert.Contains("Verified 2 objects: 0 are damaged", output, StringComparison.Ordinal);

        await server.Stores.FlipAsync(instance.SopUid);
        (exitCode, output) = await CheckAsync(server);
        Assert.True(exitCode == 0, output);
        (exitCode, output) = await CheckAsync(server, "--content");
        Assert.Equal(1, exitCode);
        Assert.Contains("is damaged (content)", output, StringComparison.Ordinal);
        (exitCode, output) = await CheckAsync(server);
        Assert.Equal(1, exitCode);
        Assert.Matches($@"damaged  \S+  studies/{Regex.Escape(
            instance.StudyUid)}/series/{Regex.Escape(instance.SeriesUid)}/instances/{Regex.Escape(instance.SopUid)}", output);

        Assert.True((await server.Client.StoreAsync(instance.ToPart10())).IsSuccess);
        Assert.Equal(instance.ToDataSet(), Part10Split.DataSet(await server.Client.RetrieveAsync(path)).ToArray());
        (exitCode, output) = await CheckAsync(server, "--content");
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task A_check_that_is_killed_goes_on_where_it_was()
    {
        await using Server server = await Server.StartAsync(_folder.Sub("data"));
        TestInstance[] study = [.. Enumerable.Range(1, 80).Select(
            number => Instance($"slow {number}", 100_000) with { StudyUid = TestUid.Create("slow study") })];
        Assert.True((await server.Client.StoreAllAsync(study.Select(instance => (ReadOnlyMemory<byte>)instance.ToPart10()))).IsSuccess);

        await using (ServerProcess check = ServerProcess.Start("Silo", [], ["check", "--content", "--rate", "1"], server.Stores.Settings))
        {
            await check.Output.WaitForAsync(new Regex("32 of 80 objects", RegexOptions.CultureInvariant), TestTimeout);
            await check.KillAsync();
        }

        (int exitCode, string output) = await CheckAsync(server, "--content", "--rate", "0");
        Assert.True(exitCode == 0, output);
        Match verified = Regex.Match(
            output,
            @"Continues after (?<before>\d+) objects[\s\S]*Verified (?<after>\d+) objects: 0 are damaged",
            RegexOptions.CultureInvariant);
        Assert.True(verified.Success, output);
        Assert.Equal(80, int.Parse(verified.Groups["before"].Value, CultureInfo.InvariantCulture)
            + int.Parse(verified.Groups["after"].Value, CultureInfo.InvariantCulture));
    }

    private static TestInstance Instance(string name, int pixels)
    {
        byte[] bytes = new byte[pixels];
        new Random(pixels).NextBytes(bytes);
        return new TestInstance(name) { Rows = (ushort)(pixels / 500), Columns = 500, PixelData = bytes };
    }

    private static async Task<(TestInstance Instance, StoredPath Path)> StoreAsync(Server server, string name)
    {
        TestInstance instance = Instance(name, Large);
        return (instance, Assert.Single((await server.Client.StoreAsync(instance.ToPart10())).Stored));
    }

    private static async Task<(int ExitCode, string Output)> CheckAsync(Server server, params string[] more)
    {
        await using ServerProcess check = ServerProcess.Start("Silo", [], ["check", .. more], server.Stores.Settings);
        int exitCode = await check.WaitAsync(TestTimeout);
        return (exitCode, check.Output.ToString());
    }

    private async Task<(int ExitCode, string[] Files, string Said)> GetAsync(Server server, string study, string name)
    {
        string folder = Directory.CreateDirectory(_folder.Sub("got " + name)).FullName;
        (int exitCode, string output, string error) = await ExternalProcess.RunAsync(
            "getscu",
            ["-aec", "DICOM-INGEST", "-v", "-S", "+B", "-od", folder, "-k", "0008,0052=STUDY", "-k", $"0020,000d={study}", "127.0.0.1", server.DimsePort.ToString(
                CultureInfo.InvariantCulture)],
            "",
            TestTimeout);
        return (exitCode, Directory.GetFiles(folder), output + error);
    }

    private static bool IsOf(string file, TestInstance instance)
        => Path.GetFileName(file).Contains(instance.SopUid, StringComparison.Ordinal);
}
