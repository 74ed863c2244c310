using System.Globalization;
using ImagingIngestion.Hosting.Commands;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Hosting.Sweep;

/// <summary>Reads and verifies all objects for an operator, and lists those that are known to be damaged.</summary>
/// <param name="ledger">Lists the instances.</param>
/// <param name="names">Tells what is named still.</param>
/// <param name="objects">The objects.</param>
/// <param name="damaged">Takes the flags.</param>
/// <param name="space">The storage space.</param>
/// <param name="time">The clock.</param>
/// <param name="output">One line for each finding, the progress, and a summary.</param>
public sealed class DamageCheck(
    IContentLedger ledger, ISweepLedger names, IObjectStore objects, IDamagedObjects damaged, ProviderName space, TimeProvider time,
    TextWriter output)
{
    private const string Name = "command";
    private const int Batch = 32;
    private const int ListBatch = 500;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(10);

    private readonly TextWriter _output = TextWriter.Synchronized(output);

    /// <summary>Reads every object; true when none is damaged and all could be read.</summary>
    /// <param name="order">How fast, and whether to begin anew.</param>
    /// <param name="cancellationToken">Gives up; the next run goes on from there.</param>
    /// <exception cref="ManifestUnavailableException">The manifest cannot be asked.</exception>
    /// <exception cref="ObjectStoreException">The object store cannot be asked.</exception>
    public async Task<bool> ReadAsync(CheckOrder order, CancellationToken cancellationToken)
    {
        // In an empty folder, as where a volume is not mounted, every object would look lost.
        await new StoreMark(names, objects, space).OpenAsync(writes: false, cancellationToken);
        if (order.Restarts)
        {
            await ledger.SaveProgressAsync(space, Name, null, cancellationToken);
        }
        else if (await ledger.ReadProgressAsync(space, Name, cancellationToken) is { } earlier)
        {
            await WriteAsync(
                $"Goes on behind {earlier.Objects} objects that were verified since {earlier.BegunAt.UtcDateTime:u}; --restart begins anew.",
                cancellationToken);
        }

        long total = await ledger.CountAsync(space, cancellationToken);
        DamageReports reports = new(damaged, NullLogger<DamageReports>.Instance);
        ContentCheck check = new(ledger, names, objects, damaged, reports, space, new ReadRate(order.BytesPerSecond, time))
        {
            Tell = (key, what) => _output.WriteLine($"{key}  {what}"),
        };
        long? told = null;
        await check.RunAsync(Name, time.GetUtcNow(), Next, cancellationToken);
        ContentCounts counts = check.Counts;
        await WriteAsync(
            $"Verified {counts.Objects} objects: {counts.Damaged} are damaged, {counts.Unreadable} cannot be read, {counts.Restored} are "
                + $"good again, {counts.Checksums} were given a checksum.",
            cancellationToken);
        return counts is { Damaged: 0, Unreadable: 0 };

        int Next(ContentProgress progress)
        {
            if (progress.Objects > 0 && (told is null || time.GetElapsedTime(told.Value) >= ProgressInterval))
            {
                told = time.GetTimestamp();
                _output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {progress.Objects} of {total} objects; {check.Counts.Bytes >> 20} MiB read, {check.Counts.Damaged} damaged"));
            }

            return Batch;
        }
    }

    /// <summary>Lists the objects that are flagged as damaged; true when there are none.</summary>
    /// <exception cref="ManifestUnavailableException">The manifest cannot be asked.</exception>
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
