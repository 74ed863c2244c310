using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite.Events;

/// <summary>The statement that writes events, prepared once for the writer's connection. The database numbers them.</summary>
internal sealed class EventStatements : IDisposable
{
    private readonly SqliteStatement _insert;

    public EventStatements(SqliteConnection connection)
    {
        string[] columns =
        [
            "type", "occurred_at", "study_id", "series_uid", "sop_uid", "change", "revision", "modalities", "calling_ae", "object_key",
            "data"
        ];
        _insert = new SqliteStatement(connection, SqlText.Insert("event", columns), columns.Length);
    }

    public void Add(long studyId, PreparedEvent content, long now) => _insert.Run(
        content.Type, now, studyId, content.Series, content.Sop, content.Change, content.Revision, content.Modalities,
        content.CallingAeTitle, content.Object, content.Data);

    public void Dispose() => _insert.Dispose();
}
