using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ImagingIngestion.Gateways.Http;

/// <summary>
/// Chooses a representation by the <c>accept</c> query parameter, then by the Accept header (PS3.18 sections 8.3.3.1 and 8.7.5).
/// </summary>
/// <remarks>
/// Without either the first offer is chosen. The highest quality wins, then the more specific range, then the order of the header, then
/// that of the offers.
/// </remarks>
public static class AcceptNegotiation
{
    /// <param name="request">The request.</param>
    /// <param name="offers">The representations of the resource, the default first.</param>
    public static Negotiation Choose(HttpRequest request, params IReadOnlyList<Representation> offers)
        => Choose(request.Query["accept"], request.Headers.Accept, offers);

    public static Negotiation Choose(StringValues query, StringValues header, IReadOnlyList<Representation> offers)
    {
        IReadOnlyList<MediaRange> inQuery = MediaRange.ParseList(query.Select(RestorePlus));
        IReadOnlyList<MediaRange> inHeader = MediaRange.ParseList(header);
        if (inQuery.Count + inHeader.Count == 0)
        {
            return IsBlank(query) && IsBlank(header) ? Best([AnyRange], offers) : Negotiation.BadRequest;
        }

        if (MixesRenderedWithDicom(inQuery.Count > 0 ? inQuery : inHeader))
        {
            return Negotiation.BadRequest;
        }

        Negotiation first = Best(inQuery, offers);
        return first.Chosen is null ? Best(inHeader, offers) : first;
    }

    private static MediaRange AnyRange { get; } = new(new MediaType("*", "*", []), 1);

    /// <summary>Writes the 400 or 406 of a negotiation that chose nothing, and names the representations that are available.</summary>
    public static Task WriteRefusalAsync(HttpContext context, Negotiation negotiation, IReadOnlyList<Representation> offers)
    {
        string offered = string.Join(", ", offers.Select(Describe).Distinct());
        return negotiation.Status == StatusCodes.Status400BadRequest
            ? Problem.WriteAsync(
                context,
                400,
                "Accept cannot be read",
                $"The Accept header names no media type, or mixes DICOM with rendered types. Ask for one of: {offered}.")
            : Problem.WriteAsync(
                context,
                406,
                "No acceptable representation",
                $"Nothing that the Accept header allows can be sent. Ask for one of: {offered}.");
    }

    private static string Describe(Representation offer)
    {
        string type = offer.IsMultipart ? $"multipart/related; type=\"{offer.MediaType}\"" : offer.MediaType;
        return offer.TransferSyntaxes is { Count: > 0 } uids ? $"{type}; transfer-syntax={uids[0]}" : type;
    }

    private static Negotiation Best(IReadOnlyList<MediaRange> ranges, IReadOnlyList<Representation> offers)
    {
        Negotiation best = Negotiation.NotAcceptable;
        (double Quality, int Specificity, int Order) bestRank = (0, 0, 0);
        foreach (Representation offer in offers)
        {
            TransferSyntaxPreference syntaxes = new(ranges.Where(range => range.Covers(offer)));
            (double Quality, int Specificity, int Order) rank = Rank(ranges, offer);
            string? uid = null;
            if (rank.Quality > 0 && offer.TransferSyntaxes is { } available)
            {
                (uid, rank.Quality) = syntaxes.ChooseWithQuality(available, offer.DefaultTransferSyntax);
            }

            if (rank.Quality > 0 && rank.CompareTo(bestRank) > 0)
            {
                bestRank = rank;
                best = new Negotiation(offer, uid, syntaxes, StatusCodes.Status200OK);
            }
        }

        return best;
    }

    /// <summary>Returns quality and place of the ranges that cover the offer most specifically.</summary>
    /// <remarks>Larger is better; an offer of quality 0 is not acceptable.</remarks>
    private static (double Quality, int Specificity, int Order) Rank(IReadOnlyList<MediaRange> ranges, Representation offer)
    {
        (double Quality, int Specificity, int Order) rank = (0, -1, 0);
        for (int index = 0; index < ranges.Count; index++)
        {
            MediaRange range = ranges[index];
            if (range.Covers(offer)
                && (range.Specificity > rank.Specificity || (range.Specificity == rank.Specificity && range.Quality > rank.Quality)))
            {
                rank = (range.Quality, range.Specificity, -index);
            }
        }

        return rank;
    }

    private static bool MixesRenderedWithDicom(IReadOnlyList<MediaRange> ranges)
        => ranges.Any(range => !range.Type.IsMultipart && range.Type.Type is "image" or "video")
            && ranges.Any(
                range => (range.Inner ?? range.Type).Essence is "application/dicom" or "application/dicom+json" or "application/dicom+xml");

    private static bool IsBlank(StringValues values) => values.All(string.IsNullOrWhiteSpace);

    /// <summary>In a query a plus sign that was not percent-encoded arrives as a blank.</summary>
    private static string? RestorePlus(string? text)
        => text?.Replace("dicom json", "dicom+json", StringComparison.OrdinalIgnoreCase).Replace(
            "dicom xml", "dicom+xml", StringComparison.OrdinalIgnoreCase);
}

/// <summary>One way in which a resource can be sent.</summary>
/// <param name="MediaType">Type and subtype; for multipart that of the parts.</param>
/// <param name="IsMultipart">Sent as multipart/related with parts of the type.</param>
public sealed record Representation(string MediaType, bool IsMultipart)
{
    /// <summary>
    /// The transfer syntaxes that can be sent, the stored one first; null if they are chosen for each instance, or do not apply.
    /// </summary>
    public IReadOnlyList<string>? TransferSyntaxes { get; init; }

    /// <summary>The transfer syntax for a client that names none (PS3.18 tables 8.7.3-2 and following).</summary>
    public string DefaultTransferSyntax { get; init; } = "1.2.840.10008.1.2.1";
}

/// <summary>The result of choosing a representation.</summary>
/// <param name="Chosen">The representation to send; null if the answer is <see cref="Status"/>.</param>
/// <param name="TransferSyntaxUid">The transfer syntax to send if the representation lists any, else null.</param>
/// <param name="Syntaxes">What the client takes, for choices instance by instance.</param>
/// <param name="Status">200, 400 (the Accept header names no media type, or mixes DICOM with rendered types) or 406.</param>
public sealed record Negotiation(Representation? Chosen, string? TransferSyntaxUid, TransferSyntaxPreference Syntaxes, int Status)
{
    internal static Negotiation NotAcceptable { get; } = new(
        null, null, TransferSyntaxPreference.Unspecified, StatusCodes.Status406NotAcceptable);

    internal static Negotiation BadRequest { get; } = new(
        null, null, TransferSyntaxPreference.Unspecified, StatusCodes.Status400BadRequest);
}

/// <summary>One element of an Accept header (RFC 9110 section 12.5.1).</summary>
/// <param name="Type">The range; type and subtype may be '*'.</param>
/// <param name="Quality">0 (not acceptable) to 1.</param>
public sealed record MediaRange(MediaType Type, double Quality)
{
    private const int MaxRanges = 64;

    /// <summary>The type of the parts that multipart/related asks for; null if the range is not multipart or names none.</summary>
    public MediaType? Inner { get; } = Type.IsMultipart ? Type.RelatedType : null;

    /// <summary>
    /// The <c>transfer-syntax</c> parameters, '*' for "as stored" (PS3.18 section 8.7.3.5.2); empty if the client leaves it to the default.
    /// </summary>
    public IReadOnlyList<string> TransferSyntaxes { get; } = ReadTransferSyntaxes(Type);

    /// <summary>Higher is more specific: 0 any, 1 a whole type, 2 multipart of anything, 3 a full type.</summary>
    public int Specificity => Type.Type == "*" ? 0
        : Type.Subtype == "*" ? 1
        : !Type.IsMultipart ? 3
        : Inner is null || Inner.Type == "*" ? 2
        : Inner.Subtype == "*" ? 2 : 3;

    /// <summary>Returns whether the range covers a representation, whatever its transfer syntax.</summary>
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

    /// <summary>Reads the lines of a header as one list; elements that are no media range are skipped.</summary>
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

/// <summary>The transfer syntaxes that a client takes for the chosen representation, with their quality.</summary>
public sealed class TransferSyntaxPreference
{
    private readonly List<(string? Uid, double Quality)> _entries = [];

    /// <summary>The preference of a client that names no transfer syntax.</summary>
    public static TransferSyntaxPreference Unspecified { get; } = new([]);

    /// <param name="ranges">The ranges that cover the representation.</param>
    internal TransferSyntaxPreference(IEnumerable<MediaRange> ranges)
    {
        foreach (MediaRange range in ranges)
        {
            if (range.TransferSyntaxes.Count == 0)
            {
                _entries.Add((null, range.Quality));
            }

            foreach (string uid in range.TransferSyntaxes)
            {
                _entries.Add((uid, range.Quality));
            }
        }

        if (_entries.Count == 0)
        {
            _entries.Add((null, 1));
        }
    }

    /// <summary>The transfer syntax UIDs that the client names, '*' among them, for an answer that repeats the request.</summary>
    public IEnumerable<string> Named => _entries.Where(entry => entry.Uid is not null).Select(entry => entry.Uid!);

    /// <summary>Returns the transfer syntax with the highest quality; null, and 406 is due, if the client takes none of them.</summary>
    /// <remarks>At equal quality the order of <paramref name="available"/> counts: the stored one first, to avoid transcoding.</remarks>
    public string? Choose(IReadOnlyList<string> available, string defaultUid) => ChooseWithQuality(available, defaultUid).Uid;

    internal (string? Uid, double Quality) ChooseWithQuality(IReadOnlyList<string> available, string defaultUid)
    {
        (string? Uid, double Quality) best = (null, 0);
        foreach (string uid in available)
        {
            double quality = Quality(uid, defaultUid);
            if (quality > best.Quality)
            {
                best = (uid, quality);
            }
        }

        return best;
    }

    private double Quality(string uid, string defaultUid)
    {
        double? named = Best(entry => entry == uid);
        double? open = uid == defaultUid ? Best(entry => entry is null) : null;
        return named ?? Max(open, Best(entry => entry == "*")) ?? 0;
    }

    private double? Best(Func<string?, bool> matches)
    {
        double? best = null;
        foreach ((string? uid, double quality) in _entries)
        {
            best = matches(uid) ? Max(best, quality) : best;
        }

        return best;
    }

    private static double? Max(double? left, double? right) => left is null ? right : right is null || left > right ? left : right;
}
