using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Dicom.Writing;

/// <summary>Writes a data set in explicit or implicit VR little endian, forward, in blocks.</summary>
/// <remarks>
/// Sequences and items have undefined length, so that nothing must be measured first. Group lengths are left out, because re-encoding makes
/// them wrong.
/// </remarks>
/// <param name="target">Receives the bytes.</param>
/// <param name="bulk">Copies the value field of a bulk value, already in little endian and unpadded, to the target.</param>
/// <param name="syntax">Explicit VR little endian when null; no big endian or deflated one.</param>
public sealed class DataSetWriter(Stream target, Func<DicomElement, Stream, CancellationToken, Task> bulk, TransferSyntax? syntax = null)
{
    private readonly bool _isExplicit = IsExplicit(syntax);

    /// <summary>Throws if a data set cannot be written; later it would be cut off in the middle.</summary>
    /// <param name="dataset">What is to be written.</param>
    /// <param name="wasBigEndian">The items of fragments are in big endian, and would be copied as they are.</param>
    /// <exception cref="DicomParseException">An element cannot be written in the syntax.</exception>
    public void ThrowIfUnwritable(DicomDataset dataset, bool wasBigEndian)
    {
        foreach (DicomElement element in dataset.Elements)
        {
            ThrowIfUnwritable(element, wasBigEndian);
        }
    }

    /// <summary>Throws if an element, or one in its items, cannot be written.</summary>
    /// <param name="element">What is to be written.</param>
    /// <param name="wasBigEndian">The items of fragments are in big endian, and would be copied as they are.</param>
    /// <exception cref="DicomParseException">It cannot be written in the syntax.</exception>
    public void ThrowIfUnwritable(DicomElement element, bool wasBigEndian)
    {
        if (wasBigEndian && element.Bulk is { IsEncapsulated: true } fragments)
        {
            throw new DicomParseException(
                DicomParseError.UnexpectedElement,
                "Fragments in big endian cannot be written in little endian",
                element.Tag.ToHex(),
                fragments.Offset);
        }

        if (!_isExplicit)
        {
            long length = element.Items?.Count ?? element.Bulk?.Length ?? element.Value.Length;
            ElementHeaderWriter.ThrowIfLostInImplicitVR(element.Tag, element.VR, length, element.Bulk?.Offset ?? 0);
        }

        foreach (DicomDataset item in element.Items ?? [])
        {
            ThrowIfUnwritable(item, wasBigEndian);
        }
    }

    /// <summary>Throws if a reader could not distinguish the items of the sequence from a value.</summary>
    /// <exception cref="DicomParseException">It cannot be written in the syntax.</exception>
    public void ThrowIfUnwritable(DicomTag sequence)
    {
        if (!_isExplicit)
        {
            ElementHeaderWriter.ThrowIfLostInImplicitVR(sequence, DicomVR.SQ, length: 1, offset: 0);
        }
    }

    /// <summary>Writes all elements; groups 0000 and 0002 are skipped.</summary>
    public async Task WriteAsync(DicomDataset dataset, CancellationToken cancellationToken)
    {
        foreach (DicomElement element in dataset.Elements)
        {
            await WriteAsync(element, cancellationToken);
        }
    }

    /// <summary>Writes one element with its items; one of group 0000 or 0002 is skipped.</summary>
    public async Task WriteAsync(DicomElement element, CancellationToken cancellationToken)
    {
        if (element.Tag.Group <= 0x0002 || element.Tag.IsGroupLength)
        {
            return;
        }

        if (element.Items is not null)
        {
            await WriteSequenceAsync(element, cancellationToken);
        }
        else if (element.Bulk is not null)
        {
            await WriteBulkAsync(element, element.Bulk, cancellationToken);
        }
        else
        {
            await WriteValueAsync(element, cancellationToken);
        }
    }

    /// <summary>Begins a sequence whose items follow.</summary>
    public Task BeginSequenceAsync(DicomTag tag, CancellationToken cancellationToken)
        => WriteHeaderAsync(tag, DicomVR.SQ, ElementHeader.UndefinedLength, cancellationToken);

    /// <summary>Begins an item whose elements follow.</summary>
    public Task BeginItemAsync(CancellationToken cancellationToken)
        => WriteHeaderAsync(DicomTag.Item, DicomVR.None, ElementHeader.UndefinedLength, cancellationToken);

    public Task EndItemAsync(CancellationToken cancellationToken)
        => WriteHeaderAsync(DicomTag.ItemDelimitationItem, DicomVR.None, 0, cancellationToken);

    public Task EndSequenceAsync(CancellationToken cancellationToken)
        => WriteHeaderAsync(DicomTag.SequenceDelimitationItem, DicomVR.None, 0, cancellationToken);

    private async Task WriteSequenceAsync(DicomElement sequence, CancellationToken cancellationToken)
    {
        await BeginSequenceAsync(sequence.Tag, cancellationToken);
        foreach (DicomDataset item in sequence.Items!)
        {
            await BeginItemAsync(cancellationToken);
            await WriteAsync(item, cancellationToken);
            await EndItemAsync(cancellationToken);
        }

        await EndSequenceAsync(cancellationToken);
    }

    private async Task WriteValueAsync(DicomElement element, CancellationToken cancellationToken)
    {
        DicomVR vr = WritableVR(element.VR, element.Value.Length + (element.Value.Length & 1));
        await WriteHeaderAsync(element.Tag, vr, (uint)(element.Value.Length + (element.Value.Length & 1)), cancellationToken);
        await target.WriteAsync(element.Value, cancellationToken);
        await PadAsync(element, element.Value.Length, cancellationToken);
    }

    private async Task WriteBulkAsync(DicomElement element, BulkValue value, CancellationToken cancellationToken)
    {
        if (value.IsEncapsulated)
        {
            // The range runs from the offset table to the sequence delimiter, item headers included.
            await WriteHeaderAsync(element.Tag, element.VR, ElementHeader.UndefinedLength, cancellationToken);
            await bulk(element, target, cancellationToken);
            if (value.LacksDelimiter)
            {
                await WriteHeaderAsync(DicomTag.SequenceDelimitationItem, DicomVR.None, 0, cancellationToken);
            }

            return;
        }

        long length = value.Length + (value.Length & 1);
        await WriteHeaderAsync(element.Tag, WritableVR(element.VR, length), (uint)length, cancellationToken);
        await bulk(element, target, cancellationToken);
        await PadAsync(element, value.Length, cancellationToken);
    }

    private async Task PadAsync(DicomElement element, long length, CancellationToken cancellationToken)
    {
        if ((length & 1) == 1)
        {
            await target.WriteAsync(new[] { element.VR.Traits().Padding }, cancellationToken);
        }
    }

    private async Task WriteHeaderAsync(DicomTag tag, DicomVR vr, uint length, CancellationToken cancellationToken)
    {
        byte[] header = new byte[ElementHeader.MaxSize];
        int size = _isExplicit
            ? ElementHeaderWriter.Write(header, tag, vr, length)
            : ElementHeaderWriter.WriteImplicit(header, tag, length);
        await target.WriteAsync(header.AsMemory(0, size), cancellationToken);
    }

    private DicomVR WritableVR(DicomVR vr, long length) => _isExplicit ? ElementHeaderWriter.WritableVR(vr, length) : vr;

    private static bool IsExplicit(TransferSyntax? syntax)
        => syntax is not ({ IsBigEndian: true } or { IsDeflated: true })
            ? syntax?.IsExplicitVR ?? true
            : throw new ArgumentException("Data sets are written in little endian without deflation.", nameof(syntax));
}
