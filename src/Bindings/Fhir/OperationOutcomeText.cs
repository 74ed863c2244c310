using System.Text.Json;
using ImagingIngestion.Bindings.Http;

namespace ImagingIngestion.Bindings.Fhir;

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

    private static bool IsCode(string code) => code.Length is > 0 and <= MaxCodeLength && code.All(character => char.IsAsciiLetterLower(character) || character == '-');
}
