using System.Text.Json;
using Firely.Fhir.Validation;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Hl7.Fhir.Specification.Source;
using Hl7.Fhir.Specification.Terminology;
using Hl7.Fhir.Utility;

namespace ImagingIngestion.Tests;

/// <summary>Validates resources against the base profiles of FHIR R4 with Firely's validator.</summary>
/// <remarks>The definitions and the codes come from a package: no validation needs a network.</remarks>
internal static class FhirValidator
{
    private static readonly FhirJsonDeserializer Json = new(new DeserializerSettings().UsingMode(DeserializationMode.Strict));

    /// <summary>One for the process, because reading the definitions takes seconds.</summary>
    private static readonly Lazy<Validator> Shared = new(Create);

    private static readonly Lock Turn = new();

    /// <summary>Returns the faults of a resource in JSON; empty if it is valid.</summary>
    /// <remarks>Strict parsing finds wrong JSON and wrong primitive values, the profiles find everything else.</remarks>
    public static IReadOnlyList<string> Faults(ReadOnlyMemory<byte> json)
    {
        Utf8JsonReader reader = new(json.Span);
        Json.TryDeserializeResource(ref reader, out Resource? resource, out IEnumerable<CodedException> errors);
        List<string> faults = [.. errors.Select(error => error.Message)];
        if (resource is not null)
        {
            lock (Turn)
            {
                faults.AddRange(Shared.Value.Validate(resource).Issue.Where(issue => IsError(issue.Severity)).Select(
                    issue => $"{string.Join(", ", issue.Expression)}: {issue.Details?.Text}"));
            }
        }

        return faults;
    }

    private static bool IsError(OperationOutcome.IssueSeverity? severity)
        => severity is OperationOutcome.IssueSeverity.Error or OperationOutcome.IssueSeverity.Fatal;

    private static Validator Create()
    {
        CachedResolver resolver = new(new DirectorySource(Path.Combine(AppContext.BaseDirectory, "fhir")));
        return new Validator(resolver, LocalTerminologyService.CreateDefaultForCore(resolver));
    }
}
