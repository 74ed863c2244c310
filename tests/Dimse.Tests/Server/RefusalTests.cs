using System.Net;
using System.Net.Sockets;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Server;
using ImagingIngestion.Dimse.Tests.Peers;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse.Tests.Server;

/// <summary>Associations that a server rejects or closes.</summary>
public sealed class RefusalTests
{
    public static TheoryData<string, byte[], byte, byte, byte> Unacceptable { get; } = new()
    {
        { "protocol version", RawPdu.AssociateRequest(version: 2), 1, 2, 2 },
        { "application context", RawPdu.AssociateRequest(applicationContext: "1.2.3"), 1, 1, 2 },
        { "calling title", RawPdu.AssociateRequest(calling: "A\\B"), 1, 1, 3 },
        { "called title", RawPdu.AssociateRequest(called: ""), 1, 1, 7 },
    };

    [Theory]
    [MemberData(nameof(Unacceptable))]
    public async Task An_unacceptable_request_is_rejected_with_its_reason(
        string what, byte[] request, byte result, byte source, byte reason)
    {
        AcceptingPolicy policy = new();
        await using TestServer server = await TestServer.StartAsync(null, policy, null);
        using ScriptedPeer peer = await ScriptedPeer.ConnectAsync(server.Port);

        await peer.SendAsync(request);

        (byte type, byte[] body) = await peer.ReadAsync();
        Assert.True(type == 3, what);
        Assert.Equal([result, source, reason], body[1..]);
        Assert.Empty(policy.Offers);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(7, 3)]
    [InlineData(8, 2)]
    [InlineData(0, 2)]
    public async Task A_peer_whose_PDUs_hold_no_value_is_rejected(uint maximumLength, byte expected)
    {
        await using TestServer server = await TestServer.StartAsync();
        using ScriptedPeer peer = await ScriptedPeer.ConnectAsync(server.Port);

        await peer.SendAsync(RawPdu.AssociateRequest(maximumLength: maximumLength));

        Assert.Equal(expected, (await peer.ReadAsync()).Type);
    }

    [Fact]
    public async Task The_policy_rejects()
    {
        await using TestServer server = await TestServer.StartAsync(
            null,
            new AcceptingPolicy { Decide = (_, _) => new(AssociationDecision.Reject(RejectReason.CalledAeTitleNotRecognized)) },
            null);

        AssociationException exception = await Assert.ThrowsAsync<AssociationException>(() => TestRequest.OpenAsync(server.Port));

        Assert.Equal(AssociationFault.RejectedPermanently, exception.Fault);
        Assert.Equal(0, server.Server.AssociationCount);
    }

    [Fact]
    public async Task A_policy_that_fails_rejects_for_now()
    {
        await using TestServer server = await TestServer.StartAsync(
            null, new AcceptingPolicy { Decide = (_, _) => throw new InvalidOperationException("broken") }, null);

        AssociationException exception = await Assert.ThrowsAsync<AssociationException>(() => TestRequest.OpenAsync(server.Port));

        Assert.Equal(AssociationFault.RejectedTransiently, exception.Fault);
        Assert.Single(server.Log.Collector.GetSnapshot(), entry => entry.Level == LogLevel.Error);
    }

    [Fact]
    public async Task One_association_too_many_is_rejected_for_now_and_taken_after_a_release()
    {
        await using TestServer server = await TestServer.StartAsync(new DimseServerOptions { MaxAssociations = 2 }, null, null);
        await using Association first = await TestRequest.OpenAsync(server.Port);
        await using Association second = await TestRequest.OpenAsync(server.Port);

        AssociationException exception = await Assert.ThrowsAsync<AssociationException>(() => TestRequest.OpenAsync(server.Port));
        Assert.Equal(AssociationFault.RejectedTransiently, exception.Fault);
        Assert.Contains("LocalLimitExceeded", exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, server.Server.AssociationCount);

        await first.ReleaseAsync(CancellationToken.None);
        await using Association third = await TestRequest.OpenAsync(server.Port);
        Assert.Equal(DimseStatus.Success, await third.EchoAsync());
    }

    [Fact]
    public async Task One_calling_title_cannot_take_all_associations()
    {
        await using TestServer server = await TestServer.StartAsync(new DimseServerOptions { MaxAssociationsPerAe = 1 }, null, null);
        await using Association first = await TestRequest.OpenAsync(server.Port);

        AssociationException exception = await Assert.ThrowsAsync<AssociationException>(() => TestRequest.OpenAsync(server.Port));
        Assert.Equal(AssociationFault.RejectedTransiently, exception.Fault);

        await using Association other =
            await TestRequest.OpenAsync(server.Port, TestRequest.Default with { CallingAeTitle = new AeTitle("OTHER") });
        Assert.Equal(DimseStatus.Success, await other.EchoAsync());
    }

    [Fact]
    public async Task One_connection_too_many_is_closed_at_once()
    {
        await using TestServer server = await TestServer.StartAsync(new DimseServerOptions { MaxConnections = 1 }, null, null);
        await using Association first = await TestRequest.OpenAsync(server.Port);
        using ScriptedPeer second = await ScriptedPeer.ConnectAsync(server.Port);

        Assert.Empty(await second.ReadToEndAsync());
        Assert.Equal(DimseStatus.Success, await first.EchoAsync());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("POST /stow-rs/studies HTTP/1.1\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001")]
    [InlineData("\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000")]
    public async Task A_connection_that_is_not_DICOM_is_closed_without_an_answer_and_logs_one_line_at_debug(string text)
    {
        await using TestServer server = await TestServer.StartAsync();
        using ScriptedPeer peer = await ScriptedPeer.ConnectAsync(server.Port);

        await peer.SendAsync(System.Text.Encoding.Latin1.GetBytes(text));

        Assert.Empty(await peer.ReadToEndAsync());
        await server.EchoAsync();
        Assert.Single(server.Log.Collector.GetSnapshot(), entry => entry.Id.Id is 1031 or 1033 && entry.Level == LogLevel.Debug);
        Assert.DoesNotContain(server.Log.Collector.GetSnapshot(), entry => entry.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task A_probe_that_says_nothing_leaves_no_trace()
    {
        await using TestServer server = await TestServer.StartAsync();
        for (int i = 0; i < 5; i++)
        {
            using ScriptedPeer probe = await ScriptedPeer.ConnectAsync(server.Port);
            probe.StopSending();
            Assert.Empty(await probe.ReadToEndAsync());
        }

        Assert.Equal([1040], server.Log.Collector.GetSnapshot().Select(entry => entry.Id.Id));
    }

    [Fact]
    public async Task Hundreds_of_silent_connections_do_not_keep_others_out()
    {
        await using TestServer server = await TestServer.StartAsync();
        List<ScriptedPeer> silent = [];
        for (int i = 0; i < 300; i++)
        {
            silent.Add(await ScriptedPeer.ConnectAsync(server.Port));
        }

        await server.EchoAsync();

        silent.ForEach(peer => peer.Dispose());
    }

    [Fact]
    public async Task A_port_in_use_is_reported_with_the_setting_to_change()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using DimseServer second = new(
            new DimseServerOptions { Port = server.Port }, new AcceptingPolicy(), [], TimeProvider.System, server.Log);

        IOException exception = await Assert.ThrowsAsync<IOException>(() => second.StartAsync(CancellationToken.None));

        Assert.Contains("Choose another", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_addresses_are_IPv4_and_IPv6()
    {
        await using TestServer server = await TestServer.StartAsync(new DimseServerOptions { Address = IPAddress.IPv6Any }, null, null);

        foreach (string host in Socket.OSSupportsIPv6 ? new[] { "127.0.0.1", "::1" } : ["127.0.0.1"])
        {
            await using Association association = await TestRequest.Requestor().RequestAsync(
                TestRequest.Peer(server.Port) with { Host = host }, TestRequest.Default, CancellationToken.None);
            Assert.Equal(DimseStatus.Success, await association.EchoAsync());
            await association.ReleaseAsync(CancellationToken.None);
        }
    }
}
