using ImagingIngestion.Manifest.Study;
using ImagingIngestion.Settings;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Ingest;

/// <summary>How instances are taken in.</summary>
public sealed record IngestOptions
{
    /// <summary>The settings of this class.</summary>
    public static readonly OptionsSection<IngestOptions> Section = new(
        "Ingest",
        defaults =>
        [
            new(
                "Ingest:DuplicatePolicy",
                Form.Choice(
                    "replace",
                    ("replace", nameof(DuplicatePolicy.Replace)),
                    ("keep-first", nameof(DuplicatePolicy.KeepFirst)),
                    ("reject", nameof(DuplicatePolicy.Reject))),
                "what happens to an instance whose identity is stored with other content: `replace`, `keep-first` or `reject`"),
            new(
                "Ingest:MaxConcurrentUploads",
                Form.Whole(1, 10_000, defaults.MaxConcurrentUploads),
                "store requests at once that have sent their first bytes, running or waiting for a place; one more gets 503, or takes "
                    + "the turn of a peer that has more of them"),
            new("Ingest:MaxStowSize", Form.Size(0, 1L << 50, defaults.MaxStowSize), "bytes of one store request; 0 for no limit")
            {
                OlderName = "MAX_STOW_SIZE",
            },
            new(
                "Ingest:RequestDeadline",
                Form.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(5), defaults.RequestDeadline),
                "time for one store request in all"),
            new(
                "Ingest:KeepPreamble",
                Form.Flag(),
                "`true` stores the first 128 bytes of a file as they come. They can make it a file of another kind too, even a program "
                    + "(PS3.10 section 7.5); `false` stores zeros"),
            new(
                "Ingest:IdleTimeout",
                Form.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), defaults.IdleTimeout),
                "longest silence of a sender within a request"),
            new(
                "Ingest:MinRate",
                Form.Size(1, 1L << 30, defaults.MinRate),
                "bytes a second below which a sender loses its place while others wait for one (408, A700), and a connection or "
                    + "association gives way when all are taken; nobody is cut while nobody waits"),
            new(
                "Ingest:RateWindow",
                Form.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10), defaults.RateWindow),
                "how long a sender is observed, and how long a peer waits before it gets a place of a peer that has more than its share"),
        ],
        (section, options) => section.Bind(options));

    /// <summary>What happens to an instance whose identity is stored with other content.</summary>
    public DuplicatePolicy DuplicatePolicy { get; set; } = DuplicatePolicy.Replace;

    /// <summary>Store requests served at once; one more is answered 503 with Retry-After.</summary>
    public int MaxConcurrentUploads { get; set; } = 64;

    /// <summary>Bytes of one store request; 0 sets no limit.</summary>
    public long MaxStowSize { get; set; }

    /// <summary>How long one store request may take in all.</summary>
    public TimeSpan RequestDeadline { get; set; } = TimeSpan.FromHours(4);

    /// <summary>How long a sender may stay silent within a request.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Keeps the first 128 bytes of files, which may make them files of another kind, too (PS3.10 section 7.5).</summary>
    public bool KeepPreamble { get; set; }

    /// <summary>Bytes a second below which a sender loses its place while others wait for one.</summary>
    public long MinRate { get; set; } = 4 << 10;

    /// <summary>How long a sender is observed before it can lose its place to another one.</summary>
    public TimeSpan RateWindow { get; set; } = TimeSpan.FromSeconds(15);
}
