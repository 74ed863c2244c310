using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Grains.Cluster;

/// <summary>
/// The bytes of a call: version, kind, study, then the fields of the kind. A field is never changed in its place: another form is another
/// <see cref="GrainCallLimits.Version"/>, which the receiver understands before anybody sends it.
/// </summary>
public static class GrainCallCodec
{
    private const byte StoreKind = 1;
    private const byte DeleteKind = 2;
    private const byte ReviseKind = 3;
    private const int SmallCall = 8 * 1024;

    /// <summary>Bytes that the encoded call takes, roughly.</summary>
    public static int EstimateBytes(GrainCall call)
        => call is StoreCall store
            ? SmallCall + store.Arrival.Content.Metadata.Length + store.Arrival.Content.Layout.Length
            : SmallCall / 8;

    /// <exception cref="InvalidDataException">It is larger than any silo takes.</exception>
    public static ReadOnlyMemory<byte> Encode(GrainCall call)
    {
        WireWriter writer = new(EstimateBytes(call));
        writer.Byte(GrainCallLimits.Version);
        switch (call)
        {
            case StoreCall store:
                writer.Byte(StoreKind);
                WireIdentity.Write(writer, call.Study);
                WriteArrival(writer, store.Arrival);
                break;
            case DeleteCall delete:
                writer.Byte(DeleteKind);
                WireIdentity.Write(writer, call.Study);
                writer.OptionalText(delete.Request.Series?.Value);
                writer.OptionalText(delete.Request.Sop?.Value);
                break;
            case ReviseCall revise:
                writer.Byte(ReviseKind);
                WireIdentity.Write(writer, call.Study);
                writer.Int32(revise.Claim.Revision);
                writer.Int64(revise.Claim.Token);
                break;
            default:
                throw new ArgumentException("No such call is known.", nameof(call));
        }

        return writer.Written.Length <= GrainCallLimits.MaxCallBytes
            ? writer.Written
            : throw new InvalidDataException(
                $"The call of {writer.Written.Length} bytes is larger than a silo takes ({GrainCallLimits.MaxCallBytes}).");
    }

    /// <summary>Reads a call; its byte values go on being part of the given memory.</summary>
    /// <exception cref="InvalidDataException">It is of another version, or no call.</exception>
    /// <exception cref="FormatException">An identity in it is not valid.</exception>
    public static GrainCall Decode(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > GrainCallLimits.MaxCallBytes)
        {
            throw new InvalidDataException(
                $"A call of {bytes.Length} bytes is larger than the {GrainCallLimits.MaxCallBytes} that are taken.");
        }

        WireReader reader = new(bytes);
        WireVersion.Check(reader.Byte());
        byte kind = reader.Byte();
        StudyKey study = WireIdentity.ReadStudy(reader);
        GrainCall call = kind switch
        {
            StoreKind => new StoreCall(ReadArrival(study, reader)),
            DeleteKind => new DeleteCall(study, ReadDelete(reader)),
            ReviseKind => new ReviseCall(new RevisionClaim(study, reader.Int32(), reader.Int64())),
            _ => throw new InvalidDataException($"Calls of kind {kind} are not known."),
        };
        reader.End();
        return call;
    }

    private static void WriteArrival(WireWriter writer, InstanceArrival arrival)
    {
        WireIdentity.Write(writer, arrival.State);
        writer.Time(arrival.UploadBegan);
        writer.OptionalText(arrival.CallingAeTitle);
        writer.OptionalText(arrival.DamagedObject?.Value);
        writer.Bool(arrival.Comparison is not null);
        if (arrival.Comparison is { } comparison)
        {
            WireIdentity.Write(writer, comparison.Stored);
            writer.Bool(comparison.IsEqual);
        }

        WireAttributes.Write(writer, arrival.StudyAttributes);
        WireAttributes.Write(writer, arrival.SeriesAttributes);
        WireAttributes.Write(writer, arrival.Content.Attributes);
        writer.Bytes(arrival.Content.Metadata.Span);
        writer.Bytes(arrival.Content.Layout.Span);
    }

    private static InstanceArrival ReadArrival(StudyKey study, WireReader reader) => new()
    {
        Study = study,
        State = WireIdentity.ReadState(reader),
        UploadBegan = reader.Time(),
        CallingAeTitle = reader.OptionalText(GrainCallLimits.MaxTextBytes),
        DamagedObject = reader.OptionalText(WireIdentity.MaxObjectKey) is { } damaged ? new ObjectKey(damaged) : null,
        Comparison = reader.Bool() ? new ContentComparison(WireIdentity.ReadHash(reader), reader.Bool()) : null,
        StudyAttributes = WireAttributes.Read(reader),
        SeriesAttributes = WireAttributes.Read(reader),
        Content = new InstanceContent
        {
            Attributes = WireAttributes.Read(reader),
            Metadata = reader.Bytes(GrainCallLimits.MaxCallBytes),
            Layout = reader.Bytes(GrainCallLimits.MaxCallBytes),
        },
    };

    private static DeleteRequest ReadDelete(WireReader reader)
    {
        string? series = reader.OptionalText(DicomUid.MaxLength);
        string? sop = reader.OptionalText(DicomUid.MaxLength);
        return new DeleteRequest(series is null ? null : new SeriesInstanceUid(series), sop is null ? null : new SopInstanceUid(sop));
    }
}
