using System.Data.Common;
using System.IO.Compression;
using System.Text;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Reads requests for storage commitment, and ends claims on them.</summary>
internal static class CommitmentRow
{
    /// <summary>The column with the age of the request, or with the time of its arrival.</summary>
    public const int Age = 6;

    public const string IsHeld = "id = $1 AND token = $2 AND owner IS NOT NULL";
    public const string RemoveSql = $"DELETE FROM commitment WHERE {IsHeld}";

    /// <summary>Reads a claim.</summary>
    /// <remarks>
    /// The columns: id, token, provider, calling and called AE title, Transaction UID, <see cref="Age"/>, attempts, count of references,
    /// references.
    /// </remarks>
    /// <param name="rows">Stands on the row.</param>
    /// <param name="age">The age of the request in microseconds.</param>
    public static CommitmentClaim Read(DbDataReader rows, long age)
    {
        CommitmentRequest request = new()
        {
            Provider = new ProviderName(rows.GetString(2)),
            CallingAeTitle = rows.GetString(3),
            CalledAeTitle = rows.GetString(4),
            TransactionUid = rows.GetString(5),
            References = ReferenceText.Read(rows.GetFieldValue<byte[]>(9), rows.GetInt32(8)),
        };
        return new CommitmentClaim(rows.GetInt64(0), rows.GetInt64(1), request, TimeSpan.FromMicroseconds(age), rows.GetInt32(7));
    }
}

/// <summary>References as the database holds them.</summary>
/// <remarks>Each is a line of class and instance UID. Raw deflate compresses well what the UIDs have in common.</remarks>
internal static class ReferenceText
{
    public static byte[] Write(IEnumerable<CommitmentReference> references)
    {
        using MemoryStream bytes = new();
        using (StreamWriter lines = new(new DeflateStream(bytes, CompressionLevel.Fastest), Encoding.ASCII) { NewLine = "\n" })
        {
            foreach (CommitmentReference reference in references)
            {
                lines.Write(reference.SopClass.Value);
                lines.Write(' ');
                lines.WriteLine(reference.Sop.Value);
            }
        }

        return bytes.ToArray();
    }

    public static IReadOnlyList<CommitmentReference> Read(byte[] bytes, int count)
    {
        List<CommitmentReference> references = new(count);
        using StreamReader lines = new(new DeflateStream(new MemoryStream(bytes), CompressionMode.Decompress), Encoding.ASCII);
        while (lines.ReadLine() is { } line)
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            references.Add(new CommitmentReference(new SopClassUid(line[..space]), new SopInstanceUid(line[(space + 1)..])));
        }

        return references;
    }
}
