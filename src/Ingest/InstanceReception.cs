using System.Buffers;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.Writing;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Ingest;

/// <summary>Takes in one instance: one forward pass that parses it, hashes it and writes its object (design D3, D4).</summary>
internal sealed class InstanceReception(IObjectStore objects, IngestContext context, IngestLimits limits, HeaderShare share, TimeProvider time) : IAsyncDisposable
{
    private const string MediaStorageDirectory = "1.2.840.10008.1.3.10";

    private readonly InstanceParser _parser = new(limits.Reader, context.DataSetSyntax);
    private readonly InstanceObjectWriter _writer = new(objects);
    private InstanceIdentity? _identity;
    private ObjectKey _key;
    private int _headLength;
    private DateTimeOffset _uploadBegan;

    /// <summary>The data set as far as it has arrived.</summary>
    public DicomDataset? Dataset => _parser.Dataset;

    /// <summary>Reads the source to its end; when this returns the object is durable.</summary>
    /// <exception cref="DicomParseException">The bytes cannot be read.</exception>
    /// <exception cref="InstanceRefusedException">The instance may not be stored.</exception>
    /// <exception cref="ObjectStoreException">The store cannot take it.</exception>
    public async Task<ReceivedInstance> ReceiveAsync(IInstanceSource source, CancellationToken cancellationToken)
    {
        _uploadBegan = time.GetUtcNow();
        for (ReadOnlySequence<byte> blocks = await source.ReadAsync(cancellationToken); !blocks.IsEmpty; blocks = await source.ReadAsync(cancellationToken))
        {
            foreach (ReadOnlyMemory<byte> block in blocks)
            {
                await TakeAsync(_parser.Feed(block), cancellationToken);
            }
        }

        await TakeAsync(_parser.FinishHead(), cancellationToken);
        ParsedInstance parsed = _parser.Complete();
        _identity ??= Identify(parsed.Dataset);
        if (!_writer.HasBegun)
        {
            await BeginAsync(cancellationToken);
        }

        await _writer.CompleteAsync(cancellationToken);
        context.Room?.Dispose();
        return new ReceivedInstance(_identity, parsed, _key, _headLength, _writer.Length, _writer.Checksum, _uploadBegan);
    }

    public async ValueTask DisposeAsync()
    {
        _parser.Dispose();
        await _writer.DisposeAsync();
    }

    private async ValueTask TakeAsync(DataSetBytes bytes, CancellationToken cancellationToken)
    {
        if (!await share.CoverAsync(_parser.MemoryBytes, cancellationToken))
        {
            throw new InstanceRefusedException(StoreFailure.ResourceLimitation, "Too many instances with large headers arrive at once: send again later.");
        }

        await _writer.WriteAsync(bytes.Held, cancellationToken);
        await _writer.WriteAsync(bytes.Block, cancellationToken);
        if (_writer.HasBegun || _parser.Head is null)
        {
            return;
        }

        if (_parser.Head.Meta.MediaStorageSopClassUid == MediaStorageDirectory)
        {
            throw new InstanceRefusedException(StoreFailure.SopClassNotSupported, "A DICOMDIR is no instance: send the files that it lists.");
        }

        if (_identity is null && InstanceIdentity.HasArrived(_parser.Dataset!))
        {
            _identity = Identify(_parser.Dataset!);
        }

        if (_identity is not null || _writer.HeldBytes >= limits.HeldBytes)
        {
            await BeginAsync(cancellationToken);
        }
    }

    private InstanceIdentity Identify(DicomDataset dataset)
    {
        if (!InstanceIdentity.TryRead(dataset, out InstanceIdentity? identity))
        {
            throw new InstanceRefusedException(StoreFailure.InvalidInstance, InstanceIdentity.DescribeFaults(dataset));
        }

        if (identity.SopClass.Value == MediaStorageDirectory)
        {
            throw new InstanceRefusedException(StoreFailure.SopClassNotSupported, "A DICOMDIR is no instance: send the files that it lists.");
        }

        if (Differs(context.ExpectedSopClass, identity.SopClass.Value) || Differs(context.ExpectedSopInstance, identity.Sop.Value))
        {
            throw new InstanceRefusedException(StoreFailure.DataSetMismatch, "SOP class or instance UID of data set and command differ");
        }

        return context.ExpectedStudy is { } study && study != identity.Study
            ? throw new InstanceRefusedException(StoreFailure.StudyMismatch, "The instance belongs to another study than the one in the path: send it to /studies or to its own study.")
            : identity;
    }

    private static bool Differs(string? expected, string found) => !string.IsNullOrEmpty(expected) && expected != found;

    /// <summary>Names the object. Where the UIDs have not come within the bytes that may be held, key and file meta do without them.</summary>
    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        string syntax = _parser.Head!.TransferSyntax.Uid;
        if (!DicomUid.IsValid(syntax))
        {
            throw new InstanceRefusedException(StoreFailure.TransferSyntaxNotSupported, "Transfer Syntax UID (0002,0010) is not a valid UID.");
        }

        _key = _identity is null
            ? ObjectPath.NewUnnamedKey(limits.KeyPrefix, context.Provider)
            : ObjectPath.NewKey(limits.KeyPrefix, new StudyKey(context.Provider, _identity.Study), new InstanceId(_identity.Series, _identity.Sop));
        byte[] head = FileMetaWriter.Write(_identity?.SopClass.Value, _identity?.Sop.Value, syntax, limits.KeepPreamble ? _parser.Head.Preamble.Span : default);
        _headLength = head.Length;
        await _writer.BeginAsync(_key, head, cancellationToken);
    }
}
