namespace ImagingIngestion.Tests;

/// <summary>A clock that stands still until it is moved.</summary>
public sealed class ManualTime : TimeProvider
{
    private DateTimeOffset _now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public DateTimeOffset Now
    {
        get => _now;
        set
        {
            _now = value;
            Moved?.Invoke(value);
        }
    }

    /// <summary>Another clock that follows this one.</summary>
    public Action<DateTimeOffset>? Moved { get; set; }

    public override DateTimeOffset GetUtcNow() => Now;

    public void Advance(TimeSpan span) => Now += span;
}
