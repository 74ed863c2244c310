using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Grains.Cluster;

/// <summary>Identities and rows between processes. What is no valid identity ends as <see cref="FormatException"/>.</summary>
internal static class WireIdentity
{
    public const int MaxObjectKey = 1024;

    private const int HashBytes = 32;

    public static void Write(WireWriter writer, StudyKey key)
    {
        writer.Text(key.Provider.Value);
        writer.Text(key.Study.Value);
    }

    public static StudyKey ReadStudy(WireReader reader)
        => new(new ProviderName(reader.Text(DicomUid.MaxLength)), new StudyInstanceUid(reader.Text(DicomUid.MaxLength)));

    public static void Write(WireWriter writer, ContentHash hash) => writer.Fixed(Convert.FromHexString(hash.Hex));

    public static ContentHash ReadHash(WireReader reader) => ContentHash.FromBytes(reader.Fixed(HashBytes).Span);

    public static void Write(WireWriter writer, InstanceState state)
    {
        writer.Text(state.Id.Series.Value);
        writer.Text(state.Id.Sop.Value);
        writer.Text(state.SopClass.Value);
        writer.Text(state.TransferSyntaxUid);
        Write(writer, state.Hash);
        writer.Text(state.Object.Value);
        writer.Int64(state.ObjectLength);
        writer.Int64(state.DataSetOffset);
        writer.Bool(state.ObjectChecksum is not null);
        writer.Int64(unchecked((long)(state.ObjectChecksum ?? 0)));
        writer.Bool(state.IsDamaged);
        writer.Time(state.StoredAt);
        writer.Int32(state.AddedRevision);
        writer.Int32(state.ChangedRevision);
    }

    public static InstanceState ReadState(WireReader reader) => new()
    {
        Id = new InstanceId(new SeriesInstanceUid(reader.Text(DicomUid.MaxLength)), new SopInstanceUid(reader.Text(DicomUid.MaxLength))),
        SopClass = new SopClassUid(reader.Text(DicomUid.MaxLength)),
        TransferSyntaxUid = reader.Text(GrainCallLimits.MaxTextBytes),
        Hash = ReadHash(reader),
        Object = new ObjectKey(reader.Text(MaxObjectKey)),
        ObjectLength = reader.Size(),
        DataSetOffset = reader.Size(),
        ObjectChecksum = ReadChecksum(reader),
        IsDamaged = reader.Bool(),
        StoredAt = reader.Time(),
        AddedRevision = reader.Int32(),
        ChangedRevision = reader.Int32(),
    };

    private static ulong? ReadChecksum(WireReader reader)
    {
        bool isThere = reader.Bool();
        ulong checksum = unchecked((ulong)reader.Int64());
        return isThere ? checksum : null;
    }
}
