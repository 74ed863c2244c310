namespace ImagingIngestion.TestData;

/// <summary>What storing a file must lead to.</summary>
public enum Expectation
{
    /// <summary>Well formed: storing it succeeds.</summary>
    Store,

    /// <summary>Odd: stored or refused with a reason, but no crash, no hang and nothing half stored.</summary>
    Either,

    /// <summary>It cannot be a stored instance: refused, and the service lives on.</summary>
    Reject,
}
