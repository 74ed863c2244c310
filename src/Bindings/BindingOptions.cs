using ImagingIngestion.Bindings.Dimse;
using ImagingIngestion.Bindings.Fhir;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Stow;
using ImagingIngestion.Bindings.Webhook;
using ImagingIngestion.Settings;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Bindings;

/// <summary>The bindings that this process runs.</summary>
public sealed record BindingsOptions
{
    /// <summary>The settings of this class.</summary>
    public static readonly OptionsSection<BindingsOptions> Section = new(
        "Bindings",
        _ => [BindingSettings.OwnName],
        (section, options) => section.Bind(options),
        (options, mistakes) => options.Check(mistakes),
        BindingSettings.Read);

    /// <summary>The bindings that are declared, by their sections or in the environment itself.</summary>
    public IReadOnlyList<BindingOptions> Declared { get; set; } = [];

    private void Check(Mistakes mistakes)
    {
        foreach (BindingOptions binding in Declared)
        {
            binding.Check(mistakes);
        }
    }
}

/// <summary>One binding as it is declared; exactly one of its kinds is set.</summary>
public sealed record BindingOptions
{
    /// <summary>1 to 64 lower-case ASCII letters, digits or dashes, the first a letter.</summary>
    public string Name { get; set; } = "";

    /// <summary>The section of the settings that declares it; null if the environment itself does.</summary>
    public string? DeclaredIn { get; set; }

    /// <summary>Set when it delivers instances over STOW-RS.</summary>
    public StowBindingOptions? Stow { get; set; }

    /// <summary>Set when it delivers instances by C-STORE.</summary>
    public DimseBindingOptions? Dimse { get; set; }

    /// <summary>Set when it keeps FHIR R4 ImagingStudy resources.</summary>
    public FhirBindingOptions? Fhir { get; set; }

    /// <summary>Set when it posts CloudEvents.</summary>
    public WebhookBindingOptions? Webhook { get; set; }

    /// <summary>Storage spaces whose events it takes; all when empty.</summary>
    public IReadOnlyList<string> Providers { get; set; } = [];

    /// <summary>Modalities whose events it takes; all when empty.</summary>
    public IReadOnlyList<string> Modalities { get; set; } = [];

    /// <summary>
    /// Calling AE titles whose instances it takes; all when empty. Not for study revisions, which several senders may have made.
    /// </summary>
    public IReadOnlyList<string> CallingAeTitles { get; set; } = [];

    /// <summary>It begins with everything that is already stored, not with the next event, when it is first seen.</summary>
    public bool StartsAtBeginning { get; set; }

    /// <summary>Calls of the target at a time.</summary>
    public int Concurrency { get; set; } = 4;

    /// <summary>How long a claim of deliveries holds without renewal: after a crash they wait as long for another process.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    public RetryOptions Retry { get; set; } = new();

    internal void Check(Mistakes mistakes)
    {
        if (Retry.MaxDelay < Retry.FirstDelay)
        {
            mistakes.Add(Setting("Retry:MaxDelay"), "must not be shorter than the first delay");
        }

        if (Retry.MaxBreak < Retry.FirstBreak)
        {
            mistakes.Add(Setting("Retry:MaxBreak"), "must not be shorter than the first break");
        }

        if (CallingAeTitles.Count > 0 && DeliversRevisions)
        {
            string instead = Fhir is not null ? "" : $", or leave {WebhookBindingOptions.RevisionEvent} out of WEBHOOK_TYPES";
            mistakes.Add(
                Setting(nameof(CallingAeTitles)),
                "cannot select study revisions, which several senders may have made; take it away" + instead);
        }

        (HttpTargetOptions? target, string prefix) = this switch
        {
            { Stow: { } stow } => (stow.Target, "STOW"),
            { Fhir: { } fhir } => (fhir.Target, "FHIR"),
            _ => (Webhook?.Target, "WEBHOOK"),
        };
        if (target?.AnswerTimeout < target?.IdleTimeout)
        {
            mistakes.Add(Setting($"{prefix}_ANSWER_TIMEOUT"), "must not be shorter than the idle timeout");
        }
    }

    private bool DeliversRevisions
        => Fhir is not null
            || (Webhook is { } webhook && (webhook.Types.Count == 0 || webhook.Types.Contains(WebhookBindingOptions.RevisionEvent)));

    private Setting Setting(string key) => new BindingKey(key, "", Form.Text(), "").In(DeclaredIn);
}

/// <summary>How a delivery that failed is tried again.</summary>
public sealed record RetryOptions
{
    /// <summary>The longest that a target is believed when it asks to wait (Retry-After), whatever the other limits are.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    /// <summary>The pause after the first failure; it doubles with each further one, less up to a half of it at random.</summary>
    public TimeSpan FirstDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Attempts before a delivery becomes a dead letter: about three days with the defaults.</summary>
    public int MaxAttempts { get; set; } = 300;

    /// <summary>Consecutive failures of the target after which it is left alone for a while.</summary>
    public int BreakAfter { get; set; } = 5;

    /// <summary>How long it is left alone the first time; doubles while it goes on failing.</summary>
    public TimeSpan FirstBreak { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest time that it is left alone.</summary>
    public TimeSpan MaxBreak { get; set; } = TimeSpan.FromMinutes(1);
}
