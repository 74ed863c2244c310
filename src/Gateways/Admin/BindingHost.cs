using ImagingIngestion.Bindings;
using ImagingIngestion.Bindings.Dimse;
using ImagingIngestion.Bindings.Fhir;
using ImagingIngestion.Bindings.Grain;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Stow;
using ImagingIngestion.Bindings.Webhook;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Grains.Events;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Admin;

/// <summary>
/// Runs the declared bindings from when the server listens until before it stops, because they fetch instances from it.
/// </summary>
internal sealed partial class BindingHost(
    IOptions<BindingsOptions> options, IOptions<ServerOptions> server, BindingTargets targets, IDeliveryQueue queue, IEventLog events,
    IBindingAdministration administration, Supervision supervision)
    : IHostedLifecycleService, IAsyncDisposable
{
    private static readonly TimeSpan LongestGrace = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<(BindingOptions Options, IDeliveryTarget Target)> _bindings = [];
    private readonly ILogger _logger = supervision.Loggers.CreateLogger<BindingHost>();
    private Task _running = Task.CompletedTask;

    /// <summary>Makes the targets before the server listens, so that one that cannot be made ends the start.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (BindingOptions binding in options.Value.Declared)
        {
            _bindings.Add((binding, targets.Create(binding)));
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        await NameForgottenAsync(cancellationToken);
        TimeSpan grace = server.Value.DrainTime / 3;
        _running = Task.WhenAll(_bindings.Select(binding => Task.Run(
            () => RunAsync(binding.Options, binding.Target, grace < LongestGrace ? grace : LongestGrace, _stopping.Token),
            CancellationToken.None)));
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach ((_, IDeliveryTarget target) in _bindings)
        {
            await target.DisposeAsync();
        }

        _bindings.Clear();
        _stopping.Dispose();
    }

    private async Task RunAsync(BindingOptions binding, IDeliveryTarget target, TimeSpan grace, CancellationToken cancellationToken)
    {
        BindingDefinition definition = BindingDefinitions.Of(binding);
        LogStarted(_logger, binding.Name, definition.Kind);
        BindingGrain grain = new(binding, queue, events, target, supervision) { StopGrace = grace };
        await grain.RunAsync(cancellationToken);
    }

    /// <summary>Warns of bindings that nobody runs: they keep all events from being removed.</summary>
    private async Task NameForgottenAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (BindingStatus known in await administration.ListAsync(cancellationToken))
            {
                if (options.Value.Declared.All(declared => declared.Name != known.Name))
                {
                    LogForgotten(_logger, known.Name, known.Kind, known.Waiting, known.DeadLetters);
                }
            }
        }
        catch (ManifestUnavailableException error)
        {
            LogUnknown(_logger, error);
        }
    }

    [LoggerMessage(6060, LogLevel.Information, "The binding {Binding} ({Kind}) runs")]
    private static partial void LogStarted(ILogger logger, string binding, string kind);

    [LoggerMessage(
        6061,
        LogLevel.Warning,
        "The binding {Binding} ({Kind}) is known but not declared in this process: {Waiting} deliveries and {DeadLetters} dead letters "
            + "wait, and no event behind its cursor is removed. Declare it again, or give it up with: bindings remove {Binding}")]
    private static partial void LogForgotten(ILogger logger, string binding, string kind, long waiting, long deadLetters);

    [LoggerMessage(6062, LogLevel.Warning, "The known bindings cannot be listed now")]
    private static partial void LogUnknown(ILogger logger, Exception error);
}

/// <summary>Makes the targets of bindings: one line for each kind.</summary>
internal sealed class BindingTargets(
    IEventLog events, IStorageSpaces spaces, IOptions<EventOptions> options, TimeProvider time, ILoggerFactory loggers) : IDisposable
{
    private readonly EventOptions _options = options.Value;

    /// <summary>Instances are fetched within the cluster without credentials, whatever address they name.</summary>
    private static readonly HttpTargetOptions SourceOptions = new() { Endpoint = new Uri("http://localhost/") };

    private readonly HttpClient _source = TargetHttp.CreateClient(SourceOptions, time, loggers.CreateLogger<BindingTargets>());

    private readonly AnswerMemory _answers = new();

    public IDeliveryTarget Create(BindingOptions binding) => binding switch
    {
        { Stow: { } stow } =>
            new StowTarget(stow, Client<StowTarget>(stow.Target), _source, spaces, _answers, time, loggers.CreateLogger<StowTarget>()),
        { Dimse: { } dimse } => new DimseTarget(dimse, _source, spaces, time, loggers),
        { Fhir: { } fhir } =>
            new FhirTarget(fhir, Client<FhirTarget>(fhir.Target), events, spaces, _answers, time, loggers.CreateLogger<FhirTarget>()),
        { Webhook: { } webhook } => new WebhookTarget(
            webhook, Client<WebhookTarget>(webhook.Target), events, spaces, _options.Source, time, loggers.CreateLogger<WebhookTarget>()),
        _ => throw new ArgumentException($"The binding {binding.Name} has no kind.", nameof(binding)),
    };

    public void Dispose()
    {
        _source.Dispose();
        _answers.Dispose();
    }

    private HttpClient Client<T>(HttpTargetOptions target) => TargetHttp.CreateClient(target, time, loggers.CreateLogger<T>());
}
