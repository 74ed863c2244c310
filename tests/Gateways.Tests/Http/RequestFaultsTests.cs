using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace ImagingIngestion.Gateways.Tests.Http;

/// <summary>The answer to a request that fails, and its entries in the log.</summary>
public sealed class RequestFaultsTests
{
    private readonly FakeLogger<RequestFaults> _log = new();
    private readonly DefaultHttpContext _context = new()
    {
        Request = { Path = "/dicom-web/studies" },
        Response = { Body = new MemoryStream() }
    };

    public static TheoryData<Exception> Faults
        => [new ManifestUnavailableException("no connection"), new ObjectStoreException(ObjectStoreFault.Unavailable, "no connection")];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_503_is_logged_with_its_path_and_reason(Exception fault)
    {
        await HandleAsync(fault);

        Assert.Equal(503, _context.Response.StatusCode);
        Assert.Equal(
            (LogLevel.Warning, "The request /dicom-web/studies was answered 503: no connection"),
            (_log.LatestRecord.Level, _log.LatestRecord.Message));
    }

    [Fact]
    public async Task A_client_that_has_left_is_no_error()
    {
        using CancellationTokenSource left = new();
        _context.RequestAborted = left.Token;
        await left.CancelAsync();

        await HandleAsync(new IOException("broken pipe"));

        Assert.Equal(LogLevel.Debug, Assert.Single(_log.Collector.GetSnapshot()).Level);
    }

    [Fact]
    public async Task A_fault_of_ours_is_an_error_and_a_500()
    {
        await HandleAsync(new IOException("disk"));

        Assert.Equal(500, _context.Response.StatusCode);
        Assert.Equal(LogLevel.Error, _log.LatestRecord.Level);
    }

    private async Task HandleAsync(Exception fault)
        => Assert.True(await new RequestFaults(_log).TryHandleAsync(_context, fault, CancellationToken.None));
}
