using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.Writing;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Ingest;

/// <summary>Takes in one instance: the first step of <see cref="InstanceIngest"/>.</summary>
/// <remarks>One forward pass parses it, hashes it and writes its object (docs/design.md, One pass at ingest).</remarks>
internal sealed class InstanceReception(
    IObjectStore objects, IngestContext context, IngestLimits limits, HeaderShare share, TimeProvider time) : IAsyncDisposable
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
        for (ReadOnlySequence<byte> blocks = await source.ReadAsync(cancellationToken); !blocks.IsEmpty; blocks =
            await source.ReadAsync(cancellationToken))
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
            throw new InstanceRefusedException(
                StoreFailure.ResourceLimitation, "Too many instances with large headers arrive at once: send again later.");
        }

        await _writer.WriteAsync(bytes.Held, cancellationToken);
        await _writer.WriteAsync(bytes.Block, cancellationToken);
        if (_writer.HasBegun || _parser.Head is null)
        {
            return;
        }

        if (_parser.Head.Meta.MediaStorageSopClassUid == MediaStorageDirectory)
        {
            throw new InstanceRefusedException(
                StoreFailure.SopClassNotSupported, "A DICOMDIR is no instance: send the files that it lists.");
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
            throw new InstanceRefusedException(
                StoreFailure.SopClassNotSupported, "A DICOMDIR is no instance: send the files that it lists.");
        }

        if (Differs(context.ExpectedSopClass, identity.SopClass.Value) || Differs(context.ExpectedSopInstance, identity.Sop.Value))
        {
            throw new InstanceRefusedException(StoreFailure.DataSetMismatch, "SOP class or instance UID of data set and command differ");
        }

        return context.ExpectedStudy is { } study && study != identity.Study
            ? throw new InstanceRefusedException(
                StoreFailure.StudyMismatch,
                "The instance belongs to another study than the one in the path: send it to /studies or to its own study.")
            : identity;
    }

    private static bool Differs(string? expected, string found) => !string.IsNullOrEmpty(expected) && expected != found;

    /// <summary>Names the object and begins its upload.</summary>
    /// <remarks>If the UIDs have not arrived within the bytes that may be held, key and file meta do without them.</remarks>
    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        string syntax = _parser.Head!.TransferSyntax.Uid;
        if (!DicomUid.IsValid(syntax))
        {
            throw new InstanceRefusedException(
                StoreFailure.TransferSyntaxNotSupported, "Transfer Syntax UID (0002,0010) is not a valid UID.");
        }

        _key = _identity is null
            ? ObjectPath.NewUnnamedKey(limits.KeyPrefix, context.Provider)
            : ObjectPath.NewKey(
                limits.KeyPrefix, new StudyKey(context.Provider, _identity.Study), new InstanceId(_identity.Series, _identity.Sop));
        byte[] head = FileMetaWriter.Write(
            _identity?.SopClass.Value, _identity?.Sop.Value, syntax, limits.KeepPreamble ? _parser.Head.Preamble.Span : default);
        _headLength = head.Length;
        await _writer.BeginAsync(_key, head, cancellationToken);
    }
}

/// <summary>An instance that may not be stored; becomes its <see cref="StoreResult"/> within the pipeline.</summary>
internal sealed class InstanceRefusedException(StoreFailure failure, string detail) : Exception(detail)
{
    public StoreFailure Failure { get; } = failure;
}

/// <summary>An instance whose object is durable and which no manifest names yet.</summary>
/// <param name="Identity">Its UIDs.</param>
/// <param name="Parsed">The result of the pass over it.</param>
/// <param name="Key">The key of its object.</param>
/// <param name="HeadLength">Bytes of preamble and file meta in the object.</param>
/// <param name="ObjectLength">Bytes of the object.</param>
/// <param name="ObjectChecksum">XXH3 of the bytes of the object.</param>
/// <param name="UploadBegan">When the upload began.</param>
internal sealed record ReceivedInstance(
    InstanceIdentity Identity, ParsedInstance Parsed, ObjectKey Key, int HeadLength, long ObjectLength, ulong ObjectChecksum,
    DateTimeOffset UploadBegan)
{
    /// <summary>Drops the values that the arrival was built from: the answer needs UIDs only.</summary>
    public void ForgetValues() => Parsed.Dataset.RemoveAll(element => element.VR != DicomVR.UI);
}

/// <summary>Writes the object of one instance.</summary>
/// <remarks>
/// It keeps data set bytes in pooled blocks until the head and the key are known, then hands them to the store in blocks of one size.
/// Disposing it before <see cref="CompleteAsync"/> leaves nothing behind.
/// </remarks>
internal sealed class InstanceObjectWriter(IObjectStore objects) : IAsyncDisposable
{
    private const int BlockSize = 256 << 10;

    private readonly List<byte[]> _blocks = [];
    private readonly XxHash3 _checksum = new();
    private IObjectUpload? _upload;
    private int _lastUsed = BlockSize;

    public bool HasBegun => _upload is not null;

    /// <summary>Bytes that wait for <see cref="BeginAsync"/>.</summary>
    public long HeldBytes => _blocks.Count == 0 ? 0 : ((_blocks.Count - 1L) * BlockSize) + _lastUsed;

    /// <summary>Bytes of the whole object, after <see cref="CompleteAsync"/>.</summary>
    public long Length { get; private set; }

    /// <summary>XXH3 of the bytes that were handed to the store: of the whole object after <see cref="CompleteAsync"/>.</summary>
    public ulong Checksum => _checksum.GetCurrentHashAsUInt64();

    /// <summary>Takes data set bytes; the block may be reused afterwards.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            if (_lastUsed == BlockSize)
            {
                await MakeRoomAsync(cancellationToken);
            }

            int count = Math.Min(bytes.Length, BlockSize - _lastUsed);
            bytes[..count].CopyTo(_blocks[^1].AsMemory(_lastUsed));
            _lastUsed += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>Begins the object under its key with the bytes that stand before the data set.</summary>
    public async Task BeginAsync(ObjectKey key, ReadOnlyMemory<byte> head, CancellationToken cancellationToken)
    {
        _upload = await objects.BeginInstanceAsync(cancellationToken);
        _upload.Key = key;
        await SendAsync(_upload, head, cancellationToken);
        while (_blocks.Count > 1)
        {
            await SendAsync(_upload, _blocks[0].AsMemory(0, BlockSize), cancellationToken);
            Return(0);
        }
    }

    /// <summary>Makes the object durable.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        IObjectUpload upload = _upload ?? throw new InvalidOperationException("An object is begun before it is completed.");
        if (_blocks.Count > 0)
        {
            await SendAsync(upload, _blocks[0].AsMemory(0, _lastUsed), cancellationToken);
            Return(0);
        }

        Length = upload.Length;
        await upload.CompleteAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        while (_blocks.Count > 0)
        {
            Return(0);
        }

        if (_upload is not null)
        {
            await _upload.DisposeAsync();
        }
    }

    private async ValueTask MakeRoomAsync(CancellationToken cancellationToken)
    {
        if (_upload is not null && _blocks.Count > 0)
        {
            await SendAsync(_upload, _blocks[0].AsMemory(0, BlockSize), cancellationToken);
        }
        else
        {
            _blocks.Add(ArrayPool<byte>.Shared.Rent(BlockSize));
        }

        _lastUsed = 0;
    }

    private ValueTask SendAsync(IObjectUpload upload, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _checksum.Append(bytes.Span);
        return upload.WriteAsync(bytes, cancellationToken);
    }

    private void Return(int index)
    {
        ArrayPool<byte>.Shared.Return(_blocks[index]);
        _blocks.RemoveAt(index);
    }
}

/// <summary>The four UIDs that an instance must have; nothing else is required of it.</summary>
public sealed record InstanceIdentity(StudyInstanceUid Study, SeriesInstanceUid Series, SopInstanceUid Sop, SopClassUid SopClass)
{
    private static readonly DicomTag[] Required =
    [
        DicomTag.SOPClassUID,
        DicomTag.SOPInstanceUID,
        DicomTag.StudyInstanceUID,
        DicomTag.SeriesInstanceUID
    ];

    /// <summary>Reads the UIDs; returns false if one is missing or not valid.</summary>
    public static bool TryRead(DicomDataset dataset, [NotNullWhen(true)] out InstanceIdentity? identity)
    {
        identity = null;
        if (!StudyInstanceUid.TryParse(Text(dataset, DicomTag.StudyInstanceUID), out StudyInstanceUid study)
            || !SeriesInstanceUid.TryParse(Text(dataset, DicomTag.SeriesInstanceUID), out SeriesInstanceUid series)
            || !SopInstanceUid.TryParse(Text(dataset, DicomTag.SOPInstanceUID), out SopInstanceUid sop)
            || !SopClassUid.TryParse(Text(dataset, DicomTag.SOPClassUID), out SopClassUid sopClass))
        {
            return false;
        }

        identity = new InstanceIdentity(study, series, sop, sopClass);
        return true;
    }

    /// <summary>All four elements have arrived, valid or not.</summary>
    public static bool HasArrived(DicomDataset dataset) => Array.TrueForAll(Required, tag => dataset.TryGet(tag, out _));

    /// <summary>Names the UIDs that are missing or invalid.</summary>
    public static string DescribeFaults(DicomDataset dataset)
        => "These must be present and valid UIDs: "
            + string.Join(", ", Required.Where(tag => !DicomUid.IsValid(Text(dataset, tag))).Select(tag => tag.ToString()));

    internal static string? Text(DicomDataset? dataset, DicomTag tag)
        => dataset is not null && dataset.TryGet(tag, out DicomElement? element) && element.Items is null && element.Bulk is null
            ? DicomUid.Trim(element.Value.Span)
            : null;
}
