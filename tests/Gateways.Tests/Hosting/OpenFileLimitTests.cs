namespace ImagingIngestion.Gateways.Tests;

/// <summary>How many connections fit into the files that a process may open.</summary>
public sealed class OpenFileLimitTests
{
    [Theory]
    [InlineData("Max open files            400                  400                  files     ", 133)]
    [InlineData("Max open files            1048576              1048576              files     ", 4096)]
    [InlineData("Max open files            unlimited            unlimited            files     ", 4096)]
    [InlineData("Max open files            2                    2                    files     ", 1)]
    [InlineData("Max processes             400                  400                  processes ", 4096)]
    public void A_listener_takes_a_third_of_the_files(string line, int expected)
        => Assert.Equal(expected, OpenFileLimit.Connections(4096, ["Limit                     Soft Limit           Hard Limit           Units     ", line]));
}
