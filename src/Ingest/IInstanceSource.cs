using System.Buffers;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Ingest;

/// <summary>The bytes of one instance as a protocol delivers them: a Part 10 file or a bare data set, forward only.</summary>
public interface IInstanceSource
{
    /// <summary>Reads the next bytes, empty at the end; valid until the next call.</summary>
    /// <exception cref="InstanceSourceException">The instance cannot be had whole; others from the same peer may.</exception>
    ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Returns true if the exception means that the sender is gone or too slow: it ends the whole request, not only this instance.
    /// </summary>
    bool EndsRequest(Exception exception);
}

/// <summary>The bytes of an instance stop before its end. The message holds none of them.</summary>
public sealed class InstanceSourceException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The facts that a request states about the instances that it carries.</summary>
/// <param name="Provider">The storage space.</param>
/// <param name="ExpectedStudy">The study that all instances must belong to, null for any.</param>
public sealed record IngestContext(ProviderName Provider, StudyInstanceUid? ExpectedStudy = null)
{
    /// <summary>The transfer syntax of data sets that come without file meta; null where the bytes say it themselves.</summary>
    public string? DataSetSyntax { get; init; }

    /// <summary>The SOP class that the data set must have; null or empty for any.</summary>
    public string? ExpectedSopClass { get; init; }

    /// <summary>The SOP instance that the data set must be; null or empty for any.</summary>
    public string? ExpectedSopInstance { get; init; }

    /// <summary>
    /// The upload memory of this instance, given back as soon as its object is durable; null where the request keeps it for the next one.
    /// </summary>
    public IDisposable? Room { get; init; }

    /// <summary>The calling AE title that brings them; null when they come over HTTP.</summary>
    public string? CallingAeTitle { get; init; }
}
