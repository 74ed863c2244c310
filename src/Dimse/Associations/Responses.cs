using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>Responses that say no more than a status.</summary>
internal static class Responses
{
    public static DimseResponse To(DimseRequest request, DimseStatus status)
    {
        string? sopClass = request.SopClassUid.Length > 0 ? request.SopClassUid : null;
        return request switch
        {
            CEchoRequest => new CEchoResponse { Status = status, SopClassUid = sopClass },
            CStoreRequest store => new CStoreResponse { Status = status, SopClassUid = sopClass, SopInstanceUid = store.SopInstanceUid },
            CFindRequest => new CFindResponse { Status = status, SopClassUid = sopClass },
            CGetRequest => new CGetResponse { Status = status, SopClassUid = sopClass },
            CMoveRequest => new CMoveResponse { Status = status, SopClassUid = sopClass },
            NActionRequest action => new NActionResponse { Status = status, SopClassUid = sopClass, SopInstanceUid = action.SopInstanceUid, ActionTypeId = action.ActionTypeId },
            NEventReportRequest report => new NEventReportResponse { Status = status, SopClassUid = sopClass, SopInstanceUid = report.SopInstanceUid, EventTypeId = report.EventTypeId },
            _ => new OtherResponse(request.Field.ResponseField()) { Status = status, SopClassUid = sopClass },
        };
    }
}
