using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ImagingIngestion.Dimse;

/// <summary>Writes PDUs (PS3.8 section 9.3).</summary>
public static class PduWriter
{
    public static void Write(IBufferWriter<byte> target, Pdu pdu)
    {
        byte[] body = Body(pdu);
        Span<byte> span = target.GetSpan(body.Length + 6);
        span[0] = (byte)pdu.Type;
        span[1] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(span[2..], (uint)body.Length);
        body.CopyTo(span[6..]);
        target.Advance(body.Length + 6);
    }

    private static byte[] Body(Pdu pdu) => pdu switch
    {
        AssociateRequestPdu request => [(byte)(request.ProtocolVersion >> 8), (byte)request.ProtocolVersion, 0, 0, .. Title(request.CalledAeTitle), .. Title(request.CallingAeTitle), .. new byte[32],
            .. Item(0x10, Ascii(request.ApplicationContext)),
            .. request.PresentationContexts.SelectMany(context => Item(0x20, [context.Id, 0, 0, 0, .. Item(0x30, Ascii(context.AbstractSyntax)), .. context.TransferSyntaxes.SelectMany(syntax => Item(0x40, Ascii(syntax)))])),
            .. User(request.UserInformation)],
        AssociateAcceptPdu accept => [(byte)(accept.ProtocolVersion >> 8), (byte)accept.ProtocolVersion, 0, 0, .. Title(accept.CalledAeTitle), .. Title(accept.CallingAeTitle), .. new byte[32],
            .. Item(0x10, Ascii(accept.ApplicationContext)),
            .. accept.PresentationContexts.SelectMany(context => Item(0x21, [context.Id, 0, (byte)context.Reason, 0, .. Item(0x40, Ascii(context.TransferSyntax))])),
            .. User(accept.UserInformation)],
        AssociateRejectPdu reject => [0, reject.Result, reject.Source, reject.Reason],
        AbortPdu abort => [0, 0, abort.Source, (byte)abort.Reason],
        _ => [0, 0, 0, 0],
    };

    private static byte[] User(UserInformation user)
    {
        List<byte> items = [.. Item(0x51, BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(user.MaximumLength)))];
        items.AddRange(user.ImplementationClassUid is { } uid ? Item(0x52, Ascii(uid)) : []);
        items.AddRange(user.AsynchronousOperations is { } window ? Item(0x53, [(byte)(window.Invoked >> 8), (byte)window.Invoked, (byte)(window.Performed >> 8), (byte)window.Performed]) : []);
        items.AddRange(user.RoleSelections.SelectMany(role => Item(0x54, [0, (byte)role.SopClassUid.Length, .. Ascii(role.SopClassUid), (byte)(role.IsScu ? 1 : 0), (byte)(role.IsScp ? 1 : 0)])));
        items.AddRange(user.ImplementationVersionName is { } name ? Item(0x55, Ascii(name)) : []);
        items.AddRange(user.ExtendedNegotiations.SelectMany(one => Item(0x56, [0, (byte)one.SopClassUid.Length, .. Ascii(one.SopClassUid), .. one.Information.Span])));
        items.AddRange(user.UserIdentity is { } identity ? Item(0x58, [identity.Type, (byte)(identity.IsResponseRequested ? 1 : 0), .. Sized(identity.Primary), .. Sized(identity.Secondary)]) : []);
        items.AddRange(user.UserIdentityResponse is { } response ? Item(0x59, Sized(response)) : []);
        return Item(0x50, [.. items]);
    }

    private static byte[] Sized(ReadOnlyMemory<byte> value) => [(byte)(value.Length >> 8), (byte)value.Length, .. value.Span];

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    private static byte[] Title(string text) => Ascii(text.PadRight(16));

    private static byte[] Item(byte type, byte[] value) => [type, 0, (byte)(value.Length >> 8), (byte)value.Length, .. value];
}
