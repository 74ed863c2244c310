using System.Net.Http.Headers;
using System.Text;

namespace ImagingIngestion.Bindings.Http;

/// <summary>A bearer token from a file, which is read for every request because tokens are rotated in place.</summary>
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
        string token = Encoding.UTF8.GetString(await TargetFile.ReadAsync(path, "the token", cancellationToken)).Trim('\uFEFF', ' ', '\t', '\r', '\n');
        return token.Length > 0 && token.All(character => character is > ' ' and < '\x7F')
            ? new AuthenticationHeaderValue("Bearer", token)
            : throw new TargetException($"The file of the token ({path}) holds no token: one line of printable ASCII is expected.");
    }
}
