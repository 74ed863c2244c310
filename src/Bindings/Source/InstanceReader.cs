using System.Buffers;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Bindings.Source;

/// <summary>Reads a Part 10 file as it arrives: first its head, then the bytes of its data set, without holding them.</summary>
internal sealed class InstanceReader : IDisposable
{
    private const int BlockBytes = 128 << 10;

    private readonly SourceInstance _instance;
    private readonly byte[] _block;
    private int _start;
    private int _end;

    private InstanceReader(SourceInstance instance)
    {
        _instance = instance;
        _block = ArrayPool<byte>.Shared.Rent(BlockBytes);
    }

    /// <summary>Media Storage SOP Class UID; null if the file names none.</summary>
    public string? SopClassUid { get; private set; }

    public TransferSyntax TransferSyntax { get; private set; } = TransferSyntax.ImplicitVRLittleEndian;

    /// <summary>The data set has an odd number of bytes, against PS3.5 section 7.1.</summary>
    public bool IsOdd { get; private set; }

    /// <summary>The stored bytes do not follow their transfer syntax: another one must be requested.</summary>
    public bool IsIrregular => _instance.IsIrregular;

    /// <summary>Reads the head. The reader disposes the instance, also if this fails.</summary>
    /// <exception cref="DicomParseException">The file is no Part 10 file.</exception>
    public static async Task<InstanceReader> OpenAsync(SourceInstance instance, CancellationToken cancellationToken)
    {
        InstanceReader reader = new(instance);
        try
        {
            await reader.ReadHeadAsync(cancellationToken);
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next bytes of the data set, valid until the next call; empty at its end.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            _start = 0;
            _end = await _instance.Content.ReadAsync(_block, cancellationToken);
        }

        ReadOnlyMemory<byte> bytes = _block.AsMemory(_start, _end - _start);
        _start = _end;
        return bytes;
    }

    public void Dispose()
    {
        _instance.Dispose();
        ArrayPool<byte>.Shared.Return(_block);
    }

    private async Task ReadHeadAsync(CancellationToken cancellationToken)
    {
        DicomReaderOptions limits = DicomReaderOptions.Default;
        while (true)
        {
            int read = await _instance.Content.ReadAsync(_block.AsMemory(_end), cancellationToken);
            _end += read;
            if (Part10HeadReader.TryRead(_block.AsSpan(0, _end), isWhole: read == 0, limits, out Part10Head head))
            {
                SopClassUid = head.Meta.MediaStorageSopClassUid;
                TransferSyntax = head.TransferSyntax;
                _start = head.DataSetOffset;
                IsOdd = _instance.Length is { } length && ((length - _start) & 1) == 1;
                return;
            }

            if (read == 0 || _end == _block.Length)
            {
                throw new DicomParseException(
                    DicomParseError.LimitExceeded, $"The file meta information takes more than {limits.MaxFileMetaBytes} bytes", "", _end);
            }
        }
    }
}
