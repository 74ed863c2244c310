using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sqlite;
using ImagingIngestion.Storage.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace ImagingIngestion.Storage.Tests.Sqlite;

/// <summary>Databases that older versions have written.</summary>
public sealed class SqliteMigrationTests : IDisposable
{
    private const string Study = "1.2.3";
    private const string Deleted = "1.2.4";
    private const string Series = "1.2.3.1";

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    private string DatabasePath => Path.Combine(_folder.Path, "manifest.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_stored_before_there_were_revisions_becomes_revision_0()
    {
        WriteSchema1();
        await using SqliteManifestStore store = SqliteManifestStore.Open(DatabasePath, _time);

        RevisionClaim claim = Assert.Single(
            await store.Revisions.ClaimDueAsync("kit", TimeSpan.FromMinutes(1), 10, CancellationToken.None));

        Assert.Equal((Key(Study), 0), (claim.Study, claim.Revision));
        StudyState? study = await store.LoadStudyAsync(claim.Study, CancellationToken.None);
        Assert.Equal((7L, 0, 2), (study!.Version, study.NextRevision, study.InstanceCount));
        RevisionContent content = await store.LoadRevisionContentAsync(claim.Study, 0, CancellationToken.None);
        Assert.Equal(["1.2.3.1.1", "1.2.3.1.2"], content.Instances.Select(instance => instance.Id.Sop.Value));
        Assert.All(content.Instances, instance => Assert.Equal((0, 0), (instance.AddedRevision, instance.ChangedRevision)));
        Assert.Empty(content.Deleted);

        StudyChange closing = new()
        {
            After = study with { NextRevision = 1 },
            Closing = new RevisionClosing(claim, new byte[] { 1, 2, 3 }),
            Events = [new EventDraft { Type = EventType.StudyRevision, Revision = 0 }],
        };
        Assert.Equal([StudyCommitResult.Committed], await store.CommitAsync([closing], CancellationToken.None));
        Assert.Equal(new EventLogBounds(1, 1), await store.Events.GetBoundsAsync(CancellationToken.None));
        Assert.Null(await store.Revisions.NextDueAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_study_of_an_older_version_takes_new_instances()
    {
        WriteSchema1();
        await using SqliteManifestStore store = SqliteManifestStore.Open(DatabasePath, _time);
        StudyState study = (await store.LoadStudyAsync(Key(Study), CancellationToken.None))!;
        InstanceChange instance = SampleStudy.Instance(new SeriesInstanceUid(Series));
        StudyChange change = new()
        {
            After = study with { Series = [study.Series[0] with { InstanceCount = 3 }] },
            StoredInstances = [instance],
            Events = SampleStudy.EventsOf(instance),
            Timing = new RevisionTiming(TimeSpan.FromSeconds(30), TimeSpan.FromDays(30_000)),
        };

        Assert.Equal([StudyCommitResult.Committed], await store.CommitAsync([change], CancellationToken.None));

        Assert.Equal(TimeSpan.FromSeconds(30), await store.Revisions.NextDueAsync(CancellationToken.None));
        Assert.Equal(3, (await store.LoadRevisionContentAsync(Key(Study), 0, CancellationToken.None)).Instances.Count);
    }

    private static StudyKey Key(string study) => new(SampleStudy.Provider, new StudyInstanceUid(study));

    /// <summary>A study with two instances, and the tombstone of another, in the first schema.</summary>
    private void WriteSchema1()
    {
        using SqliteConnection connection = new SqliteConnections(DatabasePath).OpenWriter();
        using StreamReader script = new(typeof(SqliteManifestStore).Assembly.GetManifestResourceStream("Sqlite.Migrations.0001")!);
        SqliteConnections.Execute(connection, script.ReadToEnd());
        SqliteConnections.Execute(
            connection,
            $$"""
            PRAGMA user_version = 1;
            INSERT INTO installation (id, epoch, created_at) VALUES ('0123456789abcdef0123456789abcdef', 1, 0);
            INSERT INTO study (id, provider, study_uid, version, series_count, instance_count, created_at, updated_at, is_visible, search_digest)
            VALUES (1, 'kit', '{{Study}}', 7, 1, 2, 1000000, 2000000, 1, 0), (2, 'kit', '{{Deleted}}', 3, 0, 0, 1000000, 2000000, 0, 0);
            INSERT INTO study_attributes (study_id, attributes) VALUES (1, CAST('{}' AS BLOB)), (2, CAST('{}' AS BLOB));
            INSERT INTO series (id, study_id, series_uid, instance_count, attributes) VALUES (1, 1, '{{Series}}', 2, CAST('{}' AS BLOB));
            INSERT INTO instance (study_id, series_id, sop_uid, sop_class_uid, instance_number, sort_number, transfer_syntax_uid, content_hash,
                object_key, object_length, dataset_offset, stored_at, attributes)
            VALUES (1, 1, '1.2.3.1.1', '1.2.840.10008.5.1.4.1.1.2', 1, 1, '1.2.840.10008.1.2.1', zeroblob(32), 'a', 1000, 300, 1000000, CAST('{}' AS BLOB)),
                (1, 1, '1.2.3.1.2', '1.2.840.10008.5.1.4.1.1.2', 2, 2, '1.2.840.10008.1.2.1', zeroblob(32), 'b', 1000, 300, 2000000, CAST('{}' AS BLOB));
            """);
    }
}
