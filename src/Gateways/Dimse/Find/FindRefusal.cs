using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Gateways.Dimse.Find;

/// <summary>Why a C-FIND is not performed.</summary>
/// <param name="Status">The final status (PS3.4 table C.4-1).</param>
/// <param name="Comment">What to change, without values of the identifier.</param>
internal sealed record FindRefusal(DimseStatus Status, string Comment)
{
    public static FindRefusal Unreadable { get; } = new(DimseStatus.CannotUnderstand, "The identifier cannot be read");

    public static FindRefusal TooLong { get; } = new(DimseStatus.CannotUnderstand, "The identifier is too long; ask in parts");

    public static FindRefusal Mismatch(DicomTag tag, string rule) => new(DimseStatus.DataSetDoesNotMatchSopClass, $"{tag} {rule}");
}
