using System.Net.Http.Headers;
using System.Text;

namespace ImagingIngestion.Bindings.Http;

/// <summary>Makes the Authorization header of a request to the target.</summary>
internal interface IAuthorization : IDisposable
{
    /// <summary>Returns the header to send now.</summary>
    /// <exception cref="TargetException">No header is available.</exception>
    ValueTask<AuthenticationHeaderValue> GetAsync(CancellationToken cancellationToken);

    /// <summary>Returns another header than one that was refused with 401; null if there is none.</summary>
    /// <exception cref="TargetException">No header is available.</exception>
    ValueTask<AuthenticationHeaderValue?> RenewAsync(AuthenticationHeaderValue refused, CancellationToken cancellationToken);
}

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

/// <summary>A fixed bearer token (RFC 6750).</summary>
internal sealed class BearerAuthorization(string token) : IAuthorization
{
    private readonly AuthenticationHeaderValue _header = new("Bearer", token);

    public ValueTask<AuthenticationHeaderValue> GetAsync(CancellationToken cancellationToken) => new(_header);

    public ValueTask<AuthenticationHeaderValue?> RenewAsync(AuthenticationHeaderValue refused, CancellationToken cancellationToken)
        => default;

    public void Dispose()
    {
    }
}

/// <summary>A bearer token from a file. The file is read for every request, because tokens are rotated in place.</summary>
internal sealed class TokenFileAuthorization(string path) : IAuthorization
{
    public async ValueTask<AuthenticationHeaderValue> GetAsync(CancellationToken cancellationToken) => await ReadAsync(cancellationToken);

    public async ValueTask<AuthenticationHeaderValue?> RenewAsync(AuthenticationHeaderValue refused, CancellationToken cancellationToken)
    {
        AuthenticationHeaderValue now = await ReadAsync(cancellationToken);
        return now.Equals(refused) ? null : now;
    }

    public void Dispose()
    {
    }

    private async Task<AuthenticationHeaderValue> ReadAsync(CancellationToken cancellationToken)
    {
        string token = Encoding.UTF8.GetString(await TargetFile.ReadAsync(path, "the token", cancellationToken)).Trim(
            '\uFEFF', ' ', '\t', '\r', '\n');
        return token.Length > 0 && token.All(character => character is > ' ' and < '\x7F')
            ? new AuthenticationHeaderValue("Bearer", token)
            : throw new TargetException($"The file of the token ({path}) holds no token: one line of printable ASCII is expected.");
    }
}

/// <summary>Compares the servers of URLs.</summary>
internal static class Authority
{
    public static bool IsSame(Uri one, Uri other)
        => one.Scheme == other.Scheme
            && one.Port == other.Port
            && string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);
}
