using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Grains.Events;
using ImagingIngestion.Hosting;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.ChangeFeed;

/// <summary>Finds the addresses of storage spaces.</summary>
/// <remarks>
/// They are the configured ones; for the space of this process, else the address that the server listens on.
/// A process without WADO-RS has no such address of its own: clients outside then get the inside one.
/// </remarks>
internal sealed class ServerStorageSpaces(
    IOptions<ProviderOptions> provider,
    IOptions<EventOptions> events,
    IOptions<ServerOptions> http,
    IOptions<StorageOptions> storage,
    IOptions<RoleOptions> roles,
    IServer server) : IStorageSpaces
{
    private const string WadoPath = "/wado-rs";

    private readonly EventOptions _events = events.Value;

    private StorageSpace? _space;

    public StorageSpace Find(ProviderName space)
    {
        if (space.Value != provider.Value.Name)
        {
            return _events.OtherSpaces.FirstOrDefault(other => other.Provider == space.Value) is { } other
                ? new StorageSpace("", other.Internal, other.External)
                : StorageSpace.Unknown;
        }

        return FindOwn();
    }

    private StorageSpace FindOwn()
    {
        if (_space is { } known)
        {
            return known;
        }

        string? listening = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        StorageSpace space = SpaceAt(ListenAddress.Reachable(listening ?? http.Value.Urls[0]) + WadoPath);

        // With port 0 the address is known only when the server listens.
        _space = listening is null ? null : space;
        return space;
    }

    private StorageSpace SpaceAt(string own)
    {
        string inside = _events.WadoInternalEndpoint ?? own;
        string outside = http.Value.BaseUrl is { } url
            ? RequestUrls.RetrieveBelow(url, WadoPath)
            : roles.Value.Has(ProcessRoles.Wado) ? own : inside;
        return new StorageSpace(_events.BucketName
            ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(storage.Value.ObjectsFolder))), inside, outside);
    }
}
