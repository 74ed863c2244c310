using ImagingIngestion.Dimse.Tests.Peers;

namespace ImagingIngestion.Dimse.Tests.Server;

/// <summary>What a server does for peers that keep to the protocol.</summary>
public sealed class DimseServerTests
{
    [Fact]
    public async Task C_ECHO_is_answered_and_the_association_released()
    {
        await using TestServer server = await TestServer.StartAsync();

        await server.EchoAsync();
    }
}
