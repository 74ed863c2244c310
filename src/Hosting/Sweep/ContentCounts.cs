namespace ImagingIngestion.Hosting.Sweep;

/// <summary>What a check of the content has found.</summary>
/// <param name="Objects">Objects that were looked at.</param>
/// <param name="Bytes">Bytes of the good ones.</param>
/// <param name="Damaged">Objects that are missing, of another length or with other bytes.</param>
/// <param name="Unreadable">Objects that the store could not give.</param>
/// <param name="Restored">Objects that had a flag and are good again.</param>
/// <param name="Checksums">Rows that were given a checksum.</param>
internal readonly record struct ContentCounts(long Objects, long Bytes, long Damaged, long Unreadable, long Restored, long Checksums);
