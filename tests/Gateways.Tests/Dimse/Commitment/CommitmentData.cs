using System.Globalization;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.TestData;

namespace ImagingIngestion.Gateways.Tests.Dimse.Commitment;

/// <summary>Action and event information written and read by a requestor, independent of the code under test.</summary>
internal static class CommitmentData
{
    public const string CtImage = "1.2.840.10008.5.1.4.1.1.2";
    public const string MrImage = "1.2.840.10008.5.1.4.1.1.4";

    private const uint TransactionUid = 0x0008_1195;
    private const uint FailedSequence = 0x0008_1198;
    private const uint ReferencedSequence = 0x0008_1199;
    private const uint ReferencedClass = 0x0008_1150;
    private const uint ReferencedInstance = 0x0008_1155;

    private static int s_uids;

    public static string NewUid()
        => string.Create(CultureInfo.InvariantCulture, $"1.2.826.0.1.77.{Environment.ProcessId}.{Interlocked.Increment(ref s_uids)}");

    public static byte[] Action(string syntax, string? transaction, params (string? Class, string? Instance)[] references)
    {
        DataSetBuilder information = new();
        if (transaction is not null)
        {
            information.Text(TransactionUid, "UI", transaction);
        }

        return information.Sequence(ReferencedSequence, [.. references.Select(Item)]).Encode(Syntax.WireOf(syntax));
    }

    public static DicomDataset Parse(ReadOnlyMemory<byte> bytes, string syntax)
    {
        DataSetParser parser = new(TransferSyntax.FromUid(syntax), DicomReaderOptions.Default);
        parser.Feed(bytes.Span);
        parser.Complete();
        return parser.Dataset;
    }

    public static (string Class, string Instance)[] Committed(DicomDataset information)
        => [.. Items(information, ReferencedSequence).Select(Reference)];

    public static (string Class, string Instance, string Reason)[] Failed(DicomDataset information)
        => [.. Items(information, FailedSequence).Select(
            item => (Reference(item).Class, Reference(item).Instance, item.GetString(DicomTag.FailureReason)!))];

    private static DataSetBuilder Item((string? Class, string? Instance) reference)
    {
        DataSetBuilder item = new();
        if (reference.Class is { } sopClass)
        {
            item.Text(ReferencedClass, "UI", sopClass);
        }

        return reference.Instance is { } instance ? item.Text(ReferencedInstance, "UI", instance) : item;
    }

    private static IReadOnlyList<DicomDataset> Items(DicomDataset information, uint tag)
        => information.TryGet(DicomTag.FromValue(tag), out DicomElement? sequence) ? sequence.Items! : [];

    private static (string Class, string Instance) Reference(DicomDataset item)
        => (item.GetString(DicomTag.FromValue(ReferencedClass))!, item.GetString(DicomTag.FromValue(ReferencedInstance))!);
}
