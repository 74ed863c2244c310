using System.Security.Authentication;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Hosting;
using ImagingIngestion.Settings;

namespace ImagingIngestion.Silo.Tests.Startup;

public sealed class DimseSettingsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Without_settings_only_this_machine_reaches_the_default_port_and_everyone_there_may_send()
    {
        DimseOptions options = Read();

        Assert.Equal(("DICOM-INGEST", "127.0.0.1", 11112), (options.AeTitle, options.Address, options.Port));
        Assert.Empty(options.CalledAeTitles);
        Assert.Empty(options.CallingAeTitles);
        Assert.Empty(options.Peers);
        Assert.Equal(["all"], options.StorageSopClasses);
        Assert.Null(options.Tls);
    }

    [Fact]
    public void The_old_names_are_read()
    {
        DimseOptions options = Read(
            ("DIMSE_AE", "INGESTION"),
            ("DIMSE_PORT", "104"),
            ("DIMSE_TLS_ENABLED", "true"),
            ("DIMSE_TLS_KEYSTORE", _file),
            ("DIMSE_TLS_KEYSTORE_PASSWORD", "secret"));

        Assert.Equal(("INGESTION", 104), (options.AeTitle, options.Port));
        Assert.Equal(new CertificateFile(_file, "secret", DimseOptions.Section["KeyStore"]), options.Tls!.OwnCertificate());
        Assert.DoesNotContain("secret", options.Tls.OwnCertificate()!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("65535", 65535)]
    [InlineData("off", DimseOptions.Off)]
    [InlineData("OFF", DimseOptions.Off)]
    [InlineData("-1", DimseOptions.Off)]
    public void The_port_can_be_free_fixed_or_off(string text, int port) => Assert.Equal(port, Read(("--dimse-port", text)).Port);

    [Fact]
    public void Lists_are_separated_by_commas()
    {
        DimseOptions options = Read(
            ("Imaging:Dimse:CalledAeTitles", "OLD-PACS, *"),
            ("Imaging:Dimse:CallingAeTitles", "CT 1,MR1,CT 1"),
            ("Imaging:Dimse:StorageSopClasses", "Standard,1.2.3"));

        Assert.Equal(["OLD-PACS", "*"], options.CalledAeTitles);
        Assert.Equal(["CT 1", "MR1"], options.CallingAeTitles);
        Assert.Equal(["standard", "1.2.3"], options.StorageSopClasses);
    }

    [Fact]
    public void Peers_are_titles_at_hosts_with_ports()
        => Assert.Equal(
            [new("ARCHIVE", "pacs.example.org", 104, false), new("SIX", "fd00::7", 11112, false), new("S@FE", "10.0.0.5", 2762, true)],
            Read(("Imaging:Dimse:Peers", "ARCHIVE@pacs.example.org:104; SIX@[fd00::7]:11112 ;S@FE@10.0.0.5:2762+tls")).Peers);

    [Fact]
    public void Limits_and_times_are_read()
    {
        DimseLimitOptions limits = Read(
            ("Imaging:Dimse:MaxAssociations", "7"),
            ("Imaging:Dimse:MaximumLength", "32K"),
            ("Imaging:Dimse:ArtimTimeout", "3s"),
            ("Imaging:Dimse:MaxOperations", "1")).Limits;

        Assert.Equal(
            new DimseLimitOptions { MaxAssociations = 7, MaximumLength = 32768, ArtimTimeout = TimeSpan.FromSeconds(3), MaxOperations = 1 },
            limits);
    }

    [Theory]
    [InlineData("TLSv1.2", SslProtocols.Tls12)]
    [InlineData("TLSv1.3", SslProtocols.Tls13)]
    [InlineData("tlsv1.3, TLSv1.2", SslProtocols.Tls12 | SslProtocols.Tls13)]
    public void Tls_versions_can_be_chosen(string text, SslProtocols protocols)
        => Assert.Equal(protocols, Read(
            ("DIMSE_TLS_ENABLED", "true"),
            ("DIMSE_TLS_KEYSTORE", _file),
            ("DIMSE_TLS_KEYSTORE_TYPE", "pem"),
            ("DIMSE_TLS_PROTOCOL_VERSIONS", text)).Tls!.Protocols);

    [Theory]
    [InlineData("DIMSE_AE", "SEVENTEEN-LETTERS")]
    [InlineData("DIMSE_AE", "BACK\\SLASH")]
    [InlineData("DIMSE_PORT", "65536")]
    [InlineData("DIMSE_PORT", "dicom")]
    [InlineData("Imaging:Dimse:Address", "localhost")]
    [InlineData("Imaging:Dimse:CalledAeTitles", "A,B\\C")]
    [InlineData("Imaging:Dimse:CallingAeTitles", "*")]
    [InlineData("Imaging:Dimse:StorageSopClasses", "some")]
    [InlineData("Imaging:Dimse:Peers", "A@host")]
    [InlineData("Imaging:Dimse:Peers", "A@host:0")]
    [InlineData("Imaging:Dimse:Peers", "host:104")]
    [InlineData("Imaging:Dimse:Peers", "A@fd00::7:104")]
    [InlineData("Imaging:Dimse:Peers", "A@[host]:104")]
    [InlineData("Imaging:Dimse:Peers", "A@one:104;A@two:104")]
    [InlineData("Imaging:Dimse:MaxAssociations", "0")]
    [InlineData("Imaging:Dimse:MaximumLength", "4G")]
    [InlineData("DIMSE_TLS_ENABLED", "true", "DIMSE_TLS_KEYSTORE")]
    [InlineData("DIMSE_TLS_TRUSTSTORE", "/no/such/file")]
    [InlineData("DIMSE_TLS_TRUSTSTORE_TYPE", "JKS")]
    [InlineData("DIMSE_TLS_PROTOCOL_VERSIONS", "TLSv1.2,TLSv1.1")]
    [InlineData("DIMSE_TLS_PROTOCOL_VERSIONS", "SSLv3")]
    [InlineData("DIMSE_TLS_CIPHER_SUITES", "SSL_RSA_WITH_3DES_EDE_CBC_SHA")]
    [InlineData("Imaging:Storage:MinFreeBytes", "lots")]
    public void A_mistake_names_what_to_set(string name, string value, string? named = null)
    {
        IReadOnlyList<string> mistakes = GivenSettings.Of((name, value)).Mistakes;

        string expected = named ?? (name.StartsWith("Imaging:", StringComparison.Ordinal)
            ? name.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant()
            : name);
        Assert.Contains(expected, Assert.Single(mistakes), StringComparison.Ordinal);
    }

    private static DimseOptions Read(params (string Name, string Value)[] given)
        => GivenSettings.Accepted(ProcessKind.Silo, given).Dimse;
}
