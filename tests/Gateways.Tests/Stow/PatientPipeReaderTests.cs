using System.IO.Pipelines;
using ImagingIngestion.Gateways.Stow;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Tests.Stow;

/// <summary>Whichever read meets the end of a connection reports it as the sender's fault; any other fault of reading is ours.</summary>
public sealed class PatientPipeReaderTests
{
    private readonly Pipe _body = new();
    private readonly PatientPipeReader _reader;

    public PatientPipeReaderTests() => _reader = new PatientPipeReader(_body.Reader, TimeSpan.FromMinutes(1), TimeProvider.System);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_ends_is_the_senders(bool whileReading)
    {
        Task<ReadResult> read = whileReading ? _reader.ReadAsync().AsTask() : Task.FromResult(default(ReadResult));
        await _body.Writer.CompleteAsync(new ConnectionResetException("reset"));
        read = whileReading ? read : Task.Run(async () => await _reader.ReadAsync());

        SenderGoneException gone = await Assert.ThrowsAsync<SenderGoneException>(() => read);

        Assert.IsType<ConnectionResetException>(gone.InnerException);
    }

    [Fact]
    public async Task A_look_without_waiting_tells_it_too()
    {
        await _body.Writer.CompleteAsync(new ConnectionResetException("reset"));

        Assert.Throws<SenderGoneException>(() => _reader.TryRead(out _));
    }

    [Fact]
    public async Task A_request_that_is_no_http_is_not_taken_for_it()
    {
        await _body.Writer.CompleteAsync(new BadHttpRequestException("bad chunk"));

        await Assert.ThrowsAsync<BadHttpRequestException>(async () => await _reader.ReadAsync());
    }
}
