using ImagingIngestion.EndToEnd.Tests.Durability;

namespace ImagingIngestion.Cluster.Tests.Chaos;

/// <summary>The instances of one sender, one after the other.</summary>
/// <remarks>Most are small, some need an upload in parts; senders share studies.</remarks>
internal sealed class LoadNames(int seed, int sender)
{
    private const int SharedStudies = 6;
    private const int LargeBytes = 6 << 20;
    private const int RowBytes = 512;

    private readonly Random _random = new(unchecked((seed * 7919) + sender));
    private int _count;

    public LoadInstance Next()
    {
        string name = $"{seed}/{sender}/{_count++}";
        bool isLarge = _random.Next(60) == 0;
        int size = isLarge ? LargeBytes : RowBytes * _random.Next(1, 60);
        return new LoadInstance(_random.Next(5) == 0 ? name : $"{seed}/{_random.Next(SharedStudies)}/{_count / 200}", name, size);
    }
}
