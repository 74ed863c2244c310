using System.Net.Http.Headers;
using System.Text;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;
using Xunit.Abstractions;

namespace ImagingIngestion.EndToEnd.Tests.BadInput;

/// <summary>
/// A list that is twice as long costs about twice the processor time, wherever a peer can write one: nothing grows with the square.
/// </summary>
public sealed class GrowthTests(RunningServer server, ITestOutputHelper output) : IClassFixture<RunningServer>
{
    private const double MaxGrowth = 2.5;
    private const int Tries = 4;
    private const int MostRounds = 500;

    /// <summary>The code is compiled in these rounds, which count for neither size.</summary>
    private const int WarmUpRounds = 10;

    private const string StudyRootFind = "1.2.840.10008.5.1.4.1.2.2.1";
    private const string Boundary = "growth";

    /// <summary>Enough ticks of the clock of processor time to distinguish 2 from 2.5.</summary>
    private static readonly TimeSpan Measured = TimeSpan.FromMilliseconds(400);

    /// <summary>
    /// The time that the maximum of rounds of small requests counts for, if they take less: no peer can make a burden of those.
    /// </summary>
    private static readonly TimeSpan Shortest = Measured / 2;

    private static readonly TestInstance Found = new(
        "growth") { PatientName = new string('a', 4_000), NumberOfFrames = 1_000, Rows = 1, Columns = 1, PixelData = new byte[1_000] };

    private delegate Task Request(int size);

    [Theory]
    [InlineData("unknown parameters", 250)]
    [InlineData("unknown parameters beyond the limit", 4_000)]
    [InlineData("one key again and again", 250)]
    [InlineData("included fields", 250)]
    [InlineData("unknown included fields beyond the limit", 4_000)]
    [InlineData("UIDs in one key", 900)]
    [InlineData("UIDs in many keys", 250)]
    [InlineData("patient ids", 32)]
    [InlineData("names", 32)]
    [InlineData("words of a fuzzy name", 120)]
    [InlineData("wildcards of a name", 60)]
    [InlineData("wildcards of a text", 60)]
    [InlineData("dots of a path", 8_000)]
    public Task Qido(string list, int size) => AssertGrowthAsync(Search(list), size);

    [Theory]
    [InlineData("frames", 500)]
    [InlineData("accepted types", 500)]
    [InlineData("accepted transfer syntaxes", 500)]
    [InlineData("parameters of an accepted type", 1_000)]
    [InlineData("etags", 1_000)]
    public Task Wado(string list, int size) => AssertGrowthAsync(Retrieve(list), size);

    [Theory]
    [InlineData("empty parts", 2_000)]
    [InlineData("instances", 100)]
    [InlineData("headers of a part", 30)]
    [InlineData("lines before the first boundary", 10_000)]
    [InlineData("lines that begin like a boundary", 20_000)]
    [InlineData("elements", 20_000)]
    [InlineData("elements in descending order", 20_000)]
    [InlineData("items", 10_000)]
    [InlineData("values of an element", 20_000)]
    [InlineData("fragments", 20_000)]
    public Task Stow(string list, int size) => AssertGrowthAsync(Store(list), size);

    [Theory]
    [InlineData("UIDs", 4_000)]
    [InlineData("patient ids", 32)]
    [InlineData("keys", 2_000)]
    [InlineData("keys in descending order", 2_000)]
    [InlineData("keys of an item", 2_000)]
    [InlineData("items", 400)]
    public Task Find(string list, int size) => AssertGrowthAsync(Query(list), size);

    /// <summary>Runs enough small requests to be measured, then as many of twice the size.</summary>
    /// <remarks>Other load of the machine may disturb one attempt, but not all of them.</remarks>
    private async Task AssertGrowthAsync(Request request, int size)
    {
        await server.Client.StoreAsync(Found.ToPart10());
        for (int round = 0; round < WarmUpRounds; round++)
        {
            await request(size);
            await request(2 * size);
        }

        List<double> seen = [];
        while (seen.Count < Tries)
        {
            TimeSpan start = server.ProcessorTime;
            int rounds = 0;
            for (; rounds < MostRounds && server.ProcessorTime - start < Measured; rounds++)
            {
                await request(size);
            }

            TimeSpan middle = server.ProcessorTime;
            for (int round = 0; round < rounds; round++)
            {
                await request(2 * size);
            }

            seen.Add((server.ProcessorTime - middle) / (middle - start > Shortest ? middle - start : Shortest));
            output.WriteLine($"{rounds} requests of {size} took {middle - start} of processor time, those of twice the size "
                + $"{seen[^1]:0.00} times as much.");
            if (seen[^1] <= MaxGrowth)
            {
                return;
            }
        }

        Assert.Fail($"Twice the list costs {string.Join(
            ", ", seen.Select(growth => growth.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture)))} times as much.");
    }

    private Request Search(string list)
    {
        Func<int, string> query = list switch
        {
            "unknown parameters" or "unknown parameters beyond the limit" => size => Join('&', size, n => $"k{n}=1"),
            "one key again and again" => size => Join('&', size, n => $"StudyDate=-2{n + 1000:0000}0101"),
            "included fields" => size => "includefield=" + Join(',', size, n => $"0018{n + 0x1000:X4}"),
            "unknown included fields beyond the limit" => size => "includefield=" + Join(',', size, n => $"unknown{n}"),
            "UIDs in one key" => size => "StudyInstanceUID=" + Join(',', size, n => $"1.2.826.{n}"),
            "UIDs in many keys" => size => Join('&', size, n => $"SOPInstanceUID=1.2.826.{n}"),
            "patient ids" => size => "PatientID=" + Join('\\', size, n => $"P{n}"),
            "names" => size => "PatientName=" + Join('\\', size, n => $"P{n}^Q=R=S"),
            "words of a fuzzy name" => size => "fuzzymatching=true&PatientName=" + Join('+', size, n => $"w{n}"),
            "wildcards of a name" => size => "PatientName=" + Join('a', size, _ => "*") + "b*c",
            "wildcards of a text" => size => "PatientID=" + Join('a', size, _ => "*?") + "b*c",
            _ => size => Join('.', size, _ => "00400275") + "=1",
        };
        string level = list == "UIDs in many keys" ? "instances" : "studies";
        return size => SendAsync(() => new HttpRequestMessage(HttpMethod.Get, $"{server.Root}/{level}?{query(size)}"));
    }

    private Request Retrieve(string list) => size => SendAsync(() =>
    {
        string path = $"{server.Root}/studies/{Found.StudyUid}/series/{Found.SeriesUid}/instances/{Found.SopUid}";
        HttpRequestMessage request = new(HttpMethod.Get, list == "frames" ? $"{path}/frames/{Join(',', size, n => $"{n + 1}")}" : path);
        (string name, string value) = list switch
        {
            "accepted types" => ("Accept", Join(',', size, n => $"a/b{n};q=0.1")),
            "accepted transfer syntaxes" => ("Accept", Join(
                ',', Math.Min(size, 60), _ => $"application/dicom;transfer-syntax=\"{Join(',', size / 60, n => $"1.2.{n}")}\"")),
            "parameters of an accepted type" => ("Accept", "application/dicom" + Join(';', size, n => $";p{n}=1")),
            "etags" => ("If-None-Match", Join(',', size, n => $"\"{n}\"")),
            _ => ("Accept", "multipart/related;type=\"application/octet-stream\""),
        };
        request.Headers.TryAddWithoutValidation(name, value);
        return request;
    });

    private Request Store(string list)
    {
        int sent = 0;
        return list switch
        {
            "empty parts" => size => PostAsync(Join("", size, _ => $"--{Boundary}\r\n\r\n\r\n")),
            "headers of a part" => size => PostAsync(Join("", 40, _ => $"--{Boundary}\r\n{Join("", size, n => $"X-{n}: 1\r\n")}\r\n\r\n")),
            "lines before the first boundary" => size => PostAsync(Join("", size, _ => "x\r\n") + $"--{Boundary}\r\n\r\n\r\n"),
            "lines that begin like a boundary" => size => PostAsync($"--{Boundary}\r\n\r\n" + Join("", size, _ => $"\r\n--{Boundary}x")),
            "instances" => async size =>
                await server.Client.StoreAllAsync(Enumerable.Range(0, size).Select(_ => (ReadOnlyMemory<byte>)Instance(0).ToPart10())),
            _ => async size => await server.Client.StoreAsync(WithElements(list, size, Interlocked.Increment(ref sent))),
        };
    }

    private static byte[] WithElements(string list, int size, int number) => (Instance(number) with
    {
        PixelData = null,
        Change = data => data.Custom(0x7001_0000, writer =>
        {
            writer.Element(0x7001_0010, "LO", "GROWTH"u8.ToArray());
            for (int n = 0; n < size && list.StartsWith("elements", StringComparison.Ordinal); n++)
            {
                int place = list == "elements" ? n : size - n;
                writer.Element((uint)(((0x7001 + (2 * (place / 200))) << 16) | 0x1000 | (place % 200)), "SH", "value "u8.ToArray());
            }

            if (list == "items")
            {
                new DataSetBuilder().DelimitedSequence(
                    0x7001_1001,
                    [.. Enumerable.Range(0, size).Select(_ => new DataSetBuilder().Text(0x0008_0100, "SH", "code"))]).WriteTo(writer);
            }
            else if (list == "values of an element")
            {
                writer.Element(0x7001_1001, "UT", Encoding.ASCII.GetBytes(new string('x', size)));
                new DataSetBuilder().Text(0x7001_1002, "UC", Join('\\', size, n => $"v{n}")).WriteTo(writer);
            }
            else if (list == "fragments")
            {
                new DataSetBuilder().Fragments([], [.. Enumerable.Range(0, size).Select(_ => new byte[2])]).WriteTo(writer);
            }
        }),
    }).ToPart10();

    private Request Query(string list)
    {
        Func<int, DataSetBuilder, DataSetBuilder> keys = list switch
        {
            "UIDs" => (size, data) => data.Text(0x0020_000D, "UI", Join('\\', size, n => $"1.2.{n}")),
            "patient ids" => (size, data) => data.Text(0x0010_0020, "LO", Join('\\', size, n => $"P{n}")),
            "keys" => (size, data) => Enumerable.Range(0, size).Aggregate(data, (keys, n) => keys.Text((uint)(0x0018_1000 + n), "SH", "")),
            "keys in descending order" => (size, data) => data.Custom(
                0x0010_0020, writer => Enumerable.Range(0, size).ToList().ForEach(n => writer.Element((uint)(0x0018_9000 - n), "SH", []))),
            "keys of an item" => (size, data) => data.Sequence(
                0x0040_0275,
                Enumerable.Range(0, size).Aggregate(new DataSetBuilder(), (keys, n) => keys.Text((uint)(0x0018_1000 + n), "SH", ""))),
            _ => (size, data) => data.Sequence(
                0x0040_0275, [.. Enumerable.Range(0, size).Select(_ => new DataSetBuilder().Text(0x0040_0009, "SH", "x"))]),
        };
        return async size =>
        {
            await using DimseSender scu = await DimseSender.ConnectAsync(server.DimsePort, [(StudyRootFind, Syntax.ExplicitLittle)]);
            byte[] identifier = keys(size, new DataSetBuilder().Text(0x0008_0052, "CS", "STUDY")).Encode(Wire.ExplicitLittle);
            OutgoingOperation operation = await scu.Association.InvokeAsync(
                scu.Association.Contexts[0],
                new CFindRequest { SopClassUid = StudyRootFind },
                (target, token) => target.WriteAsync(identifier, token).AsTask(),
                CancellationToken.None);
            while ((await operation.ReadAsync(CancellationToken.None)).Response.Status.IsPending)
            {
            }
        };
    }

    private static TestInstance Instance(int number) => new("growth " + number) { SopUid = "2.25." + (uint)Random.Shared.Next() + number };

    private Task PostAsync(string body) => SendAsync(() =>
    {
        StringContent content = new(body + $"\r\n--{Boundary}--\r\n", Encoding.ASCII);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse($"multipart/related; type=\"application/dicom\"; boundary={Boundary}");
        return new HttpRequestMessage(HttpMethod.Post, server.Root + "/studies") { Content = content };
    });

    /// <summary>Accepts every answer but a fault of the server: beyond a limit the status is 400.</summary>
    private async Task SendAsync(Func<HttpRequestMessage> create)
    {
        using HttpRequestMessage request = create();
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        Assert.InRange((int)response.StatusCode, 200, 499);
    }

    private static string Join(char separator, int size, Func<int, string> part)
        => string.Join(separator, Enumerable.Range(0, size).Select(part));

    private static string Join(string separator, int size, Func<int, string> part)
        => string.Join(separator, Enumerable.Range(0, size).Select(part));
}
