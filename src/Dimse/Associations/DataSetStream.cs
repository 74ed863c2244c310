using System.IO.Pipelines;
using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>Takes the bytes of a data set and puts them into P-DATA-TF right where they are sent from. A full fragment is kept back until it is known whether it is the last.</summary>
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
                _pdu = output.GetMemory(sender.MaxFragment + DataTransferPdu.HeaderSize)[..(sender.MaxFragment + DataTransferPdu.HeaderSize)];
            }

            int count = Math.Min(buffer.Length, sender.MaxFragment - _length);
            buffer[..count].CopyTo(_pdu[(DataTransferPdu.HeaderSize + _length)..]);
            _length += count;
            buffer = buffer[count..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Would block a thread for as long as the peer likes.</summary>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write to an association asynchronously.");

    public override void Flush()
    {
        // Fragments leave when they are full, and the last one at the end of the message.
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
