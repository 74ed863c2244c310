namespace ImagingIngestion.Gateways.Qido;

/// <summary>How many rows one search answers with. The rest is announced by a Warning header and fetched with <c>offset</c>.</summary>
public sealed record QidoOptions
{
    /// <summary>
    /// Rows of <c>/studies</c>, <c>/series</c> and <c>/instances</c> where the request names no limit. Searches within a study answer with
    /// <see cref="MaxLimit"/>.
    /// </summary>
    public int DefaultLimit { get; init; } = 1_000;

    /// <summary>The most rows of one answer, whatever the request asks for: a page is held in memory.</summary>
    public int MaxLimit { get; init; } = 10_000;
}
