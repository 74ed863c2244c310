using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Manifest.Commitments;

namespace ImagingIngestion.Gateways.Dimse.Commitment;

/// <summary>What the N-ACTION of storage commitment asks for (PS3.4 table J.3-1).</summary>
internal sealed class ActionInformation
{
    /// <summary>Items have two elements; this leaves room for others that devices add.</summary>
    private const int ElementsPerItem = 16;

    private ActionInformation(DimseStatus status, string? comment)
    {
        Status = status;
        Comment = comment;
    }

    /// <summary>Success, or why it cannot be taken.</summary>
    public DimseStatus Status { get; }

    /// <summary>Why it cannot be taken.</summary>
    public string? Comment { get; }

    public string TransactionUid { get; private init; } = "";

    public IReadOnlyList<CommitmentReference> References { get; private init; } = [];

    public static ActionInformation Refuse(DimseStatus status, string comment) => new(status, comment);

    /// <summary>Reads the information.</summary>
    /// <param name="bytes">The data set.</param>
    /// <param name="syntax">Its encoding.</param>
    /// <param name="maxReferences">More are refused as a resource limitation.</param>
    public static ActionInformation Read(byte[] bytes, TransferSyntax syntax, int maxReferences)
    {
        DataSetParser parser = new(syntax, new DicomReaderOptions { MaxDepth = 4, MaxItems = maxReferences + 1, MaxElements = ElementsPerItem * (maxReferences + 1) });
        try
        {
            parser.Feed(bytes);
            parser.Complete();
        }
        catch (DicomParseException error)
        {
            return error.Error == DicomParseError.LimitExceeded ? TooMany(maxReferences) : Refuse("The action information cannot be read");
        }

        return Read(parser.Dataset, maxReferences);
    }

    private static ActionInformation Read(DicomDataset dataset, int maxReferences)
    {
        string? transaction = dataset.GetString(DicomTag.TransactionUID);
        if (!DicomUid.IsValid(transaction))
        {
            return Refuse("Transaction UID (0008,1195) is missing or no UID");
        }

        if (!dataset.TryGet(DicomTag.ReferencedSOPSequence, out DicomElement? sequence) || sequence.Items is not { Count: > 0 } items)
        {
            return Refuse("Referenced SOP Sequence (0008,1199) is missing or empty");
        }

        if (items.Count > maxReferences)
        {
            return TooMany(maxReferences);
        }

        List<CommitmentReference> references = new(items.Count);
        foreach (DicomDataset item in items)
        {
            if (!SopClassUid.TryParse(item.GetString(DicomTag.ReferencedSOPClassUID), out SopClassUid sopClass)
                || !SopInstanceUid.TryParse(item.GetString(DicomTag.ReferencedSOPInstanceUID), out SopInstanceUid sop))
            {
                return Refuse("An item of (0008,1199) lacks its class or instance UID");
            }

            references.Add(new CommitmentReference(sopClass, sop));
        }

        return new ActionInformation(DimseStatus.Success, null) { TransactionUid = transaction!, References = references };
    }

    private static ActionInformation Refuse(string comment) => Refuse(DimseStatus.InvalidArgument, comment);

    private static ActionInformation TooMany(int maxReferences) => Refuse(DimseStatus.ResourceLimitation, $"More than {maxReferences} instances; ask in parts");
}
