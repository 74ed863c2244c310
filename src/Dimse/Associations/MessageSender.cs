using System.Buffers;
using System.IO.Pipelines;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>Sends messages as P-DATA-TF (PS3.8 annex E), one at a time.</summary>
/// <remarks>A command set is sent together with a data set that is in memory, in one write if it is small.</remarks>
internal sealed class MessageSender(UpperLayerProvider layer, int maximumLength)
{
    private const int FlushThreshold = 256 << 10;

    private readonly ArrayBufferWriter<byte> _command = new(512);

    /// <summary>The longest fragment: of even length, and with its headers no longer than a pooled buffer.</summary>
    public int MaxFragment { get; } = Math.Max(
        2, Math.Min(maximumLength - DataTransferPdu.ValueHeaderSize, FlushThreshold - DataTransferPdu.HeaderSize) & ~1);

    /// <summary>Sends a command set, with a data set unless it is null.</summary>
    /// <exception cref="AssociationException">The association is gone.</exception>
    public ValueTask SendAsync(byte contextId, DimseCommand command, ReadOnlyMemory<byte>? dataSet, CancellationToken cancellationToken)
        => SendMessageAsync(contextId, command, new Body(dataSet, null), cancellationToken);

    /// <summary>Sends a command set and the data set that the function writes.</summary>
    /// <exception cref="AssociationException">The association is gone.</exception>
    public ValueTask SendWrittenAsync(
        byte contextId, DimseCommand command, Func<Stream, CancellationToken, Task> dataSet, CancellationToken cancellationToken)
        => SendMessageAsync(contextId, command, new Body(null, dataSet), cancellationToken);

    /// <summary>Sends the written PDUs.</summary>
    /// <exception cref="AssociationException">They cannot be sent.</exception>
    internal async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        ThrowIfNotAllowed();
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await layer.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception)
        {
            // Part of a PDU may have been sent: the peer would take an A-ABORT for the rest of it.
            layer.Break(
                new AssociationException(AssociationFault.Ended, "The association was given up in the middle of a message.", exception));
            throw;
        }
        catch (IOException exception)
        {
            layer.Break(
                new AssociationException(AssociationFault.ConnectionLost, "The connection broke while a message was sent.", exception));
            throw layer.EndedException();
        }
    }

    private async ValueTask SendMessageAsync(byte contextId, DimseCommand command, Body body, CancellationToken cancellationToken)
    {
        layer.ThrowIfOver();
        await layer.Output.EnterAsync(cancellationToken).ConfigureAwait(false);
        bool isBegun = false;
        try
        {
            ThrowIfNotAllowed();
            isBegun = true;
            await WriteAsync(contextId, command, body, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (isBegun && layer.IsOver && !cancellationToken.IsCancellationRequested)
        {
            throw layer.EndedException();
        }
        catch (Exception exception) when (isBegun)
        {
            // A message that stops in the middle leaves the peer waiting for the rest: only an abort ends it.
            layer.Abort(new AssociationException(
                AssociationFault.Ended,
                $"The association was aborted because a message could not be sent to its end: {exception.GetType().Name}.",
                exception));
            throw;
        }
        finally
        {
            layer.Output.Leave();
        }
    }

    private async ValueTask WriteAsync(byte contextId, DimseCommand command, Body body, CancellationToken cancellationToken)
    {
        _command.ResetWrittenCount();
        CommandSet.Write(_command, command, body.HasDataSet);
        int together = _command.WrittenCount
            + (body.Bytes is { Length: < FlushThreshold } small ? small.Length + DataTransferPdu.HeaderSize : 0);
        layer.Output.Writer.GetMemory(together + DataTransferPdu.HeaderSize);
        await WriteFragmentsAsync(contextId, isCommand: true, _command.WrittenMemory, cancellationToken).ConfigureAwait(false);
        if (body.Bytes is { } bytes)
        {
            await WriteFragmentsAsync(contextId, isCommand: false, bytes, cancellationToken).ConfigureAwait(false);
        }
        else if (body.Write is { } write)
        {
            await using DataSetStream stream = new(this, layer.Output.Writer, contextId);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(
                cancellationToken, layer.Association!.Ended);
            await write(stream, either.Token).ConfigureAwait(false);
            stream.Finish();
        }

        await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask WriteFragmentsAsync(
        byte contextId, bool isCommand, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        int unflushed = 0;
        do
        {
            int length = Math.Min(bytes.Length, MaxFragment);
            Span<byte> target = layer.Output.Writer.GetSpan(length + DataTransferPdu.HeaderSize);
            DataTransferPdu.WriteHeader(target, contextId, isCommand, isLast: length == bytes.Length, length);
            bytes.Span[..length].CopyTo(target[DataTransferPdu.HeaderSize..]);
            layer.Output.Writer.Advance(length + DataTransferPdu.HeaderSize);
            bytes = bytes[length..];
            unflushed += length + DataTransferPdu.HeaderSize;
            if (unflushed >= FlushThreshold && !bytes.IsEmpty)
            {
                await FlushAsync(cancellationToken).ConfigureAwait(false);
                unflushed = 0;
            }
        }
        while (!bytes.IsEmpty);
    }

    private void ThrowIfNotAllowed()
    {
        if (!layer.MaySendData)
        {
            throw layer.EndedException();
        }
    }

    private readonly record struct Body(ReadOnlyMemory<byte>? Bytes, Func<Stream, CancellationToken, Task>? Write)
    {
        public bool HasDataSet => Bytes is not null || Write is not null;
    }
}

/// <summary>Puts the bytes of a data set into P-DATA-TF in the buffer from which they are sent.</summary>
/// <remarks>A full fragment is held back until it is known whether it is the last.</remarks>
internal sealed class DataSetStream(MessageSender sender, PipeWriter output, byte contextId) : Stream
{
    private const int FlushThreshold = 64 << 10;

    private Memory<byte> _pdu;
    private int _length;
    private int _unflushed;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            if (_length == sender.MaxFragment)
            {
                await SendFragmentAsync(cancellationToken).ConfigureAwait(false);
            }

            if (_pdu.IsEmpty)
            {
                int size = DataTransferPdu.HeaderSize + sender.MaxFragment;
                _pdu = output.GetMemory(size)[..size];
            }

            int count = Math.Min(buffer.Length, sender.MaxFragment - _length);
            buffer[..count].CopyTo(_pdu[(DataTransferPdu.HeaderSize + _length)..]);
            _length += count;
            buffer = buffer[count..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Not supported: it would block a thread for as long as the peer wants.</summary>
    public override void Write(byte[] buffer, int offset, int count)
        => throw new NotSupportedException("Write to an association asynchronously.");

    public override void Flush()
    {
        // Fragments are sent when they are full, and the last one at the end of the message.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Ends the data set with what is left, or with an empty fragment.</summary>
    public void Finish() => EndFragment(isLast: true);

    private async ValueTask SendFragmentAsync(CancellationToken cancellationToken)
    {
        EndFragment(isLast: false);
        if (_unflushed >= FlushThreshold)
        {
            _unflushed = 0;
            await sender.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void EndFragment(bool isLast)
    {
        Memory<byte> pdu = _pdu.IsEmpty ? output.GetMemory(DataTransferPdu.HeaderSize) : _pdu;
        DataTransferPdu.WriteHeader(pdu.Span, contextId, isCommand: false, isLast, _length);
        output.Advance(DataTransferPdu.HeaderSize + _length);
        _unflushed += DataTransferPdu.HeaderSize + _length;
        _pdu = default;
        _length = 0;
    }
}
