using System.Runtime.InteropServices;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Json;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Instants as microseconds since 1970 in UTC, which both SQL stores can hold exactly.</summary>
internal static class ColumnTime
{
    public static long ToColumn(DateTimeOffset instant) => ToColumn(instant - DateTimeOffset.UnixEpoch);

    public static long ToColumn(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    public static long Now(TimeProvider timeProvider) => ToColumn(timeProvider.GetUtcNow());

    public static DateTimeOffset FromColumn(long microseconds)
        => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}

/// <summary>Memory in the form that the database libraries accept.</summary>
internal static class ColumnBytes
{
    /// <summary>Returns an array, which is all that they accept; memory that is a whole array is not copied.</summary>
    public static byte[] Of(ReadOnlyMemory<byte> memory)
        => MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment)
            && segment.Offset == 0
            && segment.Count == segment.Array!.Length
            ? segment.Array
            : memory.ToArray();
}

/// <summary>Attributes of a level in the form of the manifest: DICOM JSON (PS3.18 annex F) in UTF-8.</summary>
internal static class AttributeJson
{
    public static byte[] Write(DicomDataset attributes) => DicomJsonWriter.ToUtf8(attributes);

    public static DicomDataset Read(ReadOnlySpan<byte> json) => DicomJsonReader.Read(json);
}
