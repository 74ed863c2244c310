using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Gateways.Http;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>
/// Which transfer syntax an instance is sent in (PS3.18 section 8.7.3.5): what the client names, else Explicit VR Little Endian. Native data
/// sets can be re-encoded, compressed ones only be sent as they are.
/// </summary>
internal sealed class SyntaxChoice
{
    private readonly TransferSyntaxPreference _preference;
    private readonly bool _takesAnything;

    public SyntaxChoice(HttpRequest request, TransferSyntaxPreference preference)
    {
        _preference = preference;
        IReadOnlyList<MediaRange> ranges = MediaRange.ParseList([.. request.Query["accept"], .. request.Headers.Accept]);
        _takesAnything = ranges.Count == 0 || ranges.Any(range => range is { Specificity: 0, Quality: > 0, TransferSyntaxes.Count: 0 });
    }

    /// <summary>The client asks for the stored bytes, whatever they are.</summary>
    public bool TakesStoredBytes => _preference.Named.Contains("*");

    /// <summary>
    /// Null when nothing that can be sent is taken. A client that takes anything at all gets a compressed instance as it is stored. Implicit VR,
    /// Big Endian and irregular data sets leave only as stored bytes asked for with '*'; other requests get them written anew.
    /// </summary>
    public (string Uid, bool IsAsStored)? For(string storedUid, StoredEncoding encoding)
    {
        TransferSyntax stored = TransferSyntax.FromUid(storedUid);
        string explicitUid = TransferSyntax.ExplicitVRLittleEndian.Uid;
        bool isRetired = stored == TransferSyntax.ImplicitVRLittleEndian || stored == TransferSyntax.ExplicitVRBigEndian;
        bool asStored = TakesStoredBytes || !(isRetired || encoding.IsIrregular);
        string[] available = stored.IsNative ? asStored ? [storedUid, explicitUid] : [explicitUid] : asStored || !stored.IsDeflated ? [storedUid] : [];
        string? chosen = _preference.Choose(available, explicitUid) ?? (_takesAnything ? available.LastOrDefault() : null);
        return chosen is null ? null : (chosen, asStored && chosen == storedUid);
    }
}
