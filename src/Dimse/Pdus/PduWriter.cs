using System.Buffers;
using System.Buffers.Binary;

namespace ImagingIngestion.Dimse.Pdus;

/// <summary>Writes PDUs (PS3.8 section 9.3).</summary>
public static class PduWriter
{
    private const int ReservedSize = 32;

    /// <summary>Writes a PDU with its header.</summary>
    /// <exception cref="ArgumentException">
    /// A title, UID or item has characters or a length that a PDU cannot carry; nothing was written.
    /// </exception>
    public static void Write(IBufferWriter<byte> target, Pdu pdu)
    {
        PduBuilder body = new();
        switch (pdu)
        {
            case AssociateRequestPdu request:
                WriteRequest(body, request);
                break;
            case AssociateAcceptPdu accept:
                WriteAccept(body, accept);
                break;
            case AssociateRejectPdu reject:
                body.Raw([0, reject.Result, reject.Source, reject.Reason]);
                break;
            case AbortPdu abort:
                body.Raw([0, 0, abort.Source, (byte)abort.Reason]);
                break;
            default:
                body.Skip(4);
                break;
        }

        int length = body.Bytes.Length;
        Span<byte> span = target.GetSpan(DataTransferPdu.PduHeaderSize + length);
        span[0] = (byte)pdu.Type;
        span[1] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(span[2..], (uint)length);
        body.Bytes.CopyTo(span[DataTransferPdu.PduHeaderSize..]);
        target.Advance(DataTransferPdu.PduHeaderSize + length);
    }

    private static void WriteRequest(PduBuilder body, AssociateRequestPdu request)
    {
        WriteHead(body, request.ProtocolVersion, request.CalledAeTitle, request.CallingAeTitle, request.ApplicationContext);
        foreach (ProposedContext context in request.PresentationContexts)
        {
            int begin = body.Begin(PduItemType.ProposedContext);
            body.Raw([context.Id, 0, 0, 0]);
            body.Item(PduItemType.AbstractSyntax, context.AbstractSyntax);
            foreach (string transferSyntax in context.TransferSyntaxes)
            {
                body.Item(PduItemType.TransferSyntax, transferSyntax);
            }

            body.End(begin);
        }

        UserInformationWriter.Write(body, request.UserInformation);
    }

    private static void WriteAccept(PduBuilder body, AssociateAcceptPdu accept)
    {
        WriteHead(body, accept.ProtocolVersion, accept.CalledAeTitle, accept.CallingAeTitle, accept.ApplicationContext);
        foreach (ContextResult context in accept.PresentationContexts)
        {
            int begin = body.Begin(PduItemType.ContextResult);
            body.Raw([context.Id, 0, (byte)context.Reason, 0]);
            body.Item(PduItemType.TransferSyntax, context.TransferSyntax);
            body.End(begin);
        }

        UserInformationWriter.Write(body, accept.UserInformation);
    }

    private static void WriteHead(PduBuilder body, ushort version, string called, string calling, string applicationContext)
    {
        body.Number(version);
        body.Skip(2);
        body.Title(called);
        body.Title(calling);
        body.Skip(ReservedSize);
        body.Item(PduItemType.ApplicationContext, applicationContext);
    }
}
