using System.Net;
using System.Text.Json;
using ImagingIngestion.Bindings.Http;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>What becomes of a delivery after an answer that is neither a success nor a part of the protocol.</summary>
internal static class FhirFaults
{
    /// <summary>
    /// 400, 413 and 422 say that the resource is not wanted, now or later; everything else is the target's trouble, a wrong address or
    /// wrong credentials, which someone mends.
    /// </summary>
    /// <param name="interaction">What was asked: "a search", "an update".</param>
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

    /// <summary>A 2xx whose body is not what FHIR says, or longer than is read, which may be so for this study alone.</summary>
    public static DeliveryResult Unreadable(string interaction, TargetReply reply) => reply.IsTooLong
        ? DeliveryResult.Retry(
            $"The FHIR server answered {reply.Code} to {interaction} with more than {AnswerMemory.MaxAnswerBytes >> 20} MiB: it sends "
                + "whole resources although only some elements are asked for (_elements).", isTargetFault: false)
        : DeliveryResult.Retry(
            $"The FHIR server answered {reply.Code} to {interaction} with no FHIR JSON: check the endpoint.", isTargetFault: true);
}

/// <summary>Takes out of an OperationOutcome what may be logged: the issue codes. Diagnostics and details may quote values.</summary>
internal static class OperationOutcomeText
{
    private const int MaxCodes = 5;
    private const int MaxCodeLength = 32;

    /// <summary>The codes in parentheses after a space; empty when the answer tells none.</summary>
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
