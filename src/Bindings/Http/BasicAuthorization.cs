using System.Net.Http.Headers;
using System.Text;

namespace ImagingIngestion.Bindings.Http;

/// <summary>User name and password (RFC 7617), in UTF-8.</summary>
internal sealed class BasicAuthorization(string user, string password) : IAuthorization
{
    private readonly AuthenticationHeaderValue _header = Header(user, password);

    public static AuthenticationHeaderValue Header(string user, string password)
        => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    public ValueTask<AuthenticationHeaderValue> GetAsync(CancellationToken cancellationToken) => new(_header);

    public ValueTask<AuthenticationHeaderValue?> RenewAsync(AuthenticationHeaderValue refused, CancellationToken cancellationToken)
        => default;

    public void Dispose()
    {
    }
}
