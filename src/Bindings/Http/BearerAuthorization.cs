using System.Net.Http.Headers;

namespace ImagingIngestion.Bindings.Http;

/// <summary>A bearer token that never changes (RFC 6750).</summary>
internal sealed class BearerAuthorization(string token) : IAuthorization
{
    private readonly AuthenticationHeaderValue _header = new("Bearer", token);

    public ValueTask<AuthenticationHeaderValue> GetAsync(CancellationToken cancellationToken) => new(_header);

    public ValueTask<AuthenticationHeaderValue?> RenewAsync(AuthenticationHeaderValue refused, CancellationToken cancellationToken) => default;

    public void Dispose()
    {
    }
}
