using Microsoft.Win32.SafeHandles;

namespace ImagingIngestion.Storage;

/// <summary>A range of a file, read forward at explicit offsets; owns the handle.</summary>
internal sealed class FileRangeStream(SafeFileHandle file, long offset, long length) : RangeStream(length)
{
    public override int Read(Span<byte> buffer)
    {
        int wanted = (int)Math.Min(buffer.Length, Left);
        if (wanted <= 0)
        {
            return 0;
        }

        try
        {
            int read = RandomAccess.Read(file, buffer[..wanted], offset + Passed);
            Passed += read;
            return read;
        }
        catch (Exception exception) when (FolderErrors.IsFileSystemError(exception))
        {
            throw FolderErrors.ToFault(exception, "Read of an object");
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        => cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<int>(cancellationToken) : ValueTask.FromResult(Read(buffer.Span));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
        }

        base.Dispose(disposing);
    }
}
