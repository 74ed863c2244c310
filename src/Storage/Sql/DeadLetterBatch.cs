namespace ImagingIngestion.Storage.Sql;

/// <summary>How many dead letters one transaction changed, and the id of the last.</summary>
internal readonly record struct DeadLetterBatch(int Count, long Last)
{
    /// <summary>
    /// Changes one letter, or all of them in batches. It goes through the ids once, so that a letter that dies again meanwhile is left as
    /// it is.
    /// </summary>
    /// <param name="id">The letter; null for all.</param>
    /// <param name="size">The most that one batch changes.</param>
    /// <param name="change">Changes the first ones of a range of ids.</param>
    /// <param name="cancellationToken">Ends it after a batch, or within one.</param>
    /// <returns>How many were changed.</returns>
    public static async Task<int> RunAllAsync(
        long? id,
        int size,
        Func<(long After, long Through), CancellationToken, Task<DeadLetterBatch>> change,
        CancellationToken cancellationToken)
    {
        (long After, long Through) rest = (id - 1 ?? 0, id ?? long.MaxValue);
        for (int count = 0; ;)
        {
            DeadLetterBatch batch = await change(rest, cancellationToken).ConfigureAwait(false);
            count += batch.Count;
            if (batch.Count < size)
            {
                return count;
            }

            rest.After = batch.Last;
        }
    }
}
