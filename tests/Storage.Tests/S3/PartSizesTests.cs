using ImagingIngestion.Storage.S3;

namespace ImagingIngestion.Storage.Tests.S3;

public sealed class PartSizesTests
{
    [Theory]
    [InlineData(1, 5)]
    [InlineData(1_000, 5)]
    [InlineData(1_001, 10)]
    [InlineData(2_001, 20)]
    [InlineData(3_001, 40)]
    [InlineData(4_001, 80)]
    [InlineData(10_000, 80)]
    public void Parts_get_twice_as_large_every_thousand_up_to_a_limit(int number, int mebibytes)
        => Assert.Equal(mebibytes << 20, PartSizes.Of(number));

    [Fact]
    public void All_parts_together_hold_half_a_tebibyte() => Assert.Equal((75_000L + (6_000 * 80)) << 20, S3ObjectStore.LargestObject);
}
