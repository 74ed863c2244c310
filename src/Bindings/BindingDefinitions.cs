using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings;

/// <summary>Translates the declaration of a binding into what its queue must know.</summary>
public static class BindingDefinitions
{
    public const string StowKind = "stow";
    public const string DimseKind = "dimse";
    public const string FhirKind = "fhir";
    public const string WebhookKind = "webhook";

    public static BindingDefinition Of(BindingOptions options)
    {
        (string kind, IReadOnlyCollection<EventType> types) = Kind(options);
        return new BindingDefinition
        {
            Name = options.Name,
            Kind = kind,
            Types = types,
            Filter = new BindingFilter(
                [.. options.Providers.Select(name => new ProviderName(name))], options.Modalities, options.CallingAeTitles),
            Start = options.StartsAtBeginning ? BindingStart.Beginning : BindingStart.Now,

            // A subscriber wants every event; an archive or a record wants the newest state.
            KeepsEveryEvent = kind == WebhookKind,
        };
    }

    private static (string Kind, IReadOnlyCollection<EventType> Types) Kind(BindingOptions options) => options switch
    {
        { Stow: not null } => (StowKind, [EventType.DicomAvailable]),
        { Dimse: not null } => (DimseKind, [EventType.DicomAvailable]),
        { Fhir: not null } => (FhirKind, [EventType.StudyRevision]),
        { Webhook.Types.Count: > 0 } =>
            (WebhookKind, [.. EventTypes.All.Where(type => options.Webhook.Types.Contains(type.Name(), StringComparer.OrdinalIgnoreCase))]),
        { Webhook: not null } => (WebhookKind, EventTypes.All),
        _ => throw new ArgumentException($"The binding {options.Name} has no kind.", nameof(options)),
    };
}
