using ImagingIngestion.Manifest.Ports;
using Microsoft.Win32.SafeHandles;

namespace ImagingIngestion.Storage.Folder;

/// <summary>A range of a file, read forward: directly if the kernel has it in memory, otherwise on the threads of the disk.</summary>
/// <remarks>
/// Few files stay open between two reads; the others are opened again. So clients that read slowly cannot use up the file descriptors of
/// the process. Content never changes under a key, and an object is deleted a day after its row dropped it at the earliest.
/// </remarks>
internal sealed class FileRangeStream : RangeStream
{
    private readonly FolderReads _reads;
    private readonly string _path;
    private readonly long _offset;
    private SafeFileHandle? _kept;

    private FileRangeStream(FolderReads reads, string path, long offset, long length)
        : base(length)
    {
        _reads = reads;
        _path = path;
        _offset = offset;
    }

    /// <summary>Opens the range; a length beyond the end of the file reads to its end.</summary>
    /// <exception cref="ObjectStoreException">There is no such file, it cannot be read, or too much waits for the disk.</exception>
    public static async Task<Stream> OpenAsync(
        FolderReads reads, string path, long offset, long length, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return reads.Cached.TryOpen(path) is { } file
            ? Create(reads, path, file, offset, length)
            : await reads.Threads.BeginAsync(() => Create(reads, path, Open(reads, path), offset, length), cancellationToken)
                .ConfigureAwait(false);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Memory<byte> wanted = buffer[..(int)Math.Min(buffer.Length, Left)];
        int read = wanted.IsEmpty ? 0 : TryRead(wanted.Span);
        return read > 0 || wanted.IsEmpty ? ValueTask.FromResult(read) : WaitAndReadAsync(wanted, cancellationToken);
    }

    /// <summary>Is refused, because it would block a thread on the disk.</summary>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read an object asynchronously.");

    protected override void Dispose(bool disposing)
    {
        if (disposing && _kept is { } file)
        {
            _kept = null;
            _reads.Close(file);
        }

        base.Dispose(disposing);
    }

    private static FileRangeStream Create(FolderReads reads, string path, SafeFileHandle file, long offset, long length)
    {
        try
        {
            long available = Math.Max(0, RandomAccess.GetLength(file) - offset);
            FileRangeStream stream = new(reads, path, offset, Math.Min(length, available));
            stream.KeepOrClose(file);
            return stream;
        }
        catch (Exception exception) when (FolderErrors.IsFileSystemError(exception))
        {
            file.Dispose();
            throw FolderErrors.ToFault(exception, "Opening an object");
        }
    }

    private static SafeFileHandle Open(FolderReads reads, string path)
    {
        try
        {
            SafeFileHandle file = File.OpenHandle(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
            reads.Cached.Probe(file);
            return file;
        }
        catch (Exception exception) when (FolderErrors.IsFileSystemError(exception))
        {
            throw FolderErrors.ToFault(exception, "Opening an object");
        }
    }

    /// <summary>Reads what is in memory; returns 0 if nothing is.</summary>
    private int TryRead(Span<byte> buffer)
    {
        if ((_kept ?? _reads.Cached.TryOpen(_path)) is not { } file)
        {
            return 0;
        }

        int read = _reads.Cached.TryRead(file, buffer, _offset + Passed);
        KeepOrClose(file);
        Passed += read;
        return read;
    }

    private async ValueTask<int> WaitAndReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int read = await _reads.Threads.ContinueAsync(() => WaitAndRead(buffer.Span), cancellationToken).ConfigureAwait(false);
        Passed += read;
        return read;
    }

    private int WaitAndRead(Span<byte> buffer)
    {
        SafeFileHandle file = _kept ?? Open(_reads, _path);
        try
        {
            return RandomAccess.Read(file, buffer, _offset + Passed);
        }
        catch (Exception exception) when (FolderErrors.IsFileSystemError(exception))
        {
            throw FolderErrors.ToFault(exception, "Read of an object");
        }
        finally
        {
            KeepOrClose(file);
        }
    }

    private void KeepOrClose(SafeFileHandle file)
    {
        if (file == _kept)
        {
            return;
        }

        if (_reads.TryKeep())
        {
            _kept = file;
        }
        else
        {
            file.Dispose();
        }
    }
}
