using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Scu;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Dimse.Tests.Peers;

/// <summary>Associations that tests request.</summary>
internal static class TestRequest
{
    public static AeTitle Scu { get; } = new("TEST-SCU");

    public static AeTitle Scp { get; } = new("TEST-SCP");

    /// <summary>Proposes Verification as context 1, CT storage as 3 and the study root query as 5.</summary>
    public static AssociationRequest Default { get; } = new()
    {
        CallingAeTitle = Scu,
        CalledAeTitle = Scp,
        PresentationContexts =
        [
            new ProposedContext(1, RawPdu.Verification, [RawPdu.ImplicitLittle]),
            new ProposedContext(3, RawPdu.CtStorage, [RawPdu.ExplicitLittle, RawPdu.ImplicitLittle]),
            new ProposedContext(5, RawPdu.StudyRootFind, [RawPdu.ImplicitLittle]),
        ],
    };

    public static AssociationRequestor Requestor(AssociationOptions? options = null, TimeProvider? time = null)
        => new(options ?? new AssociationOptions(), time ?? TimeProvider.System, NullLogger<AssociationRequestor>.Instance);

    public static DimsePeer Peer(int port, DimseTlsClientOptions? tls = null)
        => new() { AeTitle = Scp, Host = "localhost", Port = port, Tls = tls };

    public static Task<Association> OpenAsync(
        int port, AssociationRequest? request = null, AssociationOptions? options = null, TimeProvider? time = null)
        => Requestor(options, time).RequestAsync(Peer(port), request ?? Default, CancellationToken.None);

    public static NegotiatedContext Context(this Association association, string sopClass)
        => association.Contexts.Single(context => context.AbstractSyntax == sopClass);

    public static async Task<DimseStatus> EchoAsync(this Association association)
    {
        OutgoingOperation echo = await association.InvokeAsync(
            association.Context(RawPdu.Verification), new CEchoRequest { SopClassUid = RawPdu.Verification }, null, CancellationToken.None);
        return (await echo.ReadAsync(CancellationToken.None)).Response.Status;
    }

    public static Task<OutgoingOperation> InvokeStoreAsync(
        this Association association,
        string sopInstance,
        Func<Stream, CancellationToken, Task> dataSet,
        CancellationToken cancellationToken = default)
        => association.InvokeAsync(
            association.Context(RawPdu.CtStorage),
            new CStoreRequest { SopClassUid = RawPdu.CtStorage, SopInstanceUid = sopInstance },
            dataSet,
            cancellationToken);
}
