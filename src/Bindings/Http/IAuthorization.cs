using System.Net.Http.Headers;

namespace ImagingIngestion.Bindings.Http;

/// <summary>Makes the Authorization header of a request to the target.</summary>
internal interface IAuthorization : IDisposable
{
    /// <summary>The header to send now.</summary>
    /// <exception cref="TargetException">There is none to be had.</exception>
    ValueTask<AuthenticationHeaderValue> GetAsync(CancellationToken cancellationToken);

    /// <summary>Another header than one that was refused with 401, or null when there is no other.</summary>
    /// <exception cref="TargetException">There is none to be had.</exception>
    ValueTask<AuthenticationHeaderValue?> RenewAsync(AuthenticationHeaderValue refused, CancellationToken cancellationToken);
}
