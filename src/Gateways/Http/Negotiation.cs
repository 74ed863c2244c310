using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Http;

/// <summary>What came of choosing a representation.</summary>
/// <param name="Chosen">The representation to send; null when the answer is <see cref="Status"/>.</param>
/// <param name="TransferSyntaxUid">The transfer syntax to send where the representation lists them, else null.</param>
/// <param name="Syntaxes">What the client takes, for choices instance by instance.</param>
/// <param name="Status">200, 400 (the Accept header cannot be meant) or 406.</param>
public sealed record Negotiation(Representation? Chosen, string? TransferSyntaxUid, TransferSyntaxPreference Syntaxes, int Status)
{
    internal static Negotiation NotAcceptable { get; } = new(null, null, TransferSyntaxPreference.Unspecified, StatusCodes.Status406NotAcceptable);

    internal static Negotiation BadRequest { get; } = new(null, null, TransferSyntaxPreference.Unspecified, StatusCodes.Status400BadRequest);
}
