using ImagingIngestion.Manifest.Events;

namespace ImagingIngestion.Storage.Sql;

/// <summary>An event row ready to write, but for its study and its time.</summary>
internal sealed class PreparedEvent(EventDraft draft)
{
    /// <summary>Parts and encloses the values of a column that holds several; no value of Modality (0008,0060) contains it.</summary>
    public const char Delimiter = '\\';

    public object Type { get; } = (long)draft.Type;

    public string? Series { get; } = draft.Instance?.Series.Value;

    public string? Sop { get; } = draft.Instance?.Sop.Value;

    public object? Change { get; } = draft.Change is { } change ? (long)change : null;

    public object? Revision { get; } = draft.Revision;

    public string? Modalities { get; } = draft.Modalities.Count == 0
        ? null
        : $"{Delimiter}{string.Join(Delimiter, draft.Modalities)}{Delimiter}";

    public string? CallingAeTitle { get; } = draft.CallingAeTitle;

    public string? Object { get; } = draft.Object?.Value;

    /// <summary>Null where there is none: the data of a revision stands in the row of the revision.</summary>
    public byte[]? Data { get; } = draft.Data.IsEmpty ? null : ColumnBytes.Of(draft.Data);
}
