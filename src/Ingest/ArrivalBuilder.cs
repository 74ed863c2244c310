using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.Interchange;
using ImagingIngestion.Dicom.Json;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Ingest;

/// <summary>Makes what the study grain and the manifest keep out of an instance that was received.</summary>
internal static class ArrivalBuilder
{
    public static InstanceArrival Build(ReceivedInstance received, IngestContext context, DateTimeOffset now)
    {
        InstanceLayout layout = InstanceLayout.Of(received.Parsed);
        DicomDataset dataset = WithoutFileMeta(received.Parsed.Dataset);
        SplitAttributes attributes = AttributeLevels.Split(dataset);
        InstanceIdentity identity = received.Identity;
        return new InstanceArrival
        {
            Study = new StudyKey(context.Provider, identity.Study),
            State = new InstanceState
            {
                Id = new InstanceId(identity.Series, identity.Sop),
                SopClass = identity.SopClass,
                TransferSyntaxUid = received.Parsed.TransferSyntax.Uid,
                Hash = ContentHash.FromBytes(received.Parsed.Hash.Span),
                Object = received.Key,
                ObjectLength = received.ObjectLength,
                DataSetOffset = received.HeadLength,
                ObjectChecksum = received.ObjectChecksum,
                StoredAt = now,
            },
            Content = new InstanceContent
            {
                Attributes = attributes.Instance,
                Metadata = DicomJsonMetadata.Compress(dataset, new DicomModelWriterOptions { BulkDataUri = UriOf }),
                Layout = layout.ToBytes(),
            },
            StudyAttributes = attributes.Study,
            SeriesAttributes = attributes.Series,
            UploadBegan = received.UploadBegan,
            CallingAeTitle = context.CallingAeTitle,
        };

        string? UriOf(DicomElement element, string path) => layout.BulkDataUri(received.Parsed.TransferSyntax, element, path);
    }

    /// <summary>Group 0002 is no part of a data set (PS3.18 F.2.1.1.1), though some senders put it there; the stored bytes keep it.</summary>
    private static DicomDataset WithoutFileMeta(DicomDataset dataset)
    {
        dataset.RemoveAll(element => element.Tag.Group <= 0x0002);
        return dataset;
    }
}
