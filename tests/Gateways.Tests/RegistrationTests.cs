using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Gateways.Stow;
using ImagingIngestion.Grains.Events;
using ImagingIngestion.Ingest;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Tests;

/// <summary>A missing dependency of a registration is reported, never silently left out.</summary>
public sealed class RegistrationTests
{
    [Fact]
    public async Task Without_the_ledger_of_the_installation_no_key_is_made()
    {
        await using ServiceProvider services = new ServiceCollection().AddOptions().AddStow().BuildServiceProvider();

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
        Assert.Equal(isUnknown, Listening(urls, baseUrl).AreUnknown);
        Assert.False(Listening(urls, baseUrl, "pacs.example.org").AreUnknown);
    }

    [Fact]
    public void A_server_answers_under_the_names_and_addresses_that_it_listens_on()
    {
        string[] loopback = ["localhost", "127.0.0.1", "[::1]"];

        Assert.Equal(loopback, Listening("http://127.0.0.1:8080", "").All);
        Assert.Equal(
            [.. loopback, "192.0.2.7", "[2001:db8::7]"], Listening("http://192.0.2.7:8080;http://[2001:db8::7]:8080", "").All);
        Assert.Equal(
            [.. loopback, "pacs.example.org"], Listening("http://localhost:8080", "https://pacs.example.org:444/imaging").All);
        Assert.Contains("pacs", Listening("http://pacs:8080", "").All);
        Assert.DoesNotContain("0.0.0.0", Listening("http://0.0.0.0:8080", "").All);
        Assert.DoesNotContain("*", Listening("http://*:8080", "").All);
    }

    private static OwnHosts Listening(string urls, string baseUrl, params string[] allowed) => new(
        Options.Create(new ServerOptions { Urls = urls.Split(';'), BaseUrl = baseUrl.Length == 0 ? null : baseUrl }),
        Options.Create(new HttpOptions { AllowedHosts = allowed }),
        Options.Create(new EventOptions()));
}
