using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Win32.SafeHandles;

namespace ImagingIngestion.Storage.Folder;

/// <summary>An object that is being written to a temporary file.</summary>
/// <remarks>It appears under its key by a rename that never replaces a file.</remarks>
internal sealed class FolderObjectUpload : IObjectUpload
{
    private const int MoveAttempts = 100;

    private readonly FolderLayout _layout;
    private readonly DurableFolders _folders;
    private readonly IDiskSync _sync;
    private readonly DiskThreads _threads;
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly Action _onClosed;
    private ObjectKey? _key;
    private bool _isFinished;

    private FolderObjectUpload(
        FolderLayout layout, DurableFolders folders, IDiskSync sync, DiskThreads threads, string path, SafeFileHandle file, Action onClosed)
    {
        _layout = layout;
        _folders = folders;
        _sync = sync;
        _threads = threads;
        _path = path;
        _file = file;
        _onClosed = onClosed;
    }

    public ObjectKey? Key
    {
        get => _key;
        set => _key = _key is null || _key == value ? value : throw new InvalidOperationException("The key of an upload is set once.");
    }

    public long Length { get; private set; }

    /// <summary>Creates the temporary file. Waits for the disk.</summary>
    /// <param name="layout">Where files are.</param>
    /// <param name="folders">The folders that are known to be durable.</param>
    /// <param name="sync">Makes files and folders durable.</param>
    /// <param name="threads">The threads that wait for the disk.</param>
    /// <param name="onClosed">Called once when the file is closed.</param>
    /// <exception cref="ObjectStoreException">It cannot be created.</exception>
    public static IObjectUpload Open(FolderLayout layout, DurableFolders folders, IDiskSync sync, DiskThreads threads, Action onClosed)
    {
        string path = layout.NewUploadPath();
        try
        {
            // A reader that finds the object right after its rename must not meet a lock.
            SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
            return new FolderObjectUpload(layout, folders, sync, threads, path, file, onClosed);
        }
        catch (Exception exception) when (FolderErrors.IsFileSystemError(exception))
        {
            throw exception is DirectoryNotFoundException
                ? new ObjectStoreException(
                    ObjectStoreFault.Unavailable,
                    "Begin of an upload: the object store's folder is missing; restore it or start again.",
                    exception)
                : FolderErrors.ToFault(exception, "Begin of an upload");
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        ThrowIfFinished();
        try
        {
            await _threads.ContinueAsync(() => RandomAccess.Write(_file, block.Span, Length), cancellationToken).ConfigureAwait(false);
            Length += block.Length;
        }
        catch (Exception exception) when (FolderErrors.IsFileSystemError(exception))
        {
            throw FolderErrors.ToFault(exception, "Write of an object");
        }
    }

    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        ThrowIfFinished();
        string target = _layout.PathOf(_key ?? throw new InvalidOperationException("An upload needs its key before it completes."));
        try
        {
            await _threads.ContinueAsync(() => Publish(target), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (FolderErrors.IsFileSystemError(exception))
        {
            ObjectStoreException fault = FolderErrors.ToFault(exception, "Completion of an object");
            throw fault.Fault == ObjectStoreFault.NotFound
                ? new ObjectStoreException(
                    ObjectStoreFault.Unavailable,
                    "Completion of an object: its temporary file or folder was removed by another program.",
                    exception)
                : fault;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isFinished)
        {
            return;
        }

        _isFinished = true;
        try
        {
            await _threads.ContinueAsync(Discard, CancellationToken.None).ConfigureAwait(false);
        }
        catch (ObjectStoreException)
        {
            Discard();
        }
    }

    private void ThrowIfFinished()
    {
        if (_isFinished)
        {
            throw new InvalidOperationException("The upload is finished.");
        }
    }

    /// <summary>Makes the object durable and visible.</summary>
    /// <remarks>The order is the promise: data on disk, then the name, then the name on disk, then the answer.</remarks>
    private void Publish(string target)
    {
        bool isNamed = false;
        string folder = Path.GetDirectoryName(target)!;
        try
        {
            _sync.SyncFile(_file);
            MoveInto(folder, target);
            isNamed = true;
            _folders.SyncEntryAndAncestors(folder);
            _isFinished = true;
            Close();
        }
        catch (Exception exception) when (FolderErrors.IsFileSystemError(exception))
        {
            _isFinished = true;
            if (isNamed)
            {
                TryDelete(target);
            }

            _folders.RemoveEmpty(folder);
            Discard();
            throw;
        }
    }

    /// <summary>Moves the file to its key, again if its folder vanishes.</summary>
    /// <remarks>Another process that deletes an object also removes its empty folders, perhaps between two of these steps.</remarks>
    private void MoveInto(string folder, string target)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                _folders.Fill(folder, () => Rename(_path, target));
                return;
            }
            catch (IOException exception) when (attempt < MoveAttempts && IsMissing(exception) && File.Exists(_path))
            {
                // By now another upload may have created the folder again.
            }
        }
    }

    private static bool IsMissing(IOException exception) => exception is DirectoryNotFoundException || exception.HResult == Libc.ENOENT;

    private void Discard()
    {
        Close();
        TryDelete(_path);
    }

    private void Close()
    {
        _file.Dispose();
        _onClosed();
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (IOException)
        {
            // The next start or the sweeper removes it; the error that matters is already on its way.
        }
        catch (UnauthorizedAccessException)
        {
            // The same, if the file system has become read-only in the meantime.
        }
    }

    private static void Rename(string from, string to)
    {
        if (Libc.RenameAt2(Libc.CurrentDirectory, from, Libc.CurrentDirectory, to, Libc.RenameNoReplace) == 0)
        {
            return;
        }

        IOException error = FolderErrors.Last("rename of an object to its key");
        if (error.HResult is not (Libc.EINVAL or Libc.ENOSYS))
        {
            throw error;
        }

        // File systems without RENAME_NOREPLACE still refuse to link over an existing name.
        if (Libc.Link(from, to) != 0)
        {
            throw FolderErrors.Last("link of an object to its key");
        }

        File.Delete(from);
    }
}
