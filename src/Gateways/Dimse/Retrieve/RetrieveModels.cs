using ImagingIngestion.Gateways.Dimse.Find;
using ImagingIngestion.Gateways.Dimse.Hosting;

namespace ImagingIngestion.Gateways.Dimse.Retrieve;

/// <summary>The information models that instances are retrieved by (PS3.4 section C.6).</summary>
internal static class RetrieveModels
{
    public const string PatientRootMove = "1.2.840.10008.5.1.4.1.2.1.2";
    public const string PatientRootGet = "1.2.840.10008.5.1.4.1.2.1.3";
    public const string StudyRootMove = "1.2.840.10008.5.1.4.1.2.2.2";
    public const string StudyRootGet = "1.2.840.10008.5.1.4.1.2.2.3";

    /// <summary>Requestors are SCU; identifiers are UIDs and Patient IDs, for which either encoding does.</summary>
    public static SopClassOffer Offer { get; } = new()
    {
        Covers = uid => uid is PatientRootMove or PatientRootGet or StudyRootMove or StudyRootGet,
        ChooseTransferSyntax = DataSetSyntaxes.Choose,
    };

    /// <summary>The information model of one of these SOP classes.</summary>
    public static QueryModel Of(string sopClassUid)
        => sopClassUid is PatientRootMove or PatientRootGet ? QueryModel.PatientRoot : QueryModel.StudyRoot;
}
