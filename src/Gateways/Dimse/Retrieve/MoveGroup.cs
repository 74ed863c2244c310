using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Scu;

namespace ImagingIngestion.Gateways.Dimse.Retrieve;

/// <summary>What one association to a move destination can take, because that has 128 presentation contexts at most (PS3.8 section 9.3.2.2).</summary>
/// <param name="Contexts">One for each SOP class and transfer syntax, so that the destination can take each or not.</param>
/// <param name="Items">The instances that they are for.</param>
internal sealed record MoveGroup(IReadOnlyList<ProposedContext> Contexts, IReadOnlyList<RetrieveItem> Items)
{
    public const int MaxContexts = 128;

    /// <summary>As few groups as it takes with the SOP classes in order of appearance; nearly always one.</summary>
    public static IReadOnlyList<MoveGroup> Of(IReadOnlyList<RetrieveItem> items)
    {
        List<List<(string SopClass, string Syntax)>> groups = [];
        Dictionary<string, int> groupOfClass = [];
        foreach (IGrouping<string, string> sopClass in items.Select(item => (item.SopClassUid, item.TransferSyntaxUid)).Distinct().GroupBy(pair => pair.SopClassUid, pair => pair.TransferSyntaxUid))
        {
            // Stored syntaxes come first, because they are the last to be left out.
            (string, string)[] needs = [.. sopClass.Concat(sopClass.SelectMany(syntax => StorageContexts.Syntaxes(syntax))).Distinct().Take(MaxContexts).Select(syntax => (sopClass.Key, syntax))];
            if (groups.Count == 0 || groups[^1].Count + needs.Length > MaxContexts)
            {
                groups.Add([]);
            }

            groups[^1].AddRange(needs);
            groupOfClass[sopClass.Key] = groups.Count - 1;
        }

        return [.. groups.Select((needs, number) => new MoveGroup(
            [.. needs.Select((need, index) => new ProposedContext((byte)((2 * index) + 1), need.SopClass, [need.Syntax]))],
            groups.Count == 1 ? items : [.. items.Where(item => groupOfClass[item.SopClassUid] == number)]))];
    }
}
