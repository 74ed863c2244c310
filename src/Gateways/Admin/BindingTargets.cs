using ImagingIngestion.Bindings;
using ImagingIngestion.Bindings.Dimse;
using ImagingIngestion.Bindings.Fhir;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Stow;
using ImagingIngestion.Bindings.Webhook;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Admin;

/// <summary>Makes the targets of bindings: one line for each kind.</summary>
internal sealed class BindingTargets(
    IEventLog events, IStorageSpaces spaces, EventOptions options, TimeProvider time, ILoggerFactory loggers) : IDisposable
{
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
            webhook, Client<WebhookTarget>(webhook.Target), events, spaces, options.Source, time, loggers.CreateLogger<WebhookTarget>()),
        _ => throw new ArgumentException($"The binding {binding.Name} has no kind.", nameof(binding)),
    };

    public void Dispose()
    {
        _source.Dispose();
        _answers.Dispose();
    }

    private HttpClient Client<T>(HttpTargetOptions target) => TargetHttp.CreateClient(target, time, loggers.CreateLogger<T>());
}
