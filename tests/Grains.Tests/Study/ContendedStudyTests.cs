using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Storage.TestKit;
using ImagingIngestion.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ImagingIngestion.Grains.Tests.Study;

/// <summary>Another client of the database locks the row of one study.</summary>
public sealed class ContendedStudyTests : IAsyncLifetime
{
    private PostgresServer? _server;
    private string _database = "";

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.SharedAsync();
        _database = await _server.CreateDatabaseAsync();
    }

    public Task DisposeAsync() => _server!.DropDatabaseAsync(_database);

    /// <summary>The smallest allowed pool has one connection for commits.</summary>
    [ToolTheory(Tools.Postgres)]
    [InlineData(4)]
    [InlineData(20)]
    public async Task It_is_committed_beside_the_groups_while_others_commit(int maxConnections)
    {
        Supervision supervision = Supervision.Of(TimeProvider.System);
        await using PostgresManifestStore store =
            await PostgresManifestStore.OpenAsync(_server!.Options(_database, maxConnections), supervision, CancellationToken.None);
        GroupCommitter committer = new(store, Options.Create(new GrainOptions()), TimeProvider.System, NullLogger<GroupCommitter>.Instance);
        Task running = committer.RunAsync(supervision.Loop("committing"), CancellationToken.None);
        SampleStudy held = new();
        Assert.Equal(
            StudyCommitResult.Committed,
            await committer.CommitAsync(held.Store(SampleStudy.Instance(held.Series())), CancellationToken.None));
        held.Version++;

        Task<StudyCommitResult> waiting;
        await using (NpgsqlConnection holder = _server.Open(_database))
        {
            await using NpgsqlCommand command = new("SELECT id FROM imaging.study FOR UPDATE", holder);
            await using NpgsqlTransaction transaction = await holder.BeginTransactionAsync();
            await command.ExecuteScalarAsync();
            waiting = committer.CommitAsync(held.Store(SampleStudy.Instance(held.Series())), CancellationToken.None);
            for (int number = 0; number < 20; number++)
            {
                SampleStudy free = new();
                Assert.Equal(
                    StudyCommitResult.Committed,
                    await committer.CommitAsync(free.Store(SampleStudy.Instance(free.Series())), CancellationToken.None));
            }
        }

        Assert.Equal(StudyCommitResult.Committed, await waiting);
        committer.Complete();
        await running;
    }
}
