using System.Globalization;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Turns a group of changes into one call of <c>imaging.commit_group_2</c>.</summary>
internal static class GroupCall
{
    private const string Function = "commit_group_2";

    private static readonly IReadOnlyList<SearchIndexColumn> StudyColumns = SearchIndexValues.Columns(SearchLevel.Study);
    private static readonly IReadOnlyList<SearchIndexColumn> SeriesColumns = SearchIndexValues.Columns(SearchLevel.Series);

    /// <summary>Creates the call, which returns a number for each change.</summary>
    /// <param name="connection">The connection on which it runs.</param>
    /// <param name="changes">No two of the same study.</param>
    /// <param name="skipLocked">Treats a study that another session writes as a conflict instead of waiting.</param>
    /// <param name="lockTime">How long it waits for any lock.</param>
    public static NpgsqlCommand Create(
        NpgsqlConnection connection, IReadOnlyList<PreparedStudyChange> changes, bool skipLocked, TimeSpan lockTime)
    {
        NpgsqlCommand command = new() { Connection = connection };
        GroupArguments arguments = new(command, Function);
        arguments.Add("skip_locked", skipLocked);
        AddStudies(arguments, changes);
        AddSeries(arguments, Rows(changes, change => change.Series));
        AddInstances(arguments, Rows(changes, InstancesOf));
        AddRemoved(arguments, changes);
        AddEvents(arguments, Rows(changes, change => change.Events));
        command.CommandText = arguments.ToSql(lockTime);
        return command;
    }

    private static void AddStudies(GroupArguments arguments, IReadOnlyList<PreparedStudyChange> changes)
    {
        arguments.AddTexts("s_provider", changes, change => change.Change.After.Key.Provider.Value);
        arguments.AddTexts("s_study_uid", changes, change => change.Change.After.Key.Study.Value);
        AddVersions(arguments, changes);
        arguments.AddColumn("s_series_count", changes, change => change.Change.After.Series.Count);
        arguments.AddColumn("s_instance_count", changes, change => change.Change.After.InstanceCount);
        arguments.AddColumn("s_created_at", changes, change => ColumnTime.ToColumn(change.Change.After.CreatedAt));
        arguments.AddColumn("s_updated_at", changes, change => ColumnTime.ToColumn(change.Change.After.UpdatedAt));
        arguments.AddColumn("s_next_revision", changes, change => change.Change.After.NextRevision);
        arguments.AddColumn(
            "s_delay", changes, change => change.Change.Timing is { } timing ? ColumnTime.ToColumn(timing.Delay) : default(long?));
        arguments.AddColumn(
            "s_max_delay", changes, change => change.Change.Timing is { } timing ? ColumnTime.ToColumn(timing.MaxDelay) : default(long?));
        arguments.AddColumn("s_claim_revision", changes, change => change.Change.Closing?.Claim.Revision);
        arguments.AddColumn("s_claim_token", changes, change => change.Change.Closing?.Claim.Token);
        arguments.AddColumn(
            "s_revision_data", changes, change => change.Change.Closing is { } closing ? ColumnBytes.Of(closing.Data) : null);
        arguments.AddColumn("s_attributes", changes, change => change.Attributes);
        arguments.AddColumn("s_is_visible", changes, change => change.IsVisible);
        arguments.AddColumn("s_search_digest", changes, change => change.SearchDigest);
        arguments.AddTexts("s_modalities", changes, change => change.Modalities);
        for (int column = 0; column < StudyColumns.Count; column++)
        {
            int index = column;
            arguments.AddTexts(
                $"s_{StudyColumns[column].Name}",
                changes,
                change => change.IndexValues.Length == 0 ? null : (string?)change.IndexValues[index]);
        }
    }

    /// <summary>Adds the versions that the changes expect.</summary>
    /// <remarks>
    /// A change expects -1, which no study has, if another history led to the same version. This is looked at before the rows are locked: a
    /// row that changes in between gets another version.
    /// </remarks>
    private static void AddVersions(GroupArguments arguments, IReadOnlyList<PreparedStudyChange> changes)
    {
        string providers = arguments.PlaceColumn(changes, change => change.Change.After.Key.Provider.Value);
        string studies = arguments.PlaceColumn(changes, change => change.Change.After.Key.Study.Value);
        string versions = arguments.PlaceColumn(changes, change => change.Change.After.Version);
        string times = arguments.PlaceColumn(
            changes, change => change.Change.Before is { } before ? ColumnTime.ToColumn(before.UpdatedAt) : default(long?));
        string revisions = arguments.PlaceColumn(changes, change => change.Change.Before?.NextRevision);
        arguments.AddExpression("s_version", $"""
            (SELECT array_agg(
                CASE WHEN s.id IS NULL OR c.updated_at IS NULL OR (s.updated_at = c.updated_at AND s.next_revision = c.next_revision)
                    THEN c.version ELSE -1 END ORDER BY c.n)
            FROM unnest({providers}::text[], {studies}::text[], {versions}::bigint[], {times}::bigint[], {revisions}::integer[])
                WITH ORDINALITY AS c (provider, study_uid, version, updated_at, next_revision, n)
            LEFT JOIN study s ON s.study_uid = c.study_uid AND s.provider = c.provider)
            """);
    }

    private static void AddSeries(GroupArguments arguments, IReadOnlyList<(int Change, PreparedSeries Row)> series)
    {
        arguments.AddColumn("r_change", series, row => row.Change);
        arguments.AddTexts("r_series_uid", series, row => row.Row.State.Uid.Value);
        arguments.AddColumn("r_instance_count", series, row => row.Row.State.InstanceCount);
        arguments.AddTexts("r_modality", series, row => row.Row.Modalities);
        for (int column = 0; column < SeriesColumns.Count; column++)
        {
            int index = column;
            string name = $"r_{SeriesColumns[column].Name}";
            if (SeriesColumns[column].Attribute.Kind == SearchAttributeKind.Integer)
            {
                arguments.AddColumn(name, series, row => (long?)row.Row.IndexValues[index]);
            }
            else
            {
                arguments.AddTexts(name, series, row => (string?)row.Row.IndexValues[index]);
            }
        }

        arguments.AddColumn("r_attributes", series, row => row.Row.Attributes);
    }

    private static void AddInstances(GroupArguments arguments, IReadOnlyList<(int Change, PreparedInstance Row)> instances)
    {
        arguments.AddColumn("i_change", instances, row => row.Change);
        arguments.AddTexts("i_series_uid", instances, row => row.Row.State.Id.Series.Value);
        arguments.AddTexts("i_sop_uid", instances, row => row.Row.State.Id.Sop.Value);
        arguments.AddTexts("i_sop_class_uid", instances, row => row.Row.State.SopClass.Value);
        arguments.AddColumn("i_instance_number", instances, row => (long?)row.Row.InstanceNumber);
        arguments.AddColumn("i_sort_number", instances, row => row.Row.SortNumber);
        arguments.AddTexts("i_transfer_syntax_uid", instances, row => row.Row.State.TransferSyntaxUid);
        arguments.AddColumn("i_content_hash", instances, row => row.Row.Hash);
        arguments.AddTexts("i_object_key", instances, row => row.Row.State.Object.Value);
        arguments.AddColumn("i_object_length", instances, row => row.Row.State.ObjectLength);
        arguments.AddColumn("i_dataset_offset", instances, row => row.Row.State.DataSetOffset);
        arguments.AddColumn("i_object_checksum", instances, row => row.Row.Checksum);
        arguments.AddColumn("i_stored_at", instances, row => ColumnTime.ToColumn(row.Row.State.StoredAt));
        arguments.AddColumn("i_added_revision", instances, row => row.Row.State.AddedRevision);
        arguments.AddColumn("i_changed_revision", instances, row => row.Row.State.ChangedRevision);
        arguments.AddColumn("i_attributes", instances, row => row.Row.Attributes);
        arguments.AddColumn("i_metadata", instances, row => row.Row.Metadata);
        arguments.AddColumn("i_layout", instances, row => row.Row.Layout);
    }

    private static void AddRemoved(GroupArguments arguments, IReadOnlyList<PreparedStudyChange> changes)
    {
        IReadOnlyList<(int Change, InstanceId Row)> instances = Rows(changes, change => IfOpen(change, change.Change.RemovedInstances));
        arguments.AddColumn("gone_change", instances, row => row.Change);
        arguments.AddTexts("gone_series_uid", instances, row => row.Row.Series.Value);
        arguments.AddTexts("gone_sop_uid", instances, row => row.Row.Sop.Value);
        IReadOnlyList<(int Change, SeriesInstanceUid Row)> series = Rows(changes, change => IfOpen(change, change.Change.RemovedSeries));
        arguments.AddColumn("gone_series_change", series, row => row.Change);
        arguments.AddTexts("gone_series", series, row => row.Row.Value);
        IReadOnlyList<(int Change, ObjectKey Row)> objects = Rows(changes, change => IfOpen(change, change.Change.DroppedObjects));
        arguments.AddColumn("dropped_change", objects, row => row.Change);
        arguments.AddTexts("dropped_key", objects, row => row.Row.Value);
    }

    private static void AddEvents(GroupArguments arguments, IReadOnlyList<(int Change, PreparedEvent Row)> events)
    {
        arguments.AddColumn("e_change", events, row => row.Change);
        arguments.AddColumn("e_type", events, row => (short)(long)row.Row.Type);
        arguments.AddTexts("e_series_uid", events, row => row.Row.Series);
        arguments.AddTexts("e_sop_uid", events, row => row.Row.Sop);
        arguments.AddColumn("e_kind", events, row => row.Row.Change is long kind ? (short)kind : default(short?));
        arguments.AddColumn("e_revision", events, row => (int?)row.Row.Revision);
        arguments.AddTexts("e_modalities", events, row => row.Row.Modalities);
        arguments.AddTexts("e_calling_ae", events, row => row.Row.CallingAeTitle);
        arguments.AddTexts("e_object_key", events, row => row.Row.Object);
        arguments.AddColumn("e_data", events, row => row.Row.Data);
    }

    /// <summary>Returns nothing for a change that closes a revision: it changes nothing else.</summary>
    private static IReadOnlyList<T> IfOpen<T>(PreparedStudyChange change, IReadOnlyList<T> rows)
        => change.Change.Closing is null ? rows : [];

    /// <summary>Returns each instance once: one statement cannot write a row twice, so the later of two counts.</summary>
    private static IReadOnlyList<PreparedInstance> InstancesOf(PreparedStudyChange change)
    {
        Dictionary<InstanceId, PreparedInstance> last = new(change.Instances.Count);
        foreach (PreparedInstance instance in change.Instances)
        {
            last[instance.State.Id] = instance;
        }

        return last.Count == change.Instances.Count ? change.Instances : [.. last.Values];
    }

    /// <summary>Returns the rows of all changes, each with the number of its change, counted from 1 as the database does.</summary>
    private static List<(int Change, T Row)> Rows<T>(
        IReadOnlyList<PreparedStudyChange> changes, Func<PreparedStudyChange, IReadOnlyList<T>> rowsOf)
    {
        List<(int Change, T Row)> rows = [];
        for (int index = 0; index < changes.Count; index++)
        {
            foreach (T row in rowsOf(changes[index]))
            {
                rows.Add((index + 1, row));
            }
        }

        return rows;
    }
}

/// <summary>The arguments of a call of a function of the database: one array for each column, by name.</summary>
internal sealed class GroupArguments(NpgsqlCommand command, string function)
{
    private readonly List<string> _arguments = [];

    public void Add<T>(string name, T value) => AddExpression(name, Place(value));

    /// <summary>Adds an argument that the database works out.</summary>
    public void AddExpression(string name, string sql) => _arguments.Add($"{name} => {sql}");

    /// <summary>Adds a value; returns its name in the SQL.</summary>
    public string Place<T>(T value)
    {
        command.With(value);
        return string.Create(CultureInfo.InvariantCulture, $"${command.Parameters.Count}");
    }

    /// <summary>Adds a column of text without NUL: no text in a database holds it, and it means nothing in a value of DICOM.</summary>
    public void AddTexts<TRow>(string name, IReadOnlyList<TRow> rows, Func<TRow, string?> value)
        => Add(name, Column(rows, row => value(row) is { } text && text.Contains('\0', StringComparison.Ordinal)
            ? text.Replace("\0", "", StringComparison.Ordinal)
            : value(row)));

    public string PlaceColumn<TRow, T>(IReadOnlyList<TRow> rows, Func<TRow, T> value) => Place(Column(rows, value));

    public void AddColumn<TRow, T>(string name, IReadOnlyList<TRow> rows, Func<TRow, T> value) => Add(name, Column(rows, value));

    /// <summary>Returns the call, in a transaction that names the rules by which the index values were made.</summary>
    /// <param name="lockTime">How long it waits for any lock.</param>
    public string ToSql(TimeSpan lockTime)
    {
        string timeout = string.Create(
            CultureInfo.InvariantCulture, $"set_config('lock_timeout', '{(int)lockTime.TotalMilliseconds}ms', true)");
        string call = $"{PostgresConnections.Schema}.{function}({string.Join(", ", _arguments)})";
        return $"SELECT {call} FROM {PostgresSearchIndex.GenerationSql} AS rules, {timeout} AS timeout";
    }

    private static T[] Column<TRow, T>(IReadOnlyList<TRow> rows, Func<TRow, T> value)
    {
        T[] column = new T[rows.Count];
        for (int index = 0; index < column.Length; index++)
        {
            column[index] = value(rows[index]);
        }

        return column;
    }
}
