using ImagingIngestion.Manifest.Background;

namespace ImagingIngestion.Manifest.Tests.Background;

/// <summary>A lasting fault must not flood the log.</summary>
public sealed class RepeatedFaultTests
{
    [Fact]
    public void The_first_fault_and_then_one_of_so_many_is_logged()
    {
        RepeatedFault fault = new(faultsPerLog: 3);

        int[] logged = [.. Enumerable.Range(1, 8).Where(_ => fault.Add(out int _))];

        Assert.Equal([1, 4, 7], logged);
        Assert.Equal(8, fault.Count);
    }

    [Fact]
    public void After_a_success_the_next_fault_is_a_first_one()
    {
        RepeatedFault fault = new(faultsPerLog: 3);
        fault.Add(out _);
        fault.Add(out _);

        Assert.Equal(2, fault.Clear());
        Assert.Equal(0, fault.Clear());
        Assert.True(fault.Add(out int count));
        Assert.Equal(1, count);
    }
}
