using System.Globalization;
using ImagingIngestion.Hosting.Commands;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Hosting.Sweep;

/// <summary>Reads and verifies all objects for an operator, and lists the damaged ones.</summary>
/// <param name="ledger">Lists the instances.</param>
/// <param name="names">Knows which objects rows name.</param>
/// <param name="objects">The objects.</param>
/// <param name="damaged">Keeps the flags.</param>
/// <param name="space">The storage space.</param>
/// <param name="time">The clock.</param>
/// <param name="output">Gets one line for each finding, the progress, and a summary.</param>
public sealed class DamageCheck(
    IContentLedger ledger, ISweepLedger names, IObjectStore objects, IDamagedObjects damaged, ProviderName space, TimeProvider time,
    TextWriter output)
{
    private const string Name = "command";
    private const int Batch = 32;
    private const int ListBatch = 500;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(10);

    private readonly TextWriter _output = TextWriter.Synchronized(output);

    /// <summary>Reads every object; returns true if all are readable and undamaged.</summary>
    /// <param name="order">How fast to read, and whether to start over.</param>
    /// <param name="cancellationToken">Cancels; the next run continues from there.</param>
    /// <exception cref="ManifestUnavailableException">The manifest is not available.</exception>
    /// <exception cref="ObjectStoreException">The object store is not available.</exception>
    public async Task<bool> ReadAsync(CheckOrder order, CancellationToken cancellationToken)
    {
        // In an empty folder, such as an unmounted volume, every object would seem lost.
        await new StoreMark(names, objects, space).OpenAsync(writes: false, cancellationToken);
        if (order.Restarts)
        {
            await ledger.SaveProgressAsync(space, Name, null, cancellationToken);
        }
        else if (await ledger.ReadProgressAsync(space, Name, cancellationToken) is { } earlier)
        {
            await WriteAsync(
                $"Continues after {earlier.Objects} objects verified since {earlier.BegunAt.UtcDateTime:u}; --restart starts over.",
                cancellationToken);
        }

        long total = await ledger.CountAsync(space, cancellationToken);
        DamageReports reports = new(damaged, NullLogger<DamageReports>.Instance);
        ContentCheck check = new(ledger, names, objects, damaged, reports, space, new ReadRate(order.BytesPerSecond, time))
        {
            Report = (key, what) => _output.WriteLine($"{key}  {what}"),
        };
        long? reportedAt = null;
        await check.RunAsync(Name, time.GetUtcNow(), Next, cancellationToken);
        ContentCounts counts = check.Counts;
        await WriteAsync(
            $"Verified {counts.Objects} objects: {counts.Damaged} are damaged, {counts.Unreadable} cannot be read, {counts.Restored} are "
                + $"good again, {counts.Checksums} were given a checksum.",
            cancellationToken);
        return counts is { Damaged: 0, Unreadable: 0 };

        int Next(ContentProgress progress)
        {
            if (progress.Objects > 0 && (reportedAt is null || time.GetElapsedTime(reportedAt.Value) >= ProgressInterval))
            {
                reportedAt = time.GetTimestamp();
                _output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {progress.Objects} of {total} objects; {check.Counts.Bytes >> 20} MiB read, {check.Counts.Damaged} damaged"));
            }

            return Batch;
        }
    }

    /// <summary>Lists the objects that are flagged as damaged; returns true if there are none.</summary>
    /// <exception cref="ManifestUnavailableException">The manifest is not available.</exception>
    public async Task<bool> ListAsync(CancellationToken cancellationToken)
    {
        long count = 0;
        ObjectKey last = default;
        while (await ledger.ListDamagedAsync(space, last, ListBatch, cancellationToken) is { Count: > 0 } page)
        {
            foreach (ListedInstance instance in page)
            {
                await WriteAsync(
                    $"damaged  {instance.State.Object}  "
                        + $"studies/{instance.Study}/series/{instance.State.Id.Series}/instances/{instance.State.Id.Sop}",
                    cancellationToken);
            }

            count += page.Count;
            last = page[^1].State.Object;
        }

        await WriteAsync(
            count == 0
                ? "No object is flagged as damaged."
                : $"{count} objects are flagged as damaged: send their instances again, or restore the objects and run 'check --content'.",
            cancellationToken);
        return count == 0;
    }

    private Task WriteAsync(string line, CancellationToken cancellationToken)
        => _output.WriteLineAsync(line.AsMemory(), cancellationToken);
}
