namespace ImagingIngestion.Gateways.Http;

/// <summary>Which transfer syntaxes a client takes for the representation that was chosen, and how gladly.</summary>
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

    /// <summary>The transfer syntax UIDs that the client names, for an answer that has to say what was asked; '*' among them.</summary>
    public IEnumerable<string> Named => _entries.Where(entry => entry.Uid is not null).Select(entry => entry.Uid!);

    /// <summary>
    /// The best of what can be sent: highest quality, at equal quality the order of <paramref name="available"/> (the stored one first, so
    /// that nothing is transcoded unasked). Null when the client takes none of them: 406.
    /// </summary>
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
