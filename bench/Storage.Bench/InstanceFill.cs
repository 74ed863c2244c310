using System.Diagnostics;
using System.Globalization;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Settings;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Storage.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Storage.Bench;

/// <summary>
/// Fills the manifest of a stopped server with instances as ingest writes them, and waits until their events are numbered.
/// </summary>
internal static class InstanceFill
{
    private const int EventsOfInstance = 2;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <param name="instances">The number of instances, a multiple of <see cref="StudyFill.InstancesPerStudy"/>.</param>
    /// <param name="file">The SQLite file; null for the PostgreSQL database that the server's environment variables name.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<int> RunAsync(int instances, string? file, CancellationToken cancellationToken)
    {
        if (file is not null)
        {
            await using SqliteManifestStore sqlite = SqliteManifestStore.Open(file, TimeProvider.System);
            await FillAsync(sqlite, sqlite.Events, instances, cancellationToken);
            return 0;
        }

        ProcessSettings settings = ProcessSettings.Read(
            new ConfigurationBuilder().AddEnvironmentVariables().Build(), DatabaseOptions.Section);
        DatabaseOptions database = settings.Get<DatabaseOptions>();
        ServiceCollection services = new();
        settings.AddTo(services);
        await using ServiceProvider provider = services.BuildServiceProvider();
        IReadOnlyList<string> mistakes = ProcessSettings.Validate(provider);
        if (!database.IsPostgres || mistakes.Count > 0)
        {
            await Console.Error.WriteLineAsync(
                string.Join('\n', mistakes.Prepend("Give a SQLite file, or DB_KIND=postgresql and what belongs to it.")));
            return 1;
        }

        await using PostgresManifestStore postgres =
            await PostgresManifestStore.OpenAsync(database, Supervision.Of(TimeProvider.System), cancellationToken);
        await FillAsync(postgres, postgres.Events, instances, cancellationToken);
        return 0;
    }

    private static async Task FillAsync(IManifestStore store, IEventLog events, int instances, CancellationToken cancellationToken)
    {
        long began = Stopwatch.GetTimestamp();
        long numbered = (await events.GetBoundsAsync(cancellationToken)).Latest;
        await StudyFill.RunAsync(store, instances / StudyFill.InstancesPerStudy, cancellationToken);
        Report("written", instances, began);

        using PeriodicTimer timer = new(Poll);
        while ((await events.GetBoundsAsync(cancellationToken)).Latest < numbered + ((long)instances * EventsOfInstance))
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }

        Report("and their events numbered", instances, began);
    }

    private static void Report(string what, int instances, long began)
        => Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{instances} instances {what} after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s"));
}
