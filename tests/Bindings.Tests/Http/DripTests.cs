using ImagingIngestion.Bindings.Fhir;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Tests.Dimse;
using ImagingIngestion.Bindings.Tests.Events;
using ImagingIngestion.Bindings.Tests.Fhir;
using ImagingIngestion.Bindings.Tests.Stow;
using ImagingIngestion.Bindings.Tests.Targets;
using ImagingIngestion.Bindings.Tests.Webhook;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Tests.Peers;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Bindings.Tests.Http;

/// <summary>Peers that make little progress: the total wait is limited, however often it is interrupted.</summary>
public sealed class DripTests : IDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);
    /// <summary>The limits for the dripping peers.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan Answer = TimeSpan.FromMilliseconds(400);

    private static readonly HttpTargetOptions Anywhere = new() { Endpoint = new Uri("http://localhost/") };

    private readonly TargetBench _bench = new();

    [Fact]
    public async Task A_stow_target_that_drips_its_answer_is_given_up_and_tried_again()
    {
        await using StowBench bench =
            await StowBench.StartAsync(DripAsync, 1, options => options with { Target = Bounded(options.Target) });

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1));

        Assert.Equal((DeliveryOutcome.Retry, true), (result.Outcome, result.IsTargetFault));
        Assert.Contains("kept us waiting", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stow_target_that_drips_a_refusal_is_given_up()
    {
        await using StowBench bench = await StowBench.StartAsync(
            context =>
            {
                context.Response.StatusCode = 409;
                return DripAsync(context);
            },
            1,
            options => options with { Target = Bounded(options.Target) });

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1));

        Assert.Equal((DeliveryOutcome.Retry, true), (result.Outcome, result.IsTargetFault));
    }

    [Fact]
    public async Task A_stow_target_that_takes_its_body_in_drips_is_given_up()
    {
        await using StowBench bench = await StowBench.StartAsync(
            async context =>
            {
                byte[] sip = new byte[16];
                using PeriodicTimer pace = new(Pace, TimeProvider.System);
                while (await context.Request.Body.ReadAsync(sip, context.RequestAborted) > 0)
                {
                    await pace.WaitForNextTickAsync(context.RequestAborted);
                }
            },
            0,
            options => options with { Target = Bounded(options.Target) });
        bench.Source.Add("1.2.1", 200L << 20);

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1));

        Assert.Equal((DeliveryOutcome.Retry, true), (result.Outcome, result.IsTargetFault));
        Assert.Contains("kept us waiting", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_drips_an_instance_is_given_up()
    {
        await using StowBench bench = await StowBench.StartAsync(ScriptedTarget.Status(200), 0, source: Bounded(Anywhere));
        bench.Source.Script("1.2.1", context =>
        {
            context.Response.ContentType = "application/dicom";
            return DripAsync(context);
        });

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1));

        Assert.Equal((DeliveryOutcome.Retry, false), (result.Outcome, result.IsTargetFault));
    }

    [Fact]
    public async Task A_c_store_target_that_takes_a_data_set_in_drips_is_given_up()
    {
        ScriptedService<CStoreRequest> script = new((_, token) => new TaskCompletionSource().Task.WaitAsync(token));
        await using DimseBench bench =
            await DimseBench.StartAsync(script, options => options with { IdleTimeout = Idle, ResponseTimeout = Answer });
        bench.Add(DimseBench.Instance(1, length: 60_000_000));

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1, 1));

        Assert.Equal((DeliveryOutcome.Retry, true), (result.Outcome, result.IsTargetFault));
        Assert.Contains("kept us waiting", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_that_drips_its_answer_is_given_up()
    {
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(DripAsync);
        await using WebhookBench bench = new(target.Studies, limits: Bounded(Anywhere));

        DeliveryResult result = await bench.DeliverAsync(WebhookBench.DicomAvailable);

        Assert.Equal((DeliveryOutcome.Retry, true), (result.Outcome, result.IsTargetFault));
        Assert.Contains("kept us waiting", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fhir_server_that_drips_its_answer_is_given_up()
    {
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(DripAsync);
        await using FhirBench bench = await FhirBench.StartAsync();
        await using FhirTarget slow = bench.NewTarget(
            new FhirBindingOptions { Target = Bounded(Anywhere) with { Endpoint = target.Studies } });

        DeliveryResult result = await bench.DeliverAsync(new SampleRevision(), slow);

        Assert.Equal((DeliveryOutcome.Retry, true), (result.Outcome, result.IsTargetFault));
        Assert.Contains("kept us waiting", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_endpoint_that_drips_is_given_up()
    {
        await using ScriptedTarget identity = await ScriptedTarget.StartAsync(DripAsync);
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(ScriptedTarget.Status(200));
        HttpTargetOptions options = new()
        {
            Endpoint = target.Studies, OAuth2TokenUrl = new Uri(identity.Root, "token"), OAuth2ClientId = "me", OAuth2ClientSecret = "s",
            IdleTimeout = Answer,
        };
        using HttpClient client = _bench.Client(options);

        Assert.Contains("did not answer within 0.4 s", await TargetBench.CallAsync(client, target.Studies), StringComparison.Ordinal);
    }

    public void Dispose() => _bench.Dispose();

    private static HttpTargetOptions Bounded(HttpTargetOptions target) => target with { IdleTimeout = Idle, AnswerTimeout = Answer };

    /// <summary>Reads the request and sends single bytes until the client has gone.</summary>
    private static async Task DripAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        using PeriodicTimer pace = new(Pace, TimeProvider.System);
        while (!context.RequestAborted.IsCancellationRequested)
        {
            await context.Response.WriteAsync(" ", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await pace.WaitForNextTickAsync(context.RequestAborted);
        }
    }
}
