using System.Net;
using System.Text.Json;
using ImagingIngestion.Bindings.Http;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>Translates an answer that is neither a success nor part of the protocol into the result of a delivery.</summary>
internal static class FhirFaults
{
    /// <summary>Returns a dead letter after 400, 413 or 422, which refuse the resource for good.</summary>
    /// <remarks>Any other status is a fault of the target, its address or its credentials, and can be repaired.</remarks>
    /// <param name="interaction">The interaction in words: "a search", "an update".</param>
    /// <param name="reply">The answer.</param>
    public static DeliveryResult Of(string interaction, TargetReply reply)
    {
        if (reply.Status is not { } status)
        {
            return DeliveryResult.Retry(
                $"The FHIR server gave no answer to {interaction}: {reply.Fault}", isTargetFault: true, reply.RetryAfter);
        }

        string error = $"The FHIR server answered {reply.Code} to {interaction}{OperationOutcomeText.Of(reply)}.";
        return status switch
        {
            HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestEntityTooLarge
                => DeliveryResult.Permanent(error),
            _ => DeliveryResult.Retry(error, isTargetFault: true, reply.RetryAfter),
        };
    }

    /// <summary>Returns the result of a 2xx whose body is not FHIR or too long; other studies may still pass.</summary>
    public static DeliveryResult Unreadable(string interaction, TargetReply reply) => reply.IsTooLong
        ? DeliveryResult.Retry(
            $"The FHIR server answered {reply.Code} to {interaction} with more than {AnswerMemory.MaxAnswerBytes >> 20} MiB: it sends "
                + "whole resources although only some elements are asked for (_elements).", isTargetFault: false)
        : DeliveryResult.Retry(
            $"The FHIR server answered {reply.Code} to {interaction} with no FHIR JSON: check the endpoint.", isTargetFault: true);
}

/// <summary>Extracts the issue codes of an OperationOutcome for the log.</summary>
/// <remarks>Diagnostics and details may quote values and are left out.</remarks>
internal static class OperationOutcomeText
{
    private const int MaxCodes = 5;
    private const int MaxCodeLength = 32;

    /// <summary>Returns the codes in parentheses after a space; empty if there are none.</summary>
    public static string Of(TargetReply reply)
    {
        using JsonDocument? document = reply.IsTooLong ? null : FhirJson.Parse(reply.Body);
        if (document is null)
        {
            return "";
        }

        string[] codes = [.. FhirJson.Items(document.RootElement, "issue").Select(issue => FhirJson.Text(issue, "code"))
            .OfType<string>().Where(IsCode).Distinct().Take(MaxCodes)];
        return codes.Length == 0 ? "" : $" ({string.Join(", ", codes)})";
    }

    private static bool IsCode(string code)
        => code.Length is > 0 and <= MaxCodeLength && code.All(character => char.IsAsciiLetterLower(character) || character == '-');
}
