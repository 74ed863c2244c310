using System.Buffers;
using System.Globalization;

namespace ImagingIngestion.Load.Generator;

/// <summary>Writes generated instances as the parts of a STOW-RS request, or as the data set of a C-STORE.</summary>
/// <remarks>
/// It is cheap: the head is patched in place, and the pixel bytes are one shared block that is sent repeatedly. Each client needs its own.
/// </remarks>
public sealed class InstanceWriter
{
    /// <summary>The boundary between parts.</summary>
    public const string Boundary = "bench-load-boundary-7f3a91c2";

    private const int FlushAt = 64 << 10;

    private static readonly byte[] PartHeader = System.Text.Encoding.ASCII.GetBytes(
        $"\r\n--{Boundary}\r\nContent-Type: application/dicom\r\n\r\n");
    private static readonly byte[] End = System.Text.Encoding.ASCII.GetBytes($"\r\n--{Boundary}--\r\n");
    private static readonly byte[] PixelBlock = Noise(CtTemplate.FrameBytes);

    private readonly InstanceTemplate _template;
    private readonly int _run;
    private readonly int _instancesPerStudy;
    private readonly byte[] _head;
    private readonly ArrayBufferWriter<byte> _pending = new(FlushAt * 2);

    public InstanceWriter(InstanceTemplate template, int run, int instancesPerStudy)
    {
        _template = template;
        _run = run;
        _instancesPerStudy = instancesPerStudy;
        _head = [.. template.Head];
    }

    /// <summary>Bytes of a whole request body.</summary>
    public long BodyLength(int count) => (count * (PartHeader.Length + _template.TotalLength)) + End.Length;

    /// <summary>Writes a whole request body.</summary>
    public async Task WriteBodyAsync(Stream stream, long firstIndex, int count, CancellationToken cancellationToken)
    {
        _pending.ResetWrittenCount();
        for (int i = 0; i < count; i++)
        {
            Patch(InstanceIdentity.FromIndex(firstIndex + i, _instancesPerStudy));
            _pending.Write(PartHeader);
            _pending.Write(_head);
            if (_template.PixelLength > 0 || _pending.WrittenCount >= FlushAt)
            {
                await FlushAsync(stream, cancellationToken);
            }

            await WritePixelsAsync(stream, cancellationToken);
        }

        _pending.Write(End);
        await FlushAsync(stream, cancellationToken);
    }

    /// <summary>Writes the data set of one instance in Explicit VR Little Endian.</summary>
    public async Task WriteDataSetAsync(Stream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(_head.AsMemory(_template.DataSetOffset), cancellationToken);
        await WritePixelsAsync(stream, cancellationToken);
    }

    /// <summary>Sets the instance for <see cref="WriteDataSetAsync"/>; returns its SOP Instance UID.</summary>
    public string Select(long index)
    {
        Patch(InstanceIdentity.FromIndex(index, _instancesPerStudy));
        return System.Text.Encoding.ASCII.GetString(At(_template.SopInstanceUid)).TrimEnd('\0');
    }

    /// <summary>Returns one whole file in memory.</summary>
    public byte[] ToFile(long index)
    {
        Patch(InstanceIdentity.FromIndex(index, _instancesPerStudy));
        byte[] file = new byte[_template.TotalLength];
        _head.CopyTo(file, 0);
        for (int at = _head.Length; at < file.Length; at += PixelBlock.Length)
        {
            PixelBlock.AsSpan(0, Math.Min(PixelBlock.Length, file.Length - at)).CopyTo(file.AsSpan(at));
        }

        return file;
    }

    private async Task FlushAsync(Stream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(_pending.WrittenMemory, cancellationToken);
        _pending.ResetWrittenCount();
    }

    private async Task WritePixelsAsync(Stream stream, CancellationToken cancellationToken)
    {
        for (long left = _template.PixelLength; left > 0; left -= PixelBlock.Length)
        {
            await stream.WriteAsync(PixelBlock.AsMemory(0, (int)Math.Min(left, PixelBlock.Length)), cancellationToken);
        }
    }

    private void Patch(InstanceIdentity id)
    {
        BenchUid.Write(At(_template.MediaStorageSopInstanceUid), BenchUid.Instance, _run, id.Instance);
        BenchUid.Write(At(_template.SopInstanceUid), BenchUid.Instance, _run, id.Instance);
        BenchUid.Write(At(_template.StudyInstanceUid), BenchUid.Study, _run, id.Study);
        BenchUid.Write(At(_template.SeriesInstanceUid), BenchUid.Series, _run, id.Study);
        id.InstanceNumber.TryFormat(At(_template.InstanceNumber), out _, "D6", CultureInfo.InvariantCulture);
        Text(_template.PatientName, StudyFacts.Name(id.Study));
        Text(_template.PatientId, StudyFacts.PatientId(id.Study));
        Text(_template.StudyDate, StudyFacts.DicomDate(StudyFacts.Date(id.Study)));
        if (!_template.Modality.IsAbsent)
        {
            Text(_template.Modality, StudyFacts.Modality(id.Study));
        }
    }

    private Span<byte> At(PatchSlot slot) => _head.AsSpan(slot.Offset, slot.Length);

    private void Text(PatchSlot slot, string value) => StudyFacts.Write(At(slot), value);

    private static byte[] Noise(int length)
    {
        byte[] block = new byte[length];
        new Random(20_240_102).NextBytes(block);
        for (int i = 1; i < length; i += 2)
        {
            block[i] &= 0x0F;
        }

        return block;
    }
}
