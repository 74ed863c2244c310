namespace ImagingIngestion.Gateways.Http;

/// <summary>One way in which a resource can be sent.</summary>
/// <param name="MediaType">Type and subtype; for multipart that of the parts.</param>
/// <param name="IsMultipart">Sent as multipart/related with parts of the type.</param>
public sealed record Representation(string MediaType, bool IsMultipart)
{
    /// <summary>The transfer syntaxes that can be sent, the stored one first; null when it is decided later (instance by instance) or does not apply.</summary>
    public IReadOnlyList<string>? TransferSyntaxes { get; init; }

    /// <summary>The transfer syntax that a client gets which names none (PS3.18 tables 8.7.3-2 and following).</summary>
    public string DefaultTransferSyntax { get; init; } = "1.2.840.10008.1.2.1";
}
