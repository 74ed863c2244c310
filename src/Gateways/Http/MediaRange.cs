using System.Globalization;

namespace ImagingIngestion.Gateways.Http;

/// <summary>One element of an Accept header (RFC 9110 section 12.5.1).</summary>
/// <param name="Type">The range; type and subtype may be '*'.</param>
/// <param name="Quality">0 (not acceptable) to 1.</param>
public sealed record MediaRange(MediaType Type, double Quality)
{
    private const int MaxRanges = 64;

    /// <summary>What multipart/related asks for inside; null when the range is not multipart or leaves it open.</summary>
    public MediaType? Inner { get; } = Type.IsMultipart ? Type.RelatedType : null;

    /// <summary>
    /// The <c>transfer-syntax</c> parameters, '*' for "as stored" (PS3.18 section 8.7.3.5.2); empty when the client leaves it to the
    /// default.
    /// </summary>
    public IReadOnlyList<string> TransferSyntaxes { get; } = ReadTransferSyntaxes(Type);

    /// <summary>Higher is more specific: 0 any, 1 a whole type, 2 multipart of anything, 3 a full type.</summary>
    public int Specificity => Type.Type == "*" ? 0
        : Type.Subtype == "*" ? 1
        : !Type.IsMultipart ? 3
        : Inner is null || Inner.Type == "*" ? 2
        : Inner.Subtype == "*" ? 2 : 3;

    /// <summary>Whether the range covers a representation, its transfer syntax aside.</summary>
    public bool Covers(Representation representation)
    {
        if (Type.Type == "*")
        {
            return true;
        }

        if (Type.IsMultipart)
        {
            return representation.IsMultipart
                && Type.Subtype is "related" or "*"
                && (Inner is null || CoversType(Inner, representation.MediaType));
        }

        return !representation.IsMultipart && CoversType(Type, representation.MediaType);
    }

    /// <summary>Reads the lines of a header as one list; elements that are no media range are left out.</summary>
    public static IReadOnlyList<MediaRange> ParseList(IEnumerable<string?> lines)
    {
        List<MediaRange> ranges = [];
        foreach (string? line in lines)
        {
            int position = 0;
            while (line is not null && position < line.Length && ranges.Count < MaxRanges)
            {
                if (MediaTypeScanner.TryScan(line, ref position, out MediaType? type))
                {
                    ranges.Add(new MediaRange(type, ReadQuality(type["q"])));
                }

                position++;
            }
        }

        return ranges;
    }

    private static bool CoversType(MediaType range, string essence)
        => range.Type == "*" || (range.Subtype == "*"
            ? essence.StartsWith(range.Type + "/", StringComparison.OrdinalIgnoreCase)
            : range.Essence.Equals(essence, StringComparison.OrdinalIgnoreCase));

    private static double ReadQuality(string? text)
        => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double quality)
            ? Math.Clamp(quality, 0, 1)
            : 1;

    private static List<string> ReadTransferSyntaxes(MediaType type)
    {
        List<string> uids = [];
        foreach ((string name, string value) in type.Parameters)
        {
            if (name == "transfer-syntax")
            {
                uids.AddRange(value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
            }
        }

        return uids;
    }
}
