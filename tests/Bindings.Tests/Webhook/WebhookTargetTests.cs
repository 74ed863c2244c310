using System.Net;
using System.Net.Sockets;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Tests.Events;
using ImagingIngestion.Bindings.Tests.Fhir;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Tests.Webhook;

/// <summary>The result of an event for each answer of its subscriber.</summary>
public sealed class WebhookTargetTests
{
    [Theory]
    [InlineData(200, DeliveryOutcome.Delivered, false)]
    [InlineData(202, DeliveryOutcome.Delivered, false)]
    [InlineData(204, DeliveryOutcome.Delivered, false)]
    [InlineData(302, DeliveryOutcome.Retry, true)]
    [InlineData(401, DeliveryOutcome.Retry, true)]
    [InlineData(403, DeliveryOutcome.Retry, true)]
    [InlineData(404, DeliveryOutcome.Retry, true)]
    [InlineData(408, DeliveryOutcome.Retry, true)]
    [InlineData(425, DeliveryOutcome.Retry, true)]
    [InlineData(429, DeliveryOutcome.Retry, true)]
    [InlineData(500, DeliveryOutcome.Retry, true)]
    [InlineData(503, DeliveryOutcome.Retry, true)]
    [InlineData(400, DeliveryOutcome.DeadLetter, false)]
    [InlineData(410, DeliveryOutcome.DeadLetter, false)]
    [InlineData(413, DeliveryOutcome.DeadLetter, false)]
    [InlineData(415, DeliveryOutcome.DeadLetter, false)]
    [InlineData(422, DeliveryOutcome.DeadLetter, false)]
    public async Task The_status_decides(int status, DeliveryOutcome outcome, bool isTargetFault)
    {
        await using WebApplication app = await StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "3";
            return context.Response.Body.WriteAsync(status == 204 ? Array.Empty<byte>() : new byte[200_000]).AsTask();
        });
        await using WebhookBench bench = new(new Uri(app.Urls.First()));

        DeliveryResult result = await bench.DeliverAsync(WebhookBench.ImageStored);

        Assert.Equal((outcome, isTargetFault), (result.Outcome, result.IsTargetFault));
        Assert.Equal(outcome == DeliveryOutcome.Retry ? TimeSpan.FromSeconds(3) : null, result.RetryAfter);
        Assert.Equal(outcome == DeliveryOutcome.Delivered ? null : $"The subscriber answered {status}.", result.Error);
    }

    [Fact]
    public async Task A_subscriber_that_is_not_there_is_a_fault_of_the_target()
    {
        using TcpListener unused = new(IPAddress.Loopback, 0);
        unused.Start();
        int port = ((IPEndPoint)unused.LocalEndpoint).Port;
        unused.Stop();
        await using WebhookBench bench = new(new Uri($"http://127.0.0.1:{port}/"));

        DeliveryResult result = await bench.DeliverAsync(WebhookBench.ImageStored);

        Assert.Equal((DeliveryOutcome.Retry, true), (result.Outcome, result.IsTargetFault));
        Assert.Equal($"The subscriber gave no answer: 127.0.0.1:{port} cannot be reached: ConnectionRefused.", result.Error);
    }

    [Fact]
    public async Task A_subscriber_that_drips_its_answer_does_not_hold_a_place_for_ever()
    {
        await using WebApplication app = await StartAsync(async context =>
        {
            using PeriodicTimer drops = new(TimeSpan.FromMilliseconds(30));
            while (await drops.WaitForNextTickAsync(context.RequestAborted))
            {
                await context.Response.Body.WriteAsync("x"u8.ToArray(), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        });
        await using WebhookBench bench = new(
            new Uri(app.Urls.First()),
            limits: new HttpTargetOptions { Endpoint = new Uri(app.Urls.First()), IdleTimeout = TimeSpan.FromMilliseconds(150) });

        DeliveryResult result = await bench.DeliverAsync(WebhookBench.ImageStored);

        Assert.Equal((DeliveryOutcome.Retry, true), (result.Outcome, result.IsTargetFault));
    }

    [Fact]
    public async Task Without_a_key_nothing_is_signed_and_a_first_arrival_is_an_addition()
    {
        IHeaderDictionary? headers = null;
        await using WebApplication app = await StartAsync(context =>
        {
            headers = new HeaderDictionary(context.Request.Headers.ToDictionary());
            return Task.CompletedTask;
        });
        await using WebhookBench bench = new(new Uri(app.Urls.First()), key: null);

        await bench.DeliverAsync(WebhookBench.DicomAvailable);

        Assert.False(headers!.ContainsKey("X-Signature-256"));
        Assert.Equal("addition", headers["ce-changekind"]);
        Assert.Equal("application/json", headers.ContentType);
    }

    [Fact]
    public async Task An_event_that_is_gone_is_done()
    {
        await using WebhookBench bench = new(new Uri("http://127.0.0.1:1/"));
        Delivery delivery = FhirBench.DeliveryOf(SampleRevision.Key(), 0);

        Assert.Equal(DeliveryResult.Gone, Assert.Single(await bench.Target.DeliverAsync([delivery], CancellationToken.None)));
    }

    private static async Task<WebApplication> StartAsync(RequestDelegate answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return app;
    }
}
