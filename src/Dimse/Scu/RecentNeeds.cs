namespace ImagingIngestion.Dimse.Scu;

/// <summary>
/// The contexts that were needed lately, the latest first: what an association proposes besides what it is opened for, so that what comes
/// in turns finds one association that covers it all. Not safe for several threads.
/// </summary>
internal sealed class RecentNeeds
{
    /// <summary>Presentation context IDs are the odd numbers of a byte (PS3.8 section 9.3.2.2).</summary>
    private const int Most = 128;

    private readonly LinkedList<ContextNeed> _needs = new();

    /// <summary>Notes needs and answers all, these first.</summary>
    public IReadOnlyList<ContextNeed> Add(IReadOnlyList<ContextNeed> needs)
    {
        foreach (ContextNeed need in needs.Reverse())
        {
            _needs.Remove(need);
            _needs.AddFirst(need);
        }

        while (_needs.Count > Most)
        {
            _needs.RemoveLast();
        }

        return [.. _needs];
    }
}
