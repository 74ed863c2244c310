using System.IO.Compression;
using System.Text;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Commitments;

namespace ImagingIngestion.Storage.Sql;

/// <summary>
/// References as they stand in the database: a line of class and instance UID for each, compressed with raw deflate, which makes little of
/// what UIDs have in common.
/// </summary>
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
