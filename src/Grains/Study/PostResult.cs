namespace ImagingIngestion.Grains.Study;

/// <summary>What became of a call at a mailbox.</summary>
internal enum PostResult
{
    Posted,

    /// <summary>Too many calls wait.</summary>
    Full,

    /// <summary>The activation left memory; the directory has another one, or makes it.</summary>
    Closed,
}
