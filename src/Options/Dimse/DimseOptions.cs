namespace ImagingIngestion.Options;

/// <summary>The DIMSE service of this process.</summary>
public sealed record DimseOptions
{
    /// <summary>Our own title: what we answer to, and call others with.</summary>
    public string AeTitle { get; init; } = "DICOM-INGEST";

    /// <summary>An IPv4 or IPv6 address, or <c>*</c> for all. Only this machine reaches the default.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>0 takes a free one; -1 turns DIMSE off.</summary>
    public int Port { get; init; } = 11112;

    /// <summary>Called titles that are taken besides our own; <c>*</c> takes any.</summary>
    public IReadOnlyList<string> CalledAeTitles { get; init; } = [];

    /// <summary>Calling titles that are taken; any when empty.</summary>
    public IReadOnlyList<string> CallingAeTitles { get; init; } = [];

    /// <summary>Destinations of C-MOVE and of storage commitment results.</summary>
    public IReadOnlyList<DimsePeerOptions> Peers { get; init; } = [];
}
