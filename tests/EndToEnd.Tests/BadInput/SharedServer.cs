using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.EndToEnd.Tests.BadInput;

/// <summary>One server for all tests that need no settings; each test leaves it unharmed.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    public const string Collection = "Bad input";

    private readonly TemporaryFolder _folder = new();

    internal BadInputServer Tested { get; private set; } = null!;

    public async Task InitializeAsync() => Tested = await BadInputServer.StartAsync(_folder.Sub("data"));

    public async Task DisposeAsync()
    {
        await Tested.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Ties the tests to the server.</summary>
    [CollectionDefinition(Collection)]
    public sealed class Definition : ICollectionFixture<SharedServer>;
}
