using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Options;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ImagingIngestion.Gateways.ChangeFeed;

/// <summary>Finds the addresses of storage spaces.</summary>
/// <remarks>
/// They are the configured ones; for the space of this process, else the address that the server listens on.
/// A process without WADO-RS has no such address of its own: clients outside then get the inside one.
/// </remarks>
internal sealed class ServerStorageSpaces(ImagingOptions options, IServer server) : IStorageSpaces
{
    private const string WadoPath = "/wado-rs";

    private StorageSpace? _space;

    public StorageSpace Find(ProviderName provider)
    {
        if (provider.Value != options.Provider.Name)
        {
            return options.Events.OtherSpaces.FirstOrDefault(other => other.Provider == provider.Value) is { } other
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
        StorageSpace space = SpaceAt(ListenAddress.Reachable(listening ?? options.Server.Urls[0]) + WadoPath);

        // With port 0 the address is known only when the server listens.
        _space = listening is null ? null : space;
        return space;
    }

    private StorageSpace SpaceAt(string own)
    {
        string inside = options.Events.WadoInternalEndpoint ?? own;
        string outside = options.Server.BaseUrl is { } url
            ? RequestUrls.RetrieveBelow(url, WadoPath)
            : options.Has(ProcessRoles.Wado) ? own : inside;
        return new StorageSpace(options.Events.BucketName
            ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Storage.ObjectsFolder))), inside, outside);
    }
}
