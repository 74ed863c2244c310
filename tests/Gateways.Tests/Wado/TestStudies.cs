using System.Globalization;
using System.IO.Hashing;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.Json;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.Writing;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Gateways.Tests.Wado;

/// <summary>Puts instances into real stores as ingest does: object first, then one commit of the study.</summary>
internal sealed class TestStudies(ProviderName provider, IManifestStore manifest, IObjectStore objects, TimeProvider time)
{
    private static readonly DicomTag[] StudyTags =
    [
        DicomTag.StudyDate, DicomTag.StudyTime, DicomTag.AccessionNumber, DicomTag.StudyDescription, DicomTag.PatientName,
        DicomTag.PatientID, DicomTag.StudyID,
    ];

    private static readonly DicomTag[] SeriesTags =
        [DicomTag.Modality, DicomTag.SeriesDescription, DicomTag.SeriesNumber, DicomTag.RequestAttributesSequence];

    private static readonly DicomTag[] InstanceTags =
        [DicomTag.InstanceNumber, DicomTag.NumberOfFrames, DicomTag.Rows, DicomTag.Columns, DicomTag.BitsAllocated];

    private int _objects;

    /// <summary>Stores an instance, or replaces the one with its identity, and returns the object's bytes.</summary>
    public async Task<byte[]> StoreAsync(RetrieveInstance instance, CancellationToken cancellationToken = default)
    {
        byte[] dataSet = instance.Encode();
        byte[] head = FileMetaWriter.Write("1.2.840.10008.5.1.4.1.1.2", instance.Sop, instance.Syntax.Uid);
        byte[] file = [.. head, .. dataSet];
        ParsedInstance parsed = Parse(file);

        await using IObjectUpload upload = await objects.BeginInstanceAsync(cancellationToken);
        upload.Key = new ObjectKey("test/" + (++_objects).ToString(CultureInfo.InvariantCulture) + ".dcm");
        await upload.WriteAsync(file, cancellationToken);
        await upload.CompleteAsync(cancellationToken);

        var state = new InstanceState
        {
            Id = new InstanceId(new SeriesInstanceUid(instance.Series), new SopInstanceUid(instance.Sop)),
            SopClass = new SopClassUid("1.2.840.10008.5.1.4.1.1.2"),
            TransferSyntaxUid = instance.Syntax.Uid,
            Hash = ContentHash.FromBytes(parsed.Hash.Span),
            Object = upload.Key.Value,
            ObjectLength = file.Length,
            DataSetOffset = head.Length,
            ObjectChecksum = instance.HasChecksum ? XxHash3.HashToUInt64(file) : null,
            StoredAt = time.GetUtcNow(),
        };
        var content = new InstanceContent
        {
            Attributes = Pick(parsed.Dataset, InstanceTags),
            Metadata = DicomJsonMetadata.Compress(DicomJsonWriter.ToUtf8(parsed.Dataset)),
            Layout = InstanceLayout.Of(parsed).ToBytes(),
        };
        await CommitAsync(new StudyInstanceUid(instance.Study), state, content, parsed.Dataset, cancellationToken);
        return file;
    }

    private static ParsedInstance Parse(byte[] file)
    {
        using var parser = new InstanceParser(DicomReaderOptions.Default);
        parser.Feed(file);
        parser.FinishHead();
        return parser.Complete();
    }

    private async Task CommitAsync(
        StudyInstanceUid study, InstanceState state, InstanceContent content, DicomDataset dataset, CancellationToken cancellationToken)
    {
        var key = new StudyKey(provider, study);
        StudyState? before = await manifest.LoadStudyAsync(key, cancellationToken);
        IReadOnlyList<InstanceState> same = await manifest.LoadInstancesAsync(key, [state.Id], cancellationToken);
        SeriesState? seriesBefore = before?.Series.FirstOrDefault(series => series.Uid == state.Id.Series);
        var series = new SeriesState
        {
            Uid = state.Id.Series,
            Attributes = Pick(dataset, SeriesTags),
            InstanceCount = (seriesBefore?.InstanceCount ?? 0) + (same.Count == 0 ? 1 : 0),
            Modalities = [.. dataset.GetStrings(DicomTag.Modality).Where(modality => modality.Length > 0)],
        };
        var change = new StudyChange
        {
            After = new StudyState
            {
                Key = key,
                Version = before?.Version ?? 0,
                Attributes = Pick(dataset, StudyTags),
                Series = [.. (before?.Series ?? []).Where(other => other.Uid != series.Uid), series],
                CreatedAt = before?.CreatedAt ?? state.StoredAt,
                UpdatedAt = state.StoredAt,
            },
            ChangedSeries = [series],
            StoredInstances = [new InstanceChange(state, content)],
        };
        IReadOnlyList<StudyCommitResult> results = await manifest.CommitAsync([change], cancellationToken);
        Assert.Equal([StudyCommitResult.Committed], results);
    }

    private static DicomDataset Pick(DicomDataset dataset, DicomTag[] tags)
    {
        var picked = new DicomDataset { CharacterSet = SpecificCharacterSet.Utf8 };
        foreach (DicomTag tag in tags)
        {
            if (dataset.TryGet(tag, out DicomElement? element))
            {
                picked.TryAdd(element);
            }
        }

        return picked;
    }
}
