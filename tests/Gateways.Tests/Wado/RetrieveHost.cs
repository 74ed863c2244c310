using System.Globalization;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Hosting;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Settings;
using ImagingIngestion.Storage.Folder;
using ImagingIngestion.Storage.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways.Tests.Wado;

/// <summary>A process that searches and retrieves, as the executable composes it, over a folder store that can flip bits.</summary>
public sealed class RetrieveHost : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("retrieve-").FullName;
    private WebApplication? _app;
    private IManifestStore? _manifest;
    private FolderObjectStore? _folderObjects;

    internal TestStudies Studies { get; private set; } = null!;

    internal HttpClient Client { get; private set; } = null!;

    internal FlippingObjects Objects { get; private set; } = null!;

    internal string BaseUrl { get; private set; } = "";

    public async Task InitializeAsync()
    {
        ProcessSettings settings = GivenSettings.Of(_folder);
        RoleOptions roles = new() { Roles = ProcessRoles.Wado };
        _folderObjects = FolderObjectStore.Open(Path.Combine(_folder, "objects"), TimeProvider.System);
        Objects = new FlippingObjects(_folderObjects);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.AddServer(settings);
        builder.Services.AddOptionsOf(settings).AddStores(settings, roles).AddGateways(roles);
        builder.Services.AddSingleton<IObjectStore>(Objects);
        _app = builder.Build();
        _app.MapGateways(roles);
        _manifest = _app.Services.GetRequiredService<IManifestStore>();
        Studies = new TestStudies(new ProviderName("default"), _manifest, Objects, TimeProvider.System);
        await _app.StartAsync();
        BaseUrl = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Client = new HttpClient { BaseAddress = new Uri(BaseUrl) };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _app!.DisposeAsync();
        await _folderObjects!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Cuts the object that was written last, as a failing disk would.</summary>
    internal async Task TruncateNewestObjectAsync(int length)
    {
        string path = NewestObject();
        byte[] bytes = await File.ReadAllBytesAsync(path);
        await File.WriteAllBytesAsync(path, bytes[..length]);
    }

    /// <summary>Removes the object that was written last, or cuts it.</summary>
    internal async Task LoseNewestObjectAsync(int? left)
    {
        if (left is { } length)
        {
            await TruncateNewestObjectAsync(length);
            return;
        }

        File.Delete(NewestObject());
    }

    /// <summary>Returns whether an object of the study is flagged.</summary>
    internal async Task<bool> IsFlaggedAsync(string study)
        => (await _manifest!.ListInstancesAsync(
            new StudyKey(new ProviderName("default"), new StudyInstanceUid(study)),
            null,
            CancellationToken.None)).Any(instance => instance.IsDamaged);

    /// <summary>Flips a bit of the object that was written last; a negative place counts from its end.</summary>
    internal async Task FlipNewestObjectAsync(int place)
    {
        string path = NewestObject();
        byte[] bytes = await File.ReadAllBytesAsync(path);
        bytes[place < 0 ? bytes.Length + place : place] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
    }

    internal async Task<HttpResponseMessage> GetAsync(string path, string? accept = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Client.SendAsync(request);
    }

    /// <summary>Objects are named by ascending numbers; two files may have the same time.</summary>
    private string NewestObject()
        => Directory.EnumerateFiles(Path.Combine(_folder, "objects"), "*.dcm", SearchOption.AllDirectories)
            .MaxBy(file => int.Parse(Path.GetFileNameWithoutExtension(file), CultureInfo.InvariantCulture))!;
}
