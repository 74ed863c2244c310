using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Grains.Cluster;

/// <summary>
/// Rendezvous hashing: everybody who sees the same silos picks the same one for a study, and a silo that comes or goes moves only the
/// studies that are or were its own.
/// </summary>
public static class Rendezvous
{
    /// <summary>
    /// The silos in the order in which a study prefers them: the first is its owner, the next takes over when that is gone.
    /// </summary>
    public static IReadOnlyList<SiloEntry> Order(StudyKey study, IReadOnlyCollection<SiloEntry> silos)
        => silos.Count < 2
            ? [.. silos]
            : [.. silos.OrderByDescending(silo => Score(study, silo)).ThenBy(silo => silo.Id, StringComparer.Ordinal)];

    private static ulong Score(StudyKey study, SiloEntry silo)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{study.Provider.Value}\n{study.Study.Value}\n{silo.Id}"), digest);
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }
}
