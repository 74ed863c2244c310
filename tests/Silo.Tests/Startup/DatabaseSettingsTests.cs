using ImagingIngestion.Hosting;
using ImagingIngestion.Storage.Postgres;

namespace ImagingIngestion.Silo.Tests.Startup;

/// <summary>How connections to PostgreSQL are protected.</summary>
public sealed class DatabaseSettingsTests : IDisposable
{
    private readonly string _authorities = Path.GetTempFileName();

    public void Dispose() => File.Delete(_authorities);

    [Theory]
    [InlineData("localhost", DatabaseTls.Prefer)]
    [InlineData("127.0.0.1", DatabaseTls.Prefer)]
    [InlineData("127.8.9.1", DatabaseTls.Prefer)]
    [InlineData("::1", DatabaseTls.Prefer)]
    [InlineData("/var/run/postgresql", DatabaseTls.Prefer)]
    [InlineData("localhost:5433,127.0.0.1", DatabaseTls.Prefer)]
    [InlineData("db", DatabaseTls.Require)]
    [InlineData("localhost.example.org", DatabaseTls.Require)]
    [InlineData("10.0.0.5", DatabaseTls.Require)]
    [InlineData("fd00::5", DatabaseTls.Require)]
    [InlineData("127.0.0.1,10.0.0.5", DatabaseTls.Require)]
    public void TLS_is_required_for_other_machines_unless_set_otherwise(string host, DatabaseTls expected)
    {
        Assert.Equal(expected, Read(host).Tls);
        Assert.Equal(expected, new DatabaseOptions { Host = host, Name = "imaging", User = "imaging" }.Tls);
        Assert.Equal(DatabaseTls.VerifyFull, Read(host, ("DB_TLS_ROOT_CERTIFICATE", _authorities)).Tls);
        Assert.Equal(DatabaseTls.VerifyCA, Read(host, ("DB_TLS_ROOT_CERTIFICATE", _authorities), ("DB_TLS", "verify-ca")).Tls);
        Assert.Equal(DatabaseTls.Disable, Read(host, ("DB_TLS", "disable")).Tls);
        Assert.Equal(DatabaseTls.Prefer, Read(host, ("Imaging:Database:Tls", "prefer")).Tls);
    }

    private static DatabaseOptions Read(string host, params (string Name, string Value)[] more)
    {
        (string, string)[] server = [("DB_KIND", "postgresql"), ("DB_HOST", host), ("DB_NAME", "imaging"), ("DB_USER", "imaging")];
        return GivenSettings.Accepted(ProcessKind.Silo, [.. server, .. more]).Database;
    }
}
