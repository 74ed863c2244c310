using ImagingIngestion.Dicom.Reading;

namespace ImagingIngestion.Ingest;

/// <summary>The bounds of one ingest pipeline.</summary>
public sealed record IngestLimits
{
    public const long DefaultBufferBudget = 160L << 20;

    /// <summary>Bytes of data set that are held back until the UIDs are known; also the first part of a multipart upload.</summary>
    public int HeldBytes { get; init; } = 5 << 20;

    /// <summary>
    /// Bytes of memory that all uploads of the process together may take for their buffers and for parts on their way into a bucket; each
    /// takes <see cref="HeldBytes"/> of it first.
    /// </summary>
    public long BufferBudget { get; init; } = DefaultBufferBudget;

    /// <summary>Uploads at once, whatever memory there is: each may have a file open.</summary>
    public int MaxPlaces { get; init; } = int.MaxValue;

    /// <summary>How long an upload waits for its share before it is told to try later.</summary>
    public TimeSpan AdmissionWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a sender is observed before it can lose its place to one that waits.</summary>
    public TimeSpan RateWindow { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Bytes a second below which a sender loses its place to one that waits.</summary>
    public long MinRate { get; init; } = 4 << 10;

    /// <summary>Bytes of memory that the header of every instance on its way, in or out, may take without asking.</summary>
    public long FreeHeaderBytes { get; init; } = 256 << 10;

    /// <summary>
    /// Bytes of memory that the headers beyond <see cref="FreeHeaderBytes"/> may take together; one instance at a time may exceed it up to
    /// the limits of <see cref="Reader"/>.
    /// </summary>
    public long HeaderPool { get; init; } = 12L << 20;

    /// <summary>
    /// How long the reader of an answer may take to let memory beyond <see cref="FreeHeaderBytes"/> go while another request waits for it.
    /// </summary>
    public TimeSpan HeaderHoldTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The limits of the reader.</summary>
    public DicomReaderOptions Reader { get; init; } = DicomReaderOptions.Default;

    /// <summary>Keeps the preamble of files instead of storing zeros.</summary>
    public bool KeepPreamble { get; init; }

    /// <summary>The prefix of the keys of all objects of this installation, without a slash; empty for none.</summary>
    public string KeyPrefix { get; init; } = "";
}
