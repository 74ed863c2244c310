using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Grains.Cluster;

/// <summary>The bytes of an answer: version, kind, then the fields of the kind.</summary>
public static class GrainAnswerCodec
{
    private const int MaxDetail = 300;

    public static ReadOnlyMemory<byte> Encode(GrainAnswer answer)
    {
        WireWriter writer = new(512);
        writer.Byte(GrainCallLimits.Version);
        writer.Byte((byte)answer.Kind);
        switch (answer.Kind)
        {
            case GrainAnswerKind.Stored:
                StoreAnswer store = answer.Store
                    ?? throw new ArgumentException("It does not say what became of the instance.", nameof(answer));
                writer.Byte((byte)store.Outcome);
                writer.Bool(store.Committed is not null);
                if (store.Committed is not null)
                {
                    WireIdentity.Write(writer, store.Committed);
                }

                break;
            case GrainAnswerKind.Deleted:
                writer.Int32(answer.Deleted);
                break;
            case GrainAnswerKind.Revised:
                writer.Bool(answer.IsClosed);
                break;
            case GrainAnswerKind.Overloaded:
                writer.Int32((int)Math.Clamp(answer.RetryAfter.TotalMilliseconds, 0, GrainCallLimits.MaxPatience.TotalMilliseconds));
                break;
        }

        writer.Text(answer.Detail.Length > MaxDetail ? answer.Detail[..MaxDetail] : answer.Detail);
        return writer.Written;
    }

    /// <exception cref="InvalidDataException">It is of another version, or no answer.</exception>
    /// <exception cref="FormatException">An identity in it is not valid.</exception>
    public static GrainAnswer Decode(ReadOnlyMemory<byte> bytes)
    {
        WireReader reader = new(bytes);
        WireVersion.Check(reader.Byte());
        GrainAnswerKind kind = (GrainAnswerKind)reader.Byte();
        if (!Enum.IsDefined(kind))
        {
            throw new InvalidDataException($"Answers of kind {(byte)kind} are not known.");
        }

        GrainAnswer answer = new GrainAnswer(kind)
        {
            Store = kind == GrainAnswerKind.Stored ? ReadStore(reader) : null,
            Deleted = kind == GrainAnswerKind.Deleted ? reader.Int32() : 0,
            IsClosed = kind == GrainAnswerKind.Revised && reader.Bool(),
            RetryAfter = kind == GrainAnswerKind.Overloaded ? ReadDelay(reader) : TimeSpan.Zero,
            Detail = reader.Text(GrainCallLimits.MaxTextBytes),
        };
        reader.End();
        return answer;
    }

    private static StoreAnswer ReadStore(WireReader reader)
    {
        StoreAnswer.Kind outcome = (StoreAnswer.Kind)reader.Byte();
        return Enum.IsDefined(outcome)
            ? new StoreAnswer(outcome, reader.Bool() ? WireIdentity.ReadState(reader) : null)
            : throw new InvalidDataException($"The outcome {(byte)outcome} is not known.");
    }

    private static TimeSpan ReadDelay(WireReader reader)
        => TimeSpan.FromMilliseconds(Math.Clamp(reader.Int32(), 0, (int)GrainCallLimits.MaxPatience.TotalMilliseconds));
}
