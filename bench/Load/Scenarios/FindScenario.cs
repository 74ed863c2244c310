using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Writing;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Results;
using ImagingIngestion.Load.Running;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>Measures one C-FIND at study level that matches every study of the server: the whole query, and its first match.</summary>
public sealed class FindScenario(ServerTarget target, int studies)
{
    private const string Name = "dimse-find";
    private const string StudyRoot = "1.2.840.10008.5.1.4.1.2.2.1";

    private static readonly DicomTag[] Keys =
    [
        DicomTag.StudyDate, DicomTag.StudyTime, DicomTag.AccessionNumber, DicomTag.ModalitiesInStudy, DicomTag.PatientName,
        DicomTag.PatientID, DicomTag.StudyInstanceUID,
        DicomTag.NumberOfStudyRelatedInstances,
    ];

    public static Command CreateCommand()
    {
        ServerOptions server = new();
        Option<int> studies = new("--studies")
        {
            Description = "Studies that the server has, stored by qido",
            DefaultValueFactory = _ => 100_000
        };
        Option<int> queries = new("--queries") { Description = "The most queries", DefaultValueFactory = _ => 3 };
        Command command = new(Name, "C-FIND of all studies") { studies, queries };
        server.AddTo(command);
        command.SetAction((parsed, cancellationToken) => new FindScenario(server.Read(parsed), parsed.GetValue(studies)).RunAsync(
            parsed.GetValue(queries), cancellationToken));
        return command;
    }

    public async Task<int> RunAsync(int queries, CancellationToken cancellationToken)
    {
        await using Association association = await target.AssociateAsync(StudyRoot, cancellationToken);
        byte[] identifier = await IdentifierAsync(cancellationToken);
        List<double> first = [];
        LoadOutcome outcome = await LoadRunner.RunAsync(new LoadPlan(1, queries, target.Limit), FindAsync, cancellationToken);
        first.Sort();
        string note = string.Create(CultureInfo.InvariantCulture, $"{outcome.Completed} queries of {studies} studies");
        target.Report(Name, FigureNames.FindFirst, first.Count == 0 ? double.NaN : first[first.Count / 2], "ms", outcome, note);
        target.Report(Name, FigureNames.FindRate, 1000 * studies / outcome.Percentile(0.50), "/s", outcome, note);
        return 0;

        async Task FindAsync(int _, long index, CancellationToken token)
        {
            long begin = Stopwatch.GetTimestamp();
            OutgoingOperation operation = await association.InvokeAsync(
                association.Contexts[0],
                new CFindRequest { SopClassUid = StudyRoot },
                (stream, cancelled) => stream.WriteAsync(identifier, cancelled).AsTask(),
                token);
            int matches = 0;
            DimseReply reply = await operation.ReadAsync(token);
            first.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            for (; reply.Response.Status.IsPending; reply = await operation.ReadAsync(token))
            {
                matches++;
            }

            if (!reply.Response.Status.IsSuccess || matches != studies)
            {
                throw new LoadException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"C-FIND found {matches} studies instead of {studies} and ended with {reply.Response.Status}"));
            }
        }
    }

    private static async Task<byte[]> IdentifierAsync(CancellationToken cancellationToken)
    {
        DicomDataset identifier = new();
        identifier.Set(new DicomElement(DicomTag.QueryRetrieveLevel, DicomVR.CS, Encoding.ASCII.GetBytes("STUDY")));
        foreach (DicomTag tag in Keys)
        {
            identifier.Set(new DicomElement(tag, DicomDictionary.VROf(tag), ReadOnlyMemory<byte>.Empty));
        }

        using MemoryStream bytes = new();
        await new DataSetWriter(bytes, (_, _, _) => Task.CompletedTask).WriteAsync(identifier, cancellationToken);
        return bytes.ToArray();
    }
}
