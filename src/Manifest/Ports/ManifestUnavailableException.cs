namespace ImagingIngestion.Manifest.Ports;

/// <summary>The manifest store cannot do its work now (locked, full, unreachable). The message holds no values.</summary>
public sealed class ManifestUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>No space is left for the manifest, rather than a passing fault.</summary>
    public bool IsFull { get; init; }

    /// <summary>
    /// The store refuses a value of what it was given, so that the same again is refused again; other things can still be written.
    /// </summary>
    public bool IsRefusal { get; init; }

    /// <summary>It does not pass by itself: a right, a table or a setting is not as it must be, or the data are damaged.</summary>
    public bool NeedsOperator { get; init; }

    /// <summary>The silo rather than the store is what cannot go on: the same call may succeed at once in another silo.</summary>
    public bool IsOfThisSilo { get; init; }
}
