using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.EndToEnd.Tests.Revisions;

/// <summary>Starts the server with delays that a test can wait for.</summary>
internal static class RevisionServer
{
    private static readonly string[] Quick =
    [
        "env", "IMAGING__GRAINS__REVISIONINGDELAY=0.3s", "IMAGING__GRAINS__MAXREVISIONINGDELAY=1s", "IMAGING__REVISIONS__LEASE=1s",
        "IMAGING__REVISIONS__POLLINTERVAL=0.2s",
    ];

    public static Task<Server> StartAsync(string data) => Server.StartAsync(data, Quick);
}
