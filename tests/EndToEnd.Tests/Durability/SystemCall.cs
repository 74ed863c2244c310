namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>One system call of a trace. A call that other threads interrupt has its begin and its end on different lines.</summary>
/// <param name="Name">As strace prints it.</param>
/// <param name="Arguments">As printed, descriptors with their paths.</param>
/// <param name="Result">What follows the equals sign.</param>
/// <param name="Begin">Line on which the call began.</param>
/// <param name="End">Line on which it had returned.</param>
internal sealed record SystemCall(string Name, string Arguments, string Result, int Begin, int End)
{
    public bool Succeeded => Result.Length > 0 && Result[0] != '-' && Result[0] != '?';

    /// <summary>The path of the first descriptor, as in <c>fsync(42&lt;/a/b&gt;)</c>.</summary>
    public string DescriptorPath => Arguments.IndexOf('<', StringComparison.Ordinal) is >= 0 and int begin && Arguments.IndexOf('>', begin) is > 0 and int end
        ? Arguments[(begin + 1)..end]
        : "";

    /// <summary>The quoted strings among the arguments.</summary>
    public string[] Texts => [.. Arguments.Split('"').Where((_, index) => index % 2 == 1)];

    public override string ToString() => $"{Name}({Arguments}) = {Result} (lines {Begin} to {End})";
}
