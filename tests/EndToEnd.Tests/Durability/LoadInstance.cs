using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>An instance of a load: its name and size determine all of it, so that nobody has to keep its bytes.</summary>
internal sealed record LoadInstance(string Study, string Name, int Size)
{
    public StoredPath Path => new(TestUid.Create("study " + Study), TestUid.Create("series " + Study), TestUid.Create("instance " + Name));

    public byte[] ToPart10() => Build().ToPart10();

    public byte[] ToDataSet() => Build().ToDataSet();

    private TestInstance Build()
    {
        byte[] pixels = new byte[Size];
        new Random(Seed(Name)).NextBytes(pixels);
        return new TestInstance(Name)
        {
            StudyUid = Path.Study,
            SeriesUid = Path.Series,
            SopUid = Path.Sop,
            Rows = (ushort)(Size / 512),
            Columns = 512,
            PixelData = pixels,
        };
    }

    /// <summary>The same in every process, which <see cref="string.GetHashCode()"/> is not.</summary>
    private static int Seed(string name) => name.Aggregate(17, (hash, letter) => unchecked((hash * 31) + letter));
}
