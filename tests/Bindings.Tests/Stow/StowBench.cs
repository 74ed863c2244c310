using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Stow;
using ImagingIngestion.Bindings.Tests.Targets;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Testing;

namespace ImagingIngestion.Bindings.Tests.Stow;

/// <summary>A source with instances 1.2.1, 1.2.2, …, a scripted target, and the binding between them.</summary>
internal sealed class StowBench : IAsyncDisposable
{
    public const long Length = 100_000;

    private readonly ScriptedTarget? _server;

    private StowBench(InstanceServer source, ScriptedTarget? server, StowBindingOptions options, TimeProvider time)
    {
        Source = source;
        _server = server;
        Target = new StowTarget(
            options, TargetHttp.CreateClient(options.Target, time, Log), source.Client, source, new AnswerMemory(), time, Log);
    }

    public InstanceServer Source { get; }

    public StowTarget Target { get; }

    public FakeLogger<StowTarget> Log { get; } = new();

    public IReadOnlyList<string> Requests => _server!.Requests;

    public Uri Studies => _server!.Studies;

    /// <param name="script">The target.</param>
    /// <param name="count">The number of instances of the source.</param>
    /// <param name="change">Changes the options.</param>
    /// <param name="time">The clock.</param>
    /// <param name="source">The timeouts of the source; null waits forever.</param>
    public static async Task<StowBench> StartAsync(
        Func<HttpContext, Task> script, int count, Func<StowBindingOptions, StowBindingOptions>? change = null, TimeProvider? time = null,
        HttpTargetOptions? source = null)
    {
        InstanceServer instances = await InstanceServer.StartAsync(source);
        for (int number = 1; number <= count; number++)
        {
            instances.Add(Uid(number), Length);
        }

        ScriptedTarget server = await ScriptedTarget.StartAsync(script);
        StowBindingOptions options = new()
        {
            Target = new HttpTargetOptions { Endpoint = server.Studies, IdleTimeout = TimeSpan.FromSeconds(30) }
        };
        return new StowBench(instances, server, change?.Invoke(options) ?? options, time ?? TimeProvider.System);
    }

    /// <summary>Closes the port of the target.</summary>
    public ValueTask StopTargetAsync() => _server!.DisposeAsync();

    public static string Uid(int number) => $"1.2.{number}";

    public static Delivery Delivery(int number, ChangeKind change = ChangeKind.Addition, int attempts = 0, string series = "1.3") => new()
    {
        Id = number,
        Token = 1,
        Binding = "archive",
        Type = EventType.DicomAvailable,
        Study = new StudyKey(new ProviderName("default"), new StudyInstanceUid("1.1")),
        Instance = new InstanceId(new SeriesInstanceUid(series), new SopInstanceUid(Uid(number))),
        Change = change,
        Sequence = number,
        Attempts = attempts,
    };

    public Task<IReadOnlyList<DeliveryResult>> DeliverAsync(params Delivery[] deliveries)
        => Target.DeliverAsync(deliveries, CancellationToken.None);

    public Task<IReadOnlyList<DeliveryResult>> DeliverAsync(int count)
        => DeliverAsync([.. Enumerable.Range(1, count).Select(number => Delivery(number))]);

    public async ValueTask DisposeAsync()
    {
        await Target.DisposeAsync();
        await _server!.DisposeAsync();
        await Source.DisposeAsync();
    }
}
