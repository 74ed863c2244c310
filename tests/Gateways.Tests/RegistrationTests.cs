using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Gateways.Stow;
using ImagingIngestion.Ingest;
using ImagingIngestion.Options;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways.Tests;

/// <summary>What a registration needs is asked for, never silently left out.</summary>
public sealed class RegistrationTests
{
    [Fact]
    public async Task Without_the_ledger_of_the_installation_no_key_is_made()
    {
        await using ServiceProvider services = new ServiceCollection().AddStow(new IngestOptions()).BuildServiceProvider();

        Assert.Contains(
            "ISweepLedger",
            Assert.Throws<InvalidOperationException>(() => services.GetRequiredService<IngestLimits>()).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080", "", false)]
    [InlineData("http://localhost:8080;http://[::1]:8081", "", false)]
    [InlineData("http://0.0.0.0:8080", "", true)]
    [InlineData("http://*:8080", "", true)]
    [InlineData("http://pacs:8080", "", true)]
    [InlineData("http://[::]:8080", "https://pacs.example.org/x", false)]
    public void A_server_for_other_machines_without_a_name_is_told_of(string urls, string baseUrl, bool isUnknown)
    {
        ImagingOptions options = Listening(urls, baseUrl);

        Assert.Equal(isUnknown, OwnHosts.AreUnknown(options));
        Assert.False(OwnHosts.AreUnknown(options with { Http = new HttpOptions { AllowedHosts = ["pacs.example.org"] } }));
    }

    [Fact]
    public void A_server_answers_under_the_names_and_addresses_that_it_listens_on()
    {
        string[] loopback = ["localhost", "127.0.0.1", "[::1]"];

        Assert.Equal(loopback, OwnHosts.Of(Listening("http://127.0.0.1:8080", "")));
        Assert.Equal(
            [.. loopback, "192.0.2.7", "[2001:db8::7]"], OwnHosts.Of(Listening("http://192.0.2.7:8080;http://[2001:db8::7]:8080", "")));
        Assert.Equal(
            [.. loopback, "pacs.example.org"], OwnHosts.Of(Listening("http://localhost:8080", "https://pacs.example.org:444/imaging")));
        Assert.Contains("pacs", OwnHosts.Of(Listening("http://pacs:8080", "")));
        Assert.DoesNotContain("0.0.0.0", OwnHosts.Of(Listening("http://0.0.0.0:8080", "")));
        Assert.DoesNotContain("*", OwnHosts.Of(Listening("http://*:8080", "")));
    }

    private static ImagingOptions Listening(string urls, string baseUrl)
        => new() { Server = new ServerOptions { Urls = urls.Split(';'), BaseUrl = baseUrl.Length == 0 ? null : baseUrl } };
}
