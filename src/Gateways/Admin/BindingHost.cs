using ImagingIngestion.Bindings;
using ImagingIngestion.Bindings.Grain;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Admin;

/// <summary>
/// Runs the declared bindings. They begin when the server listens and end before it stops listening, because they fetch instances from it.
/// </summary>
internal sealed partial class BindingHost(
    ImagingOptions options, BindingTargets targets, IDeliveryQueue queue, IEventLog events, IBindingAdministration administration,
    Supervision supervision)
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
        foreach (BindingOptions binding in options.Bindings)
        {
            _bindings.Add((binding, targets.Create(binding)));
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        await NameForgottenAsync(cancellationToken);
        TimeSpan grace = options.Server.DrainTime / 3;
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

    /// <summary>A binding that nobody runs keeps all events from being removed.</summary>
    private async Task NameForgottenAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (BindingStatus known in await administration.ListAsync(cancellationToken))
            {
                if (options.Bindings.All(declared => declared.Name != known.Name))
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

/// <summary>Registers the bindings of a process.</summary>
public static class BindingServices
{
    /// <summary>
    /// Runs the declared bindings; needs the delivery queue, the event log, and <see cref="ImagingOptions"/> and storage spaces as the
    /// gateways register them.
    /// </summary>
    public static IServiceCollection AddBindings(this IServiceCollection services, ImagingOptions options)
        => services
            .AddSupervision()
            .AddSingleton(options.Events)
            .AddSingleton<BindingTargets>()
            .AddHostedService<BindingHost>();
}
