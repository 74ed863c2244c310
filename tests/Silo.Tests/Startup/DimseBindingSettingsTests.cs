using System.Security.Authentication;
using ImagingIngestion.Bindings;
using ImagingIngestion.Bindings.Dimse;

using static ImagingIngestion.Silo.Tests.Startup.GivenSettings;

namespace ImagingIngestion.Silo.Tests.Startup;

public sealed class DimseBindingSettingsTests
{
    private static readonly (string, string)[] Least = [("DIMSE_TARGET_HOST", "pacs.example.org"), ("DIMSE_TARGET_AE", "ARCHIVE")];

    [Fact]
    public void The_keys_of_existing_config_maps_declare_a_C_STORE_binding()
    {
        BindingOptions binding = Assert.Single(Read([.. Least, ("DIMSE_TARGET_PORT", "104"), ("DIMSE_AE", "SENDER")]));

        Assert.Equal("dimse", binding.Name);
        Assert.Equal(
            new DimseBindingOptions { Host = "pacs.example.org", Port = 104, CalledAeTitle = "ARCHIVE", CallingAeTitle = "SENDER" },
            binding.Dimse);
    }

    [Fact]
    public void What_is_not_set_has_its_default()
    {
        DimseBindingOptions dimse = Read(Least).Single().Dimse!;

        Assert.Equal((11112, "DICOM-INGEST", 2), (dimse.Port, dimse.CallingAeTitle, dimse.Associations));
        Assert.Null(dimse.Tls);
    }

    [Fact]
    public void Everything_that_can_be_set_is_read()
    {
        DimseBindingOptions dimse = Read([
            ("Imaging:Bindings:a:DIMSE_TARGET_HOST", "[fd00::7]"), ("Imaging:Bindings:a:DIMSE_TARGET_AE", "ARCHIVE"),
            ("Imaging:Bindings:a:DIMSE_AE", "SENDER"),
            ("Imaging:Bindings:a:DIMSE_TARGET_ASSOCIATIONS", "5"), ("Imaging:Bindings:a:DIMSE_TARGET_ASSOCIATION_IDLE_TIMEOUT", "7s"),
            ("Imaging:Bindings:a:DIMSE_TARGET_CONNECT_TIMEOUT", "3s"),
            ("Imaging:Bindings:a:DIMSE_TARGET_IDLE_TIMEOUT", "4s"), ("Imaging:Bindings:a:DIMSE_TARGET_RESPONSE_TIMEOUT", "9m"),
            ("Imaging:Bindings:a:DIMSE_TLS_ENABLED", "true"),
            ("Imaging:Bindings:a:DIMSE_TLS_KEYSTORE", "own.p12"), ("Imaging:Bindings:a:DIMSE_TLS_KEYSTORE_TYPE", "PKCS12"),
            ("Imaging:Bindings:a:DIMSE_TLS_KEYSTORE_PASSWORD", "pw"),
            ("Imaging:Bindings:a:DIMSE_TLS_KEY", "own.key"), ("Imaging:Bindings:a:DIMSE_TLS_TRUSTSTORE", "ca.pem"),
            ("Imaging:Bindings:a:DIMSE_TLS_TRUSTSTORE_TYPE", "PEM"),
            ("Imaging:Bindings:a:DIMSE_TLS_TRUSTSTORE_PASSWORD", "other"), ("Imaging:Bindings:a:DIMSE_TLS_PROTOCOL_VERSIONS", "TLSv1.3"),
            ("Imaging:Bindings:a:INSECURE_SKIP_VERIFY", "true")]).Single().Dimse!;

        Assert.Equal(
            new DimseBindingOptions
            {
                Host = "fd00::7", CalledAeTitle = "ARCHIVE", CallingAeTitle = "SENDER", Associations = 5,
                AssociationIdleTimeout = TimeSpan.FromSeconds(7), ConnectTimeout = TimeSpan.FromSeconds(3),
                IdleTimeout = TimeSpan.FromSeconds(4), ResponseTimeout = TimeSpan.FromMinutes(9),
                Tls = new DimseTlsTargetOptions
                {
                    CertificateFile = "own.p12", KeyFile = "own.key", CertificatePassword = "pw", AuthoritiesFile = "ca.pem",
                    AuthoritiesPassword = "other", Protocols = SslProtocols.Tls13, InsecureSkipVerify = true,
                },
            },
            dimse);
    }

    [Fact]
    public void A_binding_of_a_section_calls_with_the_title_of_the_process_unless_it_has_its_own()
    {
        (string, string)[] section =
        [
            ("Imaging:Bindings:a:DIMSE_TARGET_HOST", "pacs"),
            ("Imaging:Bindings:a:DIMSE_TARGET_AE", "ARCHIVE"),
            ("Imaging:Dimse:AeTitle", "HOSPITAL")
        ];

        Assert.Equal("HOSPITAL", Read(section).Single().Dimse!.CallingAeTitle);
        Assert.Equal("OTHER", Read([.. section, ("Imaging:Bindings:a:DIMSE_AE", "OTHER")]).Single().Dimse!.CallingAeTitle);
    }

    [Theory]
    [InlineData(
        "exactly one",
        "Imaging:Bindings:a:STOW_ENDPOINT=http://a/studies",
        "Imaging:Bindings:a:DIMSE_TARGET_HOST=pacs",
        "Imaging:Bindings:a:DIMSE_TARGET_AE=A")]
    [InlineData("set DIMSE_TARGET_AE", "DIMSE_TARGET_HOST=pacs")]
    [InlineData("set DIMSE_TARGET_AE", "DIMSE_TARGET_HOST=pacs", "DIMSE_TARGET_AE=A\\B")]
    [InlineData("set DIMSE_TARGET_AE", "DIMSE_TARGET_HOST=pacs", "DIMSE_TARGET_AE=SEVENTEEN_LETTERS")]
    [InlineData("set DIMSE_TARGET_HOST", "DIMSE_TARGET_HOST=dicom://pacs", "DIMSE_TARGET_AE=A")]
    [InlineData("set DIMSE_TARGET_HOST", "DIMSE_TARGET_HOST=pacs:104", "DIMSE_TARGET_AE=A")]
    [InlineData("set DIMSE_TARGET_PORT", "DIMSE_TARGET_HOST=pacs", "DIMSE_TARGET_AE=A", "DIMSE_TARGET_PORT=0")]
    [InlineData("set DIMSE_TARGET_ASSOCIATIONS", "DIMSE_TARGET_HOST=pacs", "DIMSE_TARGET_AE=A", "DIMSE_TARGET_ASSOCIATIONS=0")]
    [InlineData("DIMSE_AE", "DIMSE_TARGET_HOST=pacs", "DIMSE_TARGET_AE=A", "DIMSE_AE=SEVENTEEN_LETTERS")]
    [InlineData(
        "DIMSE_AE",
        "Imaging:Bindings:a:DIMSE_TARGET_HOST=pacs",
        "Imaging:Bindings:a:DIMSE_TARGET_AE=A",
        "Imaging:Bindings:a:DIMSE_AE=SEVENTEEN_LETTERS")]
    [InlineData(
        "TLSv1.3",
        "Imaging:Bindings:a:DIMSE_TARGET_HOST=pacs",
        "Imaging:Bindings:a:DIMSE_TARGET_AE=A",
        "Imaging:Bindings:a:DIMSE_TLS_PROTOCOL_VERSIONS=TLSv1")]
    [InlineData(
        "DIMSE_TLS_ENABLED",
        "Imaging:Bindings:a:DIMSE_TARGET_HOST=pacs",
        "Imaging:Bindings:a:DIMSE_TARGET_AE=A",
        "Imaging:Bindings:a:DIMSE_TLS_TRUSTSTORE=ca.pem")]
    [InlineData(
        "DIMSE_TLS_KEYSTORE_TYPE",
        "Imaging:Bindings:a:DIMSE_TARGET_HOST=pacs",
        "Imaging:Bindings:a:DIMSE_TARGET_AE=A",
        "Imaging:Bindings:a:DIMSE_TLS_KEYSTORE_TYPE=JKS")]
    [InlineData(
        "DIMSE_TARGET_TITLE",
        "Imaging:Bindings:a:DIMSE_TARGET_HOST=pacs",
        "Imaging:Bindings:a:DIMSE_TARGET_AE=A",
        "Imaging:Bindings:a:DIMSE_TARGET_TITLE=B")]
    public void A_mistake_names_what_to_set(string expected, params string[] given)
    {
        IReadOnlyList<string> mistakes = Of(given.Select(pair => (pair.Split('=', 2)[0], pair.Split('=', 2)[1]))).Mistakes;

        Assert.Contains(expected, Assert.Single(mistakes), StringComparison.Ordinal);
    }
}
