using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Results;
using ImagingIngestion.Load.Running;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>The server that a scenario measures, and where its figures go.</summary>
/// <param name="Url">DICOMweb root, or <c>dicom://host:port/title</c>.</param>
/// <param name="Name">Column of the table.</param>
/// <param name="Run">Number in the UIDs.</param>
/// <param name="Limit">The longest time of one measurement.</param>
/// <param name="Log">Where figures go.</param>
public sealed record ServerTarget(Uri Url, string Name, int Run, TimeSpan Limit, ResultLog Log)
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromMinutes(30);

    /// <summary>Under which scenario all figures stand; null for the one that measures them.</summary>
    public string? Scenario { get; init; }

    /// <summary>The URL names a port and a called AE title rather than a DICOMweb root.</summary>
    public bool IsDimse => Url.Scheme == "dicom";

    /// <summary>Opens an association with one presentation context; its operations may take long.</summary>
    public Task<Association> AssociateAsync(string sopClassUid, CancellationToken cancellationToken)
    {
        AssociationOptions options = new() { ResponseTimeout = RequestTimeout, SendTimeout = RequestTimeout };
        AssociationRequestor requestor = new(options, TimeProvider.System, NullLogger<AssociationRequestor>.Instance);
        DimsePeer peer = new() { AeTitle = new AeTitle(Url.AbsolutePath.Trim('/')), Host = Url.Host, Port = Url.Port };
        AssociationRequest request = new()
        {
            CallingAeTitle = new AeTitle("BENCH"),
            CalledAeTitle = peer.AeTitle,
            PresentationContexts = [new ProposedContext(1, sopClassUid, [TransferSyntax.ExplicitVRLittleEndian.Uid])],
        };
        return requestor.RequestAsync(peer, request, cancellationToken);
    }

    public DicomWebClient CreateClient() => new(Url, RequestTimeout);

    public void Report(string scenario, string figure, double value, string unit, string note = "")
        => Log.Add(new ResultRow(Scenario ?? scenario, figure, Name, value, unit, 0, note));

    /// <summary>Reports a figure of an outcome, with its failures.</summary>
    public void Report(string scenario, string figure, double value, string unit, LoadOutcome outcome, string note = "")
        => Log.Add(new ResultRow(Scenario ?? scenario, figure, Name, value, unit, outcome.Failures, outcome.Failures == 0
            ? note
            : $"{note} ({outcome.FailureNote})"));
}
