using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>On which presentation context a stored instance goes out.</summary>
public static class StorageContexts
{
    private static readonly string ExplicitUid = TransferSyntax.ExplicitVRLittleEndian.Uid;
    private static readonly string ImplicitUid = TransferSyntax.ImplicitVRLittleEndian.Uid;

    /// <summary>
    /// The transfer syntaxes that an instance can go out in, the best first: as stored; without a codec, a compressed one in no other. What
    /// is to be written anew is not deflated.
    /// </summary>
    public static IEnumerable<string> Syntaxes(string storedUid, bool isWrittenAnew = false)
    {
        TransferSyntax stored = TransferSyntax.FromUid(storedUid);
        string[] asStored = isWrittenAnew && (stored.IsNative || stored.IsDeflated) ? [] : [storedUid];
        return stored.IsNative ? asStored.Concat([ExplicitUid, ImplicitUid]).Distinct() : asStored;
    }

    /// <summary>Native instances can be written anew in this transfer syntax.</summary>
    public static bool IsReencodable(string syntaxUid) => syntaxUid == ExplicitUid || syntaxUid == ImplicitUid;

    /// <summary>The best context on which this side is SCU; null for none.</summary>
    public static NegotiatedContext? Choose(
        IReadOnlyList<NegotiatedContext> contexts, string sopClassUid, string storedUid, bool isWrittenAnew = false)
        => Syntaxes(storedUid, isWrittenAnew).Select(syntax => contexts.FindScuContext(sopClassUid, syntax)).FirstOrDefault(
            context => context is not null);
}
