using ImagingIngestion.Bindings.Source;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Scu;

namespace ImagingIngestion.Bindings.Dimse;

/// <summary>In which transfer syntaxes an instance can go out, and which of them the target takes.</summary>
/// <param name="SopClassUid">Of the instance.</param>
/// <param name="Stored">What it is stored in.</param>
/// <param name="IsIrregular">The stored bytes are not encoded as that says: the source has to write them anew.</param>
internal sealed record SyntaxPlan(string SopClassUid, TransferSyntax Stored, bool IsIrregular = false)
{
    private static readonly string ExplicitUid = TransferSyntax.ExplicitVRLittleEndian.Uid;
    private static readonly string ImplicitUid = TransferSyntax.ImplicitVRLittleEndian.Uid;

    /// <summary>The best first.</summary>
    public IReadOnlyList<ContextNeed> Needs => [.. StorageContexts.Syntaxes(Stored.Uid, IsIrregular).Select(syntax => new ContextNeed(SopClassUid, syntax))];

    /// <summary>The best context that the target accepted; null for none.</summary>
    public NegotiatedContext? Choose(Association association) => StorageContexts.Choose(association.Contexts, SopClassUid, Stored.Uid, IsIrregular);

    /// <summary>What to ask the source for, so that it goes out in a syntax.</summary>
    public string SourceSyntax(string transferSyntaxUid)
        => IsIrregular ? BecomesImplicit(transferSyntaxUid) ? ExplicitUid : transferSyntaxUid
            : transferSyntaxUid == Stored.Uid || (BecomesImplicit(transferSyntaxUid) && Stored.Uid == ExplicitUid) ? InstanceSource.AsStored
            : ExplicitUid;

    /// <summary>What the source gives is to be rewritten on the way.</summary>
    public bool BecomesImplicit(string transferSyntaxUid) => transferSyntaxUid == ImplicitUid && (IsIrregular || Stored.Uid != ImplicitUid);
}
