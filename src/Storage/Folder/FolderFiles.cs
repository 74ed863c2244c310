namespace ImagingIngestion.Storage.Folder;

/// <summary>How many files a folder store may have open.</summary>
public sealed record FolderFiles
{
    /// <summary>Objects that are being written; one more waits.</summary>
    public int Uploads { get; init; } = int.MaxValue;

    /// <summary>Objects that stay open between two reads; others are opened for each.</summary>
    public int KeptReads { get; init; } = int.MaxValue;
}
