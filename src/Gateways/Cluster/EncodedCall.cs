using ImagingIngestion.Grains.Cluster;

namespace ImagingIngestion.Gateways.Cluster;

/// <summary>A call as it goes out, the same for every attempt.</summary>
public sealed class EncodedCall
{
    private EncodedCall(ReadOnlyMemory<byte> body)
    {
        Body = body;
        BodyHash = CallSeal.HashOf(body.Span);
    }

    /// <summary>A call without content.</summary>
    public static EncodedCall Empty { get; } = new(default);

    public ReadOnlyMemory<byte> Body { get; }

    public string BodyHash { get; }

    public static EncodedCall Of(GrainCall call) => new(GrainCallCodec.Encode(call));
}
