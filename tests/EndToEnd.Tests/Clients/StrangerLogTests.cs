using System.Net;
using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.EndToEnd.Tests.Clients;

/// <summary>The log of refused strangers names the settings to change, and not once for each request.</summary>
public sealed class StrangerLogTests
{
    [Fact]
    public async Task Strangers_are_told_of_once_with_the_setting_to_change()
    {
        using TemporaryFolder folder = new();
        await using Server server = await Server.StartAsync(folder.Sub("data"), ["env", "IMAGING__HTTP__ALLOWEDORIGINS=*"]);

        for (int attempt = 0; attempt < 3; attempt++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, await AskAsync(server, "Host", "forgotten.example.org"));
            Assert.Equal(HttpStatusCode.OK, await AskAsync(server, "X-Forwarded-Host", "pacs.example.org"));
        }

        await server.StopAsync();
        string log = server.Output.ToString();
        Assert.Contains("IMAGING__HTTP__ALLOWEDORIGINS is *", log, StringComparison.Ordinal);
        Assert.Equal(1, Count(log, "the host forgotten.example.org was refused"));
        Assert.Equal(1, Count(log, "are ignored; if that is a reverse proxy of yours, set IMAGING__HTTP__KNOWNPROXIES"));
    }

    private static async Task<HttpStatusCode> AskAsync(Server server, string header, string value)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "changefeed/latest") { Headers = { { header, value } } };
        using HttpResponseMessage answer = await server.Client.SendAsync(request);
        return answer.StatusCode;
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
