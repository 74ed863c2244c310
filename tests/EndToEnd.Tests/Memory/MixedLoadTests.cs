using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.EndToEnd.Tests.BadInput;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.Memory;

/// <summary>Many clients store, search and retrieve instances with large headers at once.</summary>
/// <remarks>The process stays within its memory, and every answer is whole or asks to come later.</remarks>
public sealed class MixedLoadTests
{
    private const int Attempts = 20;

    private readonly LargeHeader _explicit = new(Syntax.ExplicitLittle);
    private readonly LargeHeader _implicit = new(Syntax.ImplicitLittle);

    [Fact]
    public async Task Sixty_four_requests_with_large_headers_at_once_stay_within_the_memory_of_the_process()
    {
        using TemporaryFolder folder = new();
        await using BadInputServer server = await BadInputServer.StartAsync(folder.Sub("data"));
        using LargeHeaderCalls calls = new(server.Server, _explicit, _implicit);
        TestInstance first = _explicit.New();
        TestInstance second = _implicit.New();
        Assert.NotNull(await calls.StowAsync(first));
        Assert.NotNull(await calls.DimseStoreAsync(second));
        await ShouldBeWholeAsync(calls, first, second);

        Call[] reads =
        [
            new(first, calls.MetadataAsync, 10), new(first, calls.XmlAsync, 10), new(first, calls.SearchAsync, 10),
            new(second, calls.ExplicitAsync, 10),
            new(second, calls.DimseGetAsync, 8),
        ];
        Fingerprint[] expected = [.. await InTurnAsync(reads)];
        Call[] stores = [.. Enumerable.Range(0, 8).SelectMany(
            _ => (Call[])[new(_explicit.New(), calls.StowAsync, 1), new(_implicit.New(), calls.DimseStoreAsync, 1)])];
        using CancellationTokenSource end = new();
        Task<int> ordinary = OrdinaryAsync(server, end.Token);

        Task<Fingerprint?>[] running =
        [
            .. reads.Concat(stores).SelectMany(call => Enumerable.Range(0, call.Times).Select(_ => Task.Run(() => call.Run(call.Instance))))
        ];
        Assert.Equal(64, running.Length);
        Fingerprint?[] answers = await Task.WhenAll(running);
        await end.CancelAsync();

        Assert.True(await ordinary > 0, "No ordinary request was served meanwhile.");
        Assert.InRange(answers.Count(answer => answer is not null), 1, 64);
        int next = 0;
        foreach ((Call call, Fingerprint whole) in reads.Zip(expected))
        {
            Assert.All(
                answers[next..(next + call.Times)], answer => Assert.True(answer is null || answer == whole, $"{answer} is not {whole}."));
            next += call.Times;
        }

        await ShouldComeLaterAsync(reads
            .SelectMany(call => Enumerable.Repeat(call, call.Times))
            .Concat(stores)
            .Zip(answers)
            .Where(pair => pair.Second is null)
            .Select(pair => pair.First)
            .Distinct());
        await server.ShouldBeUnharmedAsync();
    }

    private static async Task<List<Fingerprint>> InTurnAsync(IEnumerable<Call> calls)
    {
        List<Fingerprint> answers = [];
        foreach (Call call in calls)
        {
            answers.Add((await call.Run(call.Instance))!);
        }

        return answers;
    }

    /// <summary>Checks that refused requests succeed when they are repeated.</summary>
    private static async Task ShouldComeLaterAsync(IEnumerable<Call> refused)
    {
        foreach (Call call in refused)
        {
            Fingerprint? answer = null;
            for (int attempt = 0; answer is null && attempt < Attempts; attempt++)
            {
                answer = await call.Run(call.Instance);
            }

            Assert.NotNull(answer);
        }
    }

    /// <summary>Sends small requests one after the other, each of which must succeed; returns their number.</summary>
    private static async Task<int> OrdinaryAsync(BadInputServer server, CancellationToken cancellationToken)
    {
        int count = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            TestInstance small = Sample.New();
            (await server.PostAsync(small.ToPart10())).ShouldBeModule(200, 1);
            Assert.Equal(200, (await server.GetAsync($"/dicom-web/studies?StudyInstanceUID={small.StudyUid}")).Status);
            Assert.Equal(200, (await server.GetAsync("/healthz/live")).Status);
            count++;
        }

        return count;
    }

    private static async Task ShouldBeWholeAsync(LargeHeaderCalls calls, TestInstance first, TestInstance second)
    {
        using (JsonDocument json = JsonDocument.Parse(await calls.ReadAsync(first, "/metadata", "application/dicom+json")))
        {
            JsonElement[] items = [.. json.RootElement[0].GetProperty("0040A730").GetProperty("Value").EnumerateArray()];
            Assert.All(
                items.Select((item, index) => (item, index)),
                pair => Assert.Equal(LargeHeader.Text(pair.index), pair.item.GetProperty("0040A160").GetProperty("Value")[0].GetString()));
            Assert.Equal(LargeHeader.ValueBytes, items.Length * (long)LargeHeader.Text(0).Length);
        }

        string multipart = Encoding.UTF8.GetString(
            await calls.ReadAsync(first, "/metadata", "multipart/related; type=\"application/dicom+xml\""));
        XElement xml = XElement.Parse(
            multipart[multipart.IndexOf("<NativeDicomModel", StringComparison.Ordinal)..(multipart.LastIndexOf('>') + 1)]);
        Assert.Equal(LargeHeader.ValueBytes, xml.Descendants(xml.Name.Namespace + "Item").Sum(item => (long)item.Value.Length));

        byte[] file = await calls.ReadAsync(second, "", $"application/dicom; transfer-syntax={Syntax.ExplicitLittle}");
        using InstanceParser parser = new(DicomReaderOptions.Default);
        parser.Feed(file);
        parser.FinishHead();
        ParsedInstance parsed = parser.Complete();
        Assert.Equal(Syntax.ExplicitLittle, parsed.TransferSyntax.Uid);
        Assert.True(parsed.Dataset.TryGet(DicomTag.ContentSequence, out DicomElement? sequence));
        Assert.All(
            sequence.Items!.Select((item, index) => (item, index)),
            pair => Assert.Equal(LargeHeader.Text(pair.index), pair.item.GetString(DicomTag.TextValue)));
        Assert.Equal(LargeHeader.ValueBytes, sequence.Items!.Sum(item => (long)item.GetString(DicomTag.TextValue)!.Length));
    }

    /// <param name="Instance">The instance of the request.</param>
    /// <param name="Run">Sends the request.</param>
    /// <param name="Times">The number of clients that send it at once.</param>
    private sealed record Call(TestInstance Instance, Func<TestInstance, Task<Fingerprint?>> Run, int Times);
}
