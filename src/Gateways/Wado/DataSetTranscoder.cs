using System.Buffers;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dicom.Writing;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>
/// Sends an instance with native pixel data in Explicit or Implicit VR Little Endian, and an irregular compressed one regularly encoded.
/// </summary>
/// <remarks>
/// A small header is read in a first pass and re-encoded from memory; a larger one is read again and re-encoded element by element. Bulk
/// values are copied by range. A deflated data set is explicit little endian already, so inflating it is enough.
/// </remarks>
/// <param name="objects">Where the instances are.</param>
/// <param name="headers">Covers what is held of them.</param>
/// <param name="options">Limits of the first pass.</param>
/// <param name="target">What it becomes.</param>
/// <param name="encoding">How it is stored.</param>
internal sealed class DataSetTranscoder(
    VerifiedObjects objects, HeaderBudget headers, DicomReaderOptions options, TransferSyntax target, StoredEncoding encoding)
{
    private const int WorthReopening = 1 << 20;

    /// <summary>Reads what must be read before the first byte can be sent, so that what cannot be re-encoded is found early.</summary>
    /// <exception cref="DicomParseException">
    /// The stored object cannot be read, though it is what was stored, or not be written in the other syntax.
    /// </exception>
    /// <exception cref="HeaderBudgetException">There was no memory for its header.</exception>
    public async Task<PreparedDataSet> PrepareAsync(InstanceState instance, CancellationToken cancellationToken)
    {
        await using var bytes = new InstanceBytes(objects, instance, encoding);
        try
        {
            return await PrepareCoreAsync(bytes, cancellationToken);
        }
        catch (Exception exception) when (exception is DicomParseException or InvalidDataException)
        {
            await objects.VerifyAsync(instance, cancellationToken);
            throw;
        }
    }

    private async Task<PreparedDataSet> PrepareCoreAsync(InstanceBytes bytes, CancellationToken cancellationToken)
    {
        if (bytes.Syntax.IsDeflated && target == TransferSyntax.ExplicitVRLittleEndian && !encoding.IsIrregular)
        {
            return new PreparedDataSet(TranscodingWay.Inflate, null, null);
        }

        var trial = new DataSetWriter(Stream.Null, (_, _, _) => Task.CompletedTask, target);
        var small = new DataSetParser(bytes.Syntax, options);
        if (await ReadAsync(bytes, small, () => ValueTask.FromResult(small.MemoryBytes <= headers.FreeBytes), cancellationToken))
        {
            trial.ThrowIfUnwritable(small.Dataset, bytes.Syntax.IsBigEndian);
            return new PreparedDataSet(TranscodingWay.FromMemory, small.Dataset, null);
        }

        HeaderShare share = headers.Open();
        try
        {
            return await PrepareLargeAsync(bytes, trial, share, cancellationToken);
        }
        catch
        {
            share.Dispose();
            throw;
        }
    }

    private async Task<PreparedDataSet> PrepareLargeAsync(
        InstanceBytes bytes, DataSetWriter trial, HeaderShare share, CancellationToken cancellationToken)
    {
        var steps = new DataSetSteps();
        var ordered = new DataSetParser(bytes.Syntax, options, steps);
        await ReadAsync(bytes, ordered, () => CoverAsync(share, ordered, steps, TryOut, cancellationToken), cancellationToken);
        TryOut();
        if (!ordered.Warnings.Contains(DicomParseWarning.ElementOrder) && !ordered.Warnings.Contains(DicomParseWarning.DuplicateElement))
        {
            return new PreparedDataSet(TranscodingWay.ElementByElement, null, share);
        }

        // Only a data set that is held whole can be put in order.
        var whole = new DataSetParser(bytes.Syntax, options);
        await ReadAsync(bytes, whole, () => CoverAsync(share, whole.MemoryBytes, cancellationToken), cancellationToken);
        return new PreparedDataSet(TranscodingWay.FromMemory, whole.Dataset, share);

        void TryOut()
        {
            steps.ThrowIfUnwritable(trial, bytes.Syntax.IsBigEndian);
            steps.Clear();
        }
    }

    /// <summary>Writes a Part 10 file.</summary>
    /// <param name="instance">The row.</param>
    /// <param name="prepared">The result of <see cref="PrepareAsync"/>.</param>
    /// <param name="output">Takes the file.</param>
    /// <param name="cancellationToken">Ends the copy.</param>
    public async Task WriteAsync(InstanceState instance, PreparedDataSet prepared, Stream output, CancellationToken cancellationToken)
    {
        await output.WriteAsync(FileMetaWriter.Write(instance.SopClass.Value, instance.Id.Sop.Value, target.Uid), cancellationToken);
        await WriteDataSetAsync(instance, prepared, output, cancellationToken);
    }

    /// <summary>
    /// Writes the data set alone. It may be used only after this returns: the bytes that it is made of are verified at the end.
    /// </summary>
    /// <param name="instance">The row.</param>
    /// <param name="prepared">The result of <see cref="PrepareAsync"/>.</param>
    /// <param name="output">Takes the data set.</param>
    /// <param name="cancellationToken">Ends the copy.</param>
    public Task WriteDataSetAsync(InstanceState instance, PreparedDataSet prepared, Stream output, CancellationToken cancellationToken)
        => prepared.Share is { } share
            ? share.SendAsync(token => WriteCoreAsync(instance, prepared, output, token), cancellationToken)
            : WriteCoreAsync(instance, prepared, output, cancellationToken);

    private async Task WriteCoreAsync(InstanceState instance, PreparedDataSet prepared, Stream output, CancellationToken cancellationToken)
    {
        await using var bytes = new InstanceBytes(objects, instance, encoding, isWhole: true);
        var buffered = new BufferedStream(output, StreamCopy.BlockSize);
        var writer = new DataSetWriter(buffered, CopyBulkAsync, target);
        switch (prepared.Way)
        {
            case TranscodingWay.Inflate:
                await InflateAsync(instance, bytes, buffered, cancellationToken);
                break;
            case TranscodingWay.FromMemory:
                await writer.WriteAsync(prepared.Dataset!, cancellationToken);
                break;
            default:
                await WriteElementsAsync(instance, prepared.Share!, writer, cancellationToken);
                break;
        }

        await bytes.CompleteAsync(cancellationToken);
        await buffered.FlushAsync(cancellationToken);

        async Task CopyBulkAsync(DicomElement element, Stream sink, CancellationToken token)
        {
            var range = new ByteRange(element.Bulk!.Offset, element.Bulk.Length);
            Stream value = await bytes.OpenValueAsync(range, element.VR, 0, range.Length, token);
            await StreamCopy.ToStreamAsync(value, range.Length, sink, token);
        }
    }

    private async Task InflateAsync(InstanceState instance, InstanceBytes bytes, Stream output, CancellationToken cancellationToken)
    {
        try
        {
            Stream inflated = await bytes.OpenAsync(0, bytes.StoredLength, cancellationToken);
            await inflated.CopyToAsync(output, StreamCopy.BlockSize, cancellationToken);
        }
        catch (InvalidDataException)
        {
            await objects.VerifyAsync(instance, cancellationToken);
            throw;
        }
    }

    private async Task WriteElementsAsync(
        InstanceState instance, HeaderShare share, DataSetWriter writer, CancellationToken cancellationToken)
    {
        // Bulk values are read beside it, so that each of the two goes forward only.
        await using var header = new InstanceBytes(objects, instance, encoding);
        var steps = new DataSetSteps();
        var parser = new DataSetParser(header.Syntax, options, steps);
        await ReadAsync(
            header,
            parser,
            async () =>
            {
                bool isCovered = await CoverAsync(share, parser, steps, null, cancellationToken);
                await steps.WriteAsync(writer, cancellationToken);
                return isCovered;
            },
            cancellationToken);
        await steps.WriteAsync(writer, cancellationToken);
    }

    private static ValueTask<bool> CoverAsync(
        HeaderShare share, DataSetParser parser, DataSetSteps steps, Action? then, CancellationToken cancellationToken)
    {
        long bytes = steps.MemoryBytes + (2 * parser.ValueBytes);
        then?.Invoke();
        return CoverAsync(share, bytes, cancellationToken);
    }

    private static async ValueTask<bool> CoverAsync(HeaderShare share, long bytes, CancellationToken cancellationToken)
    {
        await share.RequireAsync(bytes, cancellationToken);
        return true;
    }

    /// <summary>Reads the data set except its bulk values; returns false if it was ended early.</summary>
    /// <param name="bytes">The data set.</param>
    /// <param name="parser">Takes it.</param>
    /// <param name="goOn">Asked after each block.</param>
    /// <param name="cancellationToken">Ends it.</param>
    private static async Task<bool> ReadAsync(
        InstanceBytes bytes, DataSetParser parser, Func<ValueTask<bool>> goOn, CancellationToken cancellationToken)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(StreamCopy.BlockSize);
        try
        {
            // How long an inflated data set is shows only at its end.
            long end = bytes.Syntax.IsDeflated ? long.MaxValue : bytes.StoredLength;
            while (parser.Offset < end)
            {
                Stream stream = await bytes.OpenAsync(parser.Offset, end - parser.Offset, cancellationToken);
                int count;
                while (parser.Skippable < WorthReopening && (count = await stream.ReadAsync(block, cancellationToken)) > 0)
                {
                    parser.Feed(block.AsSpan(0, count));
                    if (!await goOn())
                    {
                        return false;
                    }
                }

                if (parser.Skippable < WorthReopening)
                {
                    break;
                }

                parser.Skip(Math.Min(parser.Skippable, end - parser.Offset));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        parser.Complete();
        return true;
    }
}

/// <summary>What one block of a data set brought, until it is written.</summary>
internal sealed class DataSetSteps : IDataSetObserver
{
    private const int StepBytes = 160;

    private readonly List<(StepKind Kind, DicomElement? Element)> _steps = [];
    private long _valueBytes;

    private enum StepKind
    {
        Element,
        BeginSequence,
        BeginItem,
        EndItem,
        EndSequence,
    }

    /// <summary>Bytes of memory, by estimate.</summary>
    public long MemoryBytes => _valueBytes + (_steps.Count * (long)StepBytes);

    public void Element(DicomElement element)
    {
        _valueBytes += element.Value.Length;
        _steps.Add((StepKind.Element, element));
    }

    public void BeginSequence(DicomTag tag) => _steps.Add((StepKind.BeginSequence, new DicomElement(tag, [])));

    public void BeginItem() => _steps.Add((StepKind.BeginItem, null));

    public void EndItem() => _steps.Add((StepKind.EndItem, null));

    public void EndSequence() => _steps.Add((StepKind.EndSequence, null));

    /// <summary>Throws where one of them cannot be written.</summary>
    /// <exception cref="DicomParseException">An element cannot be written in the syntax.</exception>
    public void ThrowIfUnwritable(DataSetWriter writer, bool wasBigEndian)
    {
        foreach ((StepKind kind, DicomElement? element) in _steps)
        {
            if (kind == StepKind.BeginSequence)
            {
                writer.ThrowIfUnwritable(element!.Tag);
            }
            else if (kind == StepKind.Element)
            {
                writer.ThrowIfUnwritable(element!, wasBigEndian);
            }
        }
    }

    public void Clear()
    {
        _steps.Clear();
        _valueBytes = 0;
    }

    /// <summary>Writes them, and forgets them.</summary>
    public async Task WriteAsync(DataSetWriter writer, CancellationToken cancellationToken)
    {
        foreach ((StepKind kind, DicomElement? element) in _steps)
        {
            await (kind switch
            {
                StepKind.Element => writer.WriteAsync(element!, cancellationToken),
                StepKind.BeginSequence => writer.BeginSequenceAsync(element!.Tag, cancellationToken),
                StepKind.BeginItem => writer.BeginItemAsync(cancellationToken),
                StepKind.EndItem => writer.EndItemAsync(cancellationToken),
                _ => writer.EndSequenceAsync(cancellationToken),
            });
        }

        Clear();
    }
}

/// <summary>How an instance is re-encoded.</summary>
internal enum TranscodingWay
{
    Inflate,
    FromMemory,
    ElementByElement,
}

/// <summary>The result of the first pass of <see cref="DataSetTranscoder"/>.</summary>
/// <param name="Way">How to go on.</param>
/// <param name="Dataset">The data set, where it is held.</param>
/// <param name="Share">Covers it, where it is large.</param>
internal sealed record PreparedDataSet(TranscodingWay Way, DicomDataset? Dataset, HeaderShare? Share) : IDisposable
{
    public void Dispose() => Share?.Dispose();
}
