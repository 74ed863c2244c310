using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Dimse;

/// <summary>C-MOVE as a workstation asks for it.</summary>
internal static class RetrieveCalls
{
    private const string StudyRootMove = "1.2.840.10008.5.1.4.1.2.2.2";

    /// <summary>Moves studies, and answers with the final report.</summary>
    public static async Task<RetrieveReport> MoveAsync(this Server server, string destination, IEnumerable<string> studies)
    {
        await using DimseSender scu = await DimseSender.ConnectAsync(server.DimsePort, [(StudyRootMove, Syntax.ImplicitLittle)]);
        byte[] identifier = new DataSetBuilder().Text(0x0008_0052, "CS", "STUDY").Text(Tag.StudyInstanceUid, "UI", string.Join('\\', studies.Distinct())).Encode(Wire.ImplicitLittle);
        RetrieveReport? last = null;
        await foreach (RetrieveReport report in MoveScu.MoveAsync(scu.Association, StudyRootMove, new AeTitle(destination), identifier, CancellationToken.None))
        {
            last = report;
        }

        return last!;
    }

    /// <summary>The UIDs in (0008,0058) of a final report.</summary>
    public static string[] FailedInstances(this RetrieveReport report)
        => report.DataSet.IsEmpty ? [] : System.Text.Encoding.ASCII.GetString(report.DataSet.Span[8..]).TrimEnd('\0').Split('\\');
}
