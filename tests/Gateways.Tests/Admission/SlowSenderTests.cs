using System.Net;
using System.Net.Sockets;
using System.Text;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Gateways.Admission;
using ImagingIngestion.Gateways.Tests.Stow;
using ImagingIngestion.Ingest;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace ImagingIngestion.Gateways.Tests.Admission;

/// <summary>Senders that trickle block nobody, and are not disturbed while nobody waits.</summary>
public sealed class SlowSenderTests
{
    private const int Senders = 44;

    private static readonly TestInstance Image = new("slow sender") { PixelData = new byte[20_000] };

    [Fact]
    public async Task Trickling_stores_over_HTTP_keep_neither_HTTP_nor_DIMSE_out()
    {
        await using GatewayServer server = await StartAsync();
        List<TricklingUpload> trickling = [];
        try
        {
            for (int number = 0; number < Senders; number++)
            {
                trickling.Add(await TricklingUpload.BeginAsync(server, Image.ToPart10()));
            }

            Assert.Equal(200, (await server.PostAsync("/dicom-web/studies", new TestInstance("good over HTTP").ToPart10())).Status);
            Assert.True((await StoreAsync(server, new TestInstance("good over DIMSE") { PixelData = new byte[1000] })).Status.IsSuccess);
        }
        finally
        {
            trickling.ForEach(upload => upload.Dispose());
        }
    }

    [Fact]
    public async Task Trickling_C_STOREs_keep_neither_HTTP_nor_DIMSE_out()
    {
        await using GatewayServer server = await StartAsync();
        TaskCompletionSource end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        List<DimseSender> senders = [];
        List<Task> trickling = [];
        try
        {
            for (int number = 0; number < Senders; number++)
            {
                DimseSender sender =
                    await DimseSender.ConnectAsync(server.DimsePort, [(Image.SopClassUid, Image.TransferSyntaxUid)], "SLOW");
                senders.Add(sender);
                trickling.Add(TrickleAsync(sender, end.Task));
            }

            Assert.True((await StoreAsync(server, new TestInstance("good over DIMSE") { PixelData = new byte[1000] })).Status.IsSuccess);
            Assert.Equal(200, (await server.PostAsync("/dicom-web/studies", new TestInstance("good over HTTP").ToPart10())).Status);
        }
        finally
        {
            end.SetResult();
            await Task.WhenAll(trickling);
            foreach (DimseSender sender in senders)
            {
                await sender.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task A_sender_without_a_byte_takes_no_place()
    {
        await using GatewayServer server =
            await GatewayServer.StartAsync(services => services.AddSingleton(new IngestLimits { RateWindow = TimeSpan.FromHours(1) }));
        List<TricklingUpload> silent = [];
        try
        {
            for (int number = 0; number < Senders; number++)
            {
                silent.Add(await TricklingUpload.BeginAsync(server, []));
            }

            Assert.Equal(200, (await server.PostAsync("/dicom-web/studies", Image.ToPart10())).Status);
        }
        finally
        {
            silent.ForEach(upload => upload.Dispose());
        }
    }

    /// <summary>A modality on a slow line.</summary>
    [Fact]
    public async Task A_slow_sender_is_not_cut_while_nobody_waits()
    {
        FakeTimeProvider time = new(DateTimeOffset.UnixEpoch.AddYears(56));
        IngestLimits limits = new() { RateWindow = TimeSpan.FromSeconds(1), BufferBudget = 1 };
        await using GatewayServer server = await GatewayServer.StartAsync(
            services => services.AddSingleton<TimeProvider>(time).AddSingleton(limits),
            new IngestOptions { IdleTimeout = TimeSpan.FromHours(1) });
        byte[] body = Image.ToPart10();
        using TricklingUpload slow = await TricklingUpload.BeginAsync(server, body);
        UploadAdmission admission = server.Services.GetRequiredService<UploadAdmission>();

        while (admission.Held == 0)
        {
            await Task.Yield();
        }

        for (int sent = 1; sent < 100; sent++)
        {
            await slow.SendAsync(1);
            time.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.Equal(1, admission.Held);
        await slow.SendAsync(body.Length);
        Assert.Contains("200 OK", await slow.ReadStatusAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_sender_is_told_why_it_lost_its_place()
    {
        await using GatewayServer server = await StartAsync(budget: 1);
        using TricklingUpload slow = await TricklingUpload.BeginAsync(server, Image.ToPart10());

        Assert.Equal(200, (await server.PostAsync("/dicom-web/studies", new TestInstance("in its place").ToPart10())).Status);

        Assert.Contains("408", await slow.ReadStatusAsync(), StringComparison.Ordinal);
    }

    /// <summary>The number of places counts here, not the rate.</summary>
    [Fact]
    public async Task Many_uploads_of_one_address_do_not_keep_another_out()
    {
        const int Places = 4;
        IngestLimits limits = new()
        {
            RateWindow = TimeSpan.FromMilliseconds(200),
            MinRate = 0,
            BufferBudget = Places * new IngestLimits().HeldBytes
        };
        await using GatewayServer server = await GatewayServer.StartAsync(services => services.AddSingleton(limits));
        List<TricklingUpload> many = [];
        try
        {
            for (int number = 0; number < 4 * Places; number++)
            {
                many.Add(await TricklingUpload.BeginAsync(server, Image.ToPart10()));
            }

            UploadAdmission admission = server.Services.GetRequiredService<UploadAdmission>();
            while (admission.Held < Places)
            {
                await Task.Yield();
            }

            using HttpClient other = ClientFrom(IPAddress.Parse("127.0.0.2"), server);
            using ByteArrayContent body = new(Image.ToPart10());
            body.Headers.ContentType = new("application/dicom");
            using HttpResponseMessage response = await other.PostAsync("/dicom-web/studies", body);

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        finally
        {
            many.ForEach(upload => upload.Dispose());
        }
    }

    /// <summary>All of 127.0.0.0/8 leads to this machine, so it has many addresses.</summary>
    private static HttpClient ClientFrom(IPAddress address, GatewayServer server)
    {
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (context, token) =>
            {
                Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(address, 0));
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return new HttpClient(handler) { BaseAddress = server.Client.BaseAddress };
    }

    private static Task<GatewayServer> StartAsync(long? budget = null)
    {
        IngestLimits limits = new() { RateWindow = TimeSpan.FromMilliseconds(200) };
        limits = budget is { } bytes ? limits with { BufferBudget = bytes } : limits;
        return GatewayServer.StartAsync(services => services.AddSingleton(limits));
    }

    /// <summary>Sends the beginning of a data set, and the rest only at the end.</summary>
    private static async Task TrickleAsync(DimseSender sender, Task end)
    {
        try
        {
            NegotiatedContext context = sender.Context(Image.SopClassUid, Image.TransferSyntaxUid)!;
            CStoreRequest request = new() { SopClassUid = Image.SopClassUid, SopInstanceUid = Image.SopUid };
            byte[] beginning = new TestInstance("trickling") { PixelData = new byte[400_000] }.ToDataSet();
            await sender.Association.InvokeAsync(
                context,
                request,
                async (stream, token) =>
                {
                    await stream.WriteAsync(beginning, token);
                    await end.WaitAsync(token);
                },
                CancellationToken.None);
        }
        catch (Exception exception) when (exception is AssociationException or OperationCanceledException)
        {
            // The server has ended it.
        }
    }

    private static async Task<CStoreResponse> StoreAsync(GatewayServer server, TestInstance instance)
    {
        await using DimseSender sender =
            await DimseSender.ConnectAsync(server.DimsePort, [(instance.SopClassUid, instance.TransferSyntaxUid)], "GOOD");
        return await sender.StoreAsync(instance.SopClassUid, instance.SopUid, instance.TransferSyntaxUid, instance.ToDataSet());
    }

    /// <summary>A store request whose body stops after its first byte, or before it.</summary>
    private sealed class TricklingUpload(TcpClient connection, byte[] body) : IDisposable
    {
        private int _sent;

        public static async Task<TricklingUpload> BeginAsync(GatewayServer server, byte[] body)
        {
            TcpClient connection = new();
            await connection.ConnectAsync("127.0.0.1", server.Client.BaseAddress!.Port);
            TricklingUpload upload = new(connection, body);
            int length = Math.Max(body.Length, 1000);
            await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                "POST /dicom-web/studies HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/dicom\r\nContent-Length: "
                    + $"{length}\r\nExpect: 100-continue\r\n\r\n"));
            Assert.Contains("100 Continue", await upload.ReadStatusAsync(), StringComparison.Ordinal);
            await upload.SendAsync(Math.Min(1, body.Length));
            return upload;
        }

        public async Task SendAsync(int count)
        {
            int end = Math.Min(body.Length, _sent + count);
            await connection.GetStream().WriteAsync(body.AsMemory(_sent..end));
            _sent = end;
        }

        public async Task<string> ReadStatusAsync()
        {
            byte[] buffer = new byte[4096];
            int read = await connection.GetStream().ReadAsync(buffer);
            return Encoding.ASCII.GetString(buffer, 0, read);
        }

        public void Dispose() => connection.Dispose();
    }
}
