using System.Text;

namespace ImagingIngestion.Hosting.Health;

/// <summary>What a process is for: it reads what is stored, or stores.</summary>
[Flags]
public enum ReadinessScope
{
    /// <summary>Searches and retrieves.</summary>
    Reading = 1,

    /// <summary>Stores, deletes, and closes revisions.</summary>
    Writing = 2,

    /// <summary>Both.</summary>
    All = Reading | Writing,
}

/// <summary>What works and what does not.</summary>
/// <param name="Faults">What is wrong.</param>
/// <param name="Scope">What the process is for.</param>
public sealed record ReadinessReport(IReadOnlyList<ReadinessFault> Faults, ReadinessScope Scope)
{
    /// <summary>The process may have traffic.</summary>
    public bool IsReady => !Faults.Any(fault => fault.KeepsTrafficAway);

    /// <summary>A line for all, then one each for what the process is for.</summary>
    public string ToText()
    {
        StringBuilder text = new(IsReady ? "ready" : "not ready");
        Append(text, ReadinessScope.Reading, "reading");
        Append(text, ReadinessScope.Writing, "writing");
        return text.ToString();
    }

    private void Append(StringBuilder text, ReadinessScope scope, string name)
    {
        if (Scope.HasFlag(scope))
        {
            string faults = string.Join("; ", Faults.Where(fault => fault.Scope.HasFlag(scope)).Select(fault => fault.Text).Distinct());
            text.Append('\n').Append(name).Append(": ").Append(faults.Length == 0 ? "works" : faults);
        }
    }
}

/// <summary>What is wrong.</summary>
/// <param name="Scope">What does not work because of it.</param>
/// <param name="Text">In a few words.</param>
/// <param name="KeepsTrafficAway">False where it is only told.</param>
public sealed record ReadinessFault(ReadinessScope Scope, string Text, bool KeepsTrafficAway);
