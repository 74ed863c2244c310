using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Hosting;

namespace ImagingIngestion.Silo.Tests.Startup;

/// <summary>Which pages, hosts and proxies the settings let in.</summary>
public sealed class HttpSettingsTests
{
    [Fact]
    public void Nobody_is_let_in_by_default()
    {
        HttpOptions http = Read();

        Assert.Empty(http.AllowedOrigins);
        Assert.Empty(http.StoringOrigins);
        Assert.Empty(http.AllowedHosts);
        Assert.Empty(http.KnownProxies);
    }

    [Fact]
    public void Lists_are_separated_by_semicolons_or_stand_in_a_file()
    {
        Assert.Equal(
            ["https://a.example", "http://127.0.0.1:3000"],
            Read(("Imaging:Http:AllowedOrigins", "https://a.example; http://127.0.0.1:3000;")).AllowedOrigins);
        Assert.Equal(["https://a.example", "https://b.example"], Read(
            ("Imaging:Http:StoringOrigins:0", "https://a.example"), ("Imaging:Http:StoringOrigins:1", "https://b.example")).StoringOrigins);
        Assert.Equal(
            ["pacs.example.org", "*.example.net", "10.0.0.1", "[fd00::7]"],
            Read(("Imaging:Http:AllowedHosts", "Pacs.example.org;*.example.net;10.0.0.1;fd00::7")).AllowedHosts);
        Assert.Equal(
            ["10.0.0.7", "10.244.0.0/16", "fd00::/8"], Read(("Imaging:Http:KnownProxies", "10.0.0.7;10.244.0.0/16;fd00::/8")).KnownProxies);
    }

    [Theory]
    [InlineData("HTTPS://Viewer.Example.org:443/", "https://viewer.example.org")]
    [InlineData("http://viewer.example.org:80", "http://viewer.example.org")]
    [InlineData("http://[::1]:3000", "http://[::1]:3000")]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example")]
    public void An_origin_is_written_as_browsers_write_it(string text, string origin)
        => Assert.Equal([origin], Read(("Imaging:Http:AllowedOrigins", text)).AllowedOrigins);

    [Theory]
    [InlineData("AllowedOrigins", "viewer.example.org")]
    [InlineData("AllowedOrigins", "https://viewer.example.org/path")]
    [InlineData("AllowedOrigins", "https://viewer.example.org?x")]
    [InlineData("AllowedOrigins", "https://user@viewer.example.org")]
    [InlineData("AllowedOrigins", "https://*.example.org")]
    [InlineData("AllowedOrigins", "file:///")]
    [InlineData("AllowedOrigins", "null")]
    [InlineData("AllowedOrigins", "https://a.example, https://b.example")]
    [InlineData("StoringOrigins", "*")]
    [InlineData("AllowedHosts", "https://pacs.example.org")]
    [InlineData("AllowedHosts", "pacs.example.org:8080")]
    [InlineData("AllowedHosts", "pacs.*.org")]
    [InlineData("KnownProxies", "proxy.example.org")]
    [InlineData("KnownProxies", "10.0.0.0/40")]
    public void What_is_none_is_a_mistake_that_names_the_setting(string key, string text)
    {
        IReadOnlyList<string> mistakes = GivenSettings.Of(("Imaging:Http:" + key, text)).Mistakes;

        Assert.Contains("IMAGING__HTTP__" + key.ToUpperInvariant(), Assert.Single(mistakes), StringComparison.Ordinal);
    }

    private static HttpOptions Read(params (string Name, string Value)[] given)
        => GivenSettings.Accepted(ProcessKind.Silo, given).Http;
}
