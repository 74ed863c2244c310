using ImagingIngestion.Hosting.Stores;

namespace ImagingIngestion.Hosting.Tests.Stores;

/// <summary>The division of the files that a process may open.</summary>
public sealed class OpenFileSharesTests
{
    private const int Open = 200;

    [Theory]
    [InlineData("Max open files            400                  400                  files     ", 400L)]
    [InlineData("Max open files            unlimited            unlimited            files     ", null)]
    [InlineData("Max processes             400                  400                  processes ", null)]
    public void The_soft_limit_is_read(string line, long? expected)
        => Assert.Equal(
            expected, OpenFileShares.LimitOf(["Limit                     Soft Limit           Hard Limit           Units     ", line]));

    [Theory]
    [InlineData(330)]
    [InlineData(400)]
    [InlineData(1024)]
    [InlineData(1_048_576)]
    [InlineData(long.MaxValue)]
    public void The_shares_fit_into_what_is_left_with_two_files_for_an_upload(long limit)
    {
        OpenFileShares shares = OpenFileShares.Divide(limit, Open, outgoing: 1, takesCalls: false);

        Assert.All(new[] { shares.Http, shares.Dimse, shares.Uploads, shares.KeptReads }, share => Assert.True(share > 0));
        Assert.True((long)shares.Http + shares.Dimse + (2L * shares.Uploads) + shares.KeptReads <= limit - Open);
    }

    [Fact]
    public void Too_few_files_are_refused_with_the_number_that_is_needed()
    {
        IOException refusal = Assert.Throws<IOException>(() => OpenFileShares.Divide(256, Open, outgoing: 1, takesCalls: false));

        Assert.Contains("256", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("ulimit -n", refusal.Message, StringComparison.Ordinal);
    }
}
