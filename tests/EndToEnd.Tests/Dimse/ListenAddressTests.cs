using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Dimse;

/// <summary>The whole process on other addresses than the default. DCMTK speaks no IPv6, so our own SCU calls.</summary>
public sealed class ListenAddressTests : IDisposable
{
    private static readonly Regex IPv6Address = new(@"http://\[::1\]:(?<port>[1-9]\d*)/dicom-web", RegexOptions.CultureInvariant);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("*", true, true, "127.0.0.1")]
    [InlineData("0.0.0.0", true, false, "127.0.0.1")]
    [InlineData("::", true, true, "127.0.0.1")]
    [InlineData("::1", false, true, "::1")]
    [InlineData("127.0.0.1", true, false, "127.0.0.1")]
    public async Task DIMSE_is_reached_on_the_address_that_is_set_and_the_text_says_how(
        string address, bool takesIPv4, bool takesIPv6, string told)
    {
        await using Server server = await Server.StartAsync(_folder.Sub("data"), ["env", $"IMAGING__DIMSE__ADDRESS={address}"]);

        Assert.Equal(takesIPv4, await StoresAsync(server, "127.0.0.1"));
        Assert.Equal(takesIPv6 && Socket.OSSupportsIPv6, await StoresAsync(server, "::1"));
        Assert.Contains($"DICOM-INGEST on {address} port {server.DimsePort}", server.Output.ToString(), StringComparison.Ordinal);
        await server.Output.WaitForAsync(
            new Regex($@"storescu -aec DICOM-INGEST {Regex.Escape(told)} {server.DimsePort} file\.dcm", RegexOptions.CultureInvariant),
            TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task HTTP_is_reached_over_IPv6()
    {
        await using Server server = await Server.StartAsync(_folder.Sub("data"), null, "--urls", "http://127.0.0.1:0;http://[::1]:0");
        Match match = await server.Output.WaitForAsync(IPv6Address, TimeSpan.FromMinutes(1));
        using HttpClient client = new() { BaseAddress = new Uri($"http://[::1]:{match.Groups["port"].Value}/") };
        TestInstance instance = new("over IPv6") { PixelData = new byte[16] };

        Assert.Equal(200, (await client.StoreAsync(instance.ToPart10())).Status);
        Assert.Single(await server.Client.FindAsync(new StoredPath(instance.StudyUid, instance.SeriesUid, instance.SopUid)));
        using HttpResponseMessage health = await client.GetAsync("healthz/ready");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    /// <summary>Returns false if nobody listens.</summary>
    private static async Task<bool> StoresAsync(Server server, string host)
    {
        TestInstance instance = new("listening " + host) { PixelData = new byte[16] };
        try
        {
            await using DimseSender sender =
                await DimseSender.ConnectAsync(server.DimsePort, [(instance.SopClassUid, instance.TransferSyntaxUid)], host: host);
            return (await sender.StoreAsync(
                instance.SopClassUid, instance.SopUid, instance.TransferSyntaxUid, instance.ToDataSet())).Status.IsSuccess;
        }
        catch (AssociationException exception) when (exception.Fault == AssociationFault.NotConnected)
        {
            return false;
        }
    }
}
