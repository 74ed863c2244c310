using System.Security.Cryptography;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>What every object store must do; a backend inherits it and opens itself.</summary>
public abstract class ObjectStoreConformance : IAsyncLifetime
{
    private IObjectStore? _store;

    protected IObjectStore Store => _store!;

    public async Task InitializeAsync() => _store = await OpenAsync();

    public abstract Task DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(3_000_001)]
    public async Task An_object_comes_back_as_it_was_written(int length)
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(length);
        ObjectKey key = NewKey();

        await WriteAsync(key, bytes);

        Assert.Equal(bytes, await ReadAsync(key, 0, long.MaxValue));
    }

    /// <summary>Looking for an object reads its length, and not its content.</summary>
    [Fact]
    public async Task A_large_object_is_found_with_its_length()
    {
        const int Length = (16 << 20) + 1;
        ObjectKey key = NewKey();
        await WriteAsync(key, new byte[Length]);

        Assert.Equal(Length, (await Store.FindAsync(key, CancellationToken.None))?.Length);
    }

    [Fact]
    public async Task A_range_is_read_without_the_rest()
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(10_000);
        ObjectKey key = NewKey();
        await WriteAsync(key, bytes);

        Assert.Equal(bytes[100..300], await ReadAsync(key, 100, 200));
        Assert.Equal(bytes[9_990..], await ReadAsync(key, 9_990, 200));
        Assert.Empty(await ReadAsync(key, 20_000, 200));
        Assert.Empty(await ReadAsync(key, 5, 0));
    }

    [Fact]
    public async Task Nothing_is_visible_before_completion()
    {
        ObjectKey key = NewKey();
        await using IObjectUpload upload = await Store.BeginInstanceAsync(CancellationToken.None);
        upload.Key = key;
        await upload.WriteAsync(new byte[1000], CancellationToken.None);

        Assert.Equal(1000, upload.Length);
        await AssertFaultAsync(ObjectStoreFault.NotFound, () => ReadAsync(key, 0, 10));
        Assert.Empty(await ListAsync(key.Value));
    }

    [Fact]
    public async Task An_abandoned_upload_leaves_nothing_behind()
    {
        ObjectKey key = NewKey();
        await using (IObjectUpload upload = await Store.BeginInstanceAsync(CancellationToken.None))
        {
            upload.Key = key;
            await upload.WriteAsync(new byte[3_000_000], CancellationToken.None);
        }

        await AssertFaultAsync(ObjectStoreFault.NotFound, () => ReadAsync(key, 0, 10));
        Assert.Empty(await ListAsync(key.Value));
    }

    [Fact]
    public async Task The_key_may_be_told_after_the_first_bytes()
    {
        ObjectKey key = NewKey();
        await using IObjectUpload upload = await Store.BeginInstanceAsync(CancellationToken.None);
        await upload.WriteAsync(new byte[] { 1, 2, 3 }, CancellationToken.None);
        upload.Key = key;
        await upload.WriteAsync(new byte[] { 4 }, CancellationToken.None);

        await upload.CompleteAsync(CancellationToken.None);

        Assert.Equal([1, 2, 3, 4], await ReadAsync(key, 0, 10));
    }

    [Fact]
    public async Task A_block_may_be_reused_after_its_write()
    {
        ObjectKey key = NewKey();
        byte[] block = new byte[1];
        await using IObjectUpload upload = await Store.BeginInstanceAsync(CancellationToken.None);
        upload.Key = key;
        for (byte value = 0; value < 10; value++)
        {
            block[0] = value;
            await upload.WriteAsync(block, CancellationToken.None);
        }

        await upload.CompleteAsync(CancellationToken.None);

        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], await ReadAsync(key, 0, 10));
    }

    [Fact]
    public async Task A_key_is_never_written_twice()
    {
        ObjectKey key = NewKey();
        await WriteAsync(key, [1]);

        await Assert.ThrowsAsync<ObjectStoreException>(() => WriteAsync(key, [2]));

        Assert.Equal([1], await ReadAsync(key, 0, 10));
    }

    [Fact]
    public async Task Parallel_uploads_below_new_folders_all_succeed()
    {
        string prefix = NewKey().Value;
        ObjectKey[] keys = [.. Enumerable.Range(0, 64).Select(number => new ObjectKey($"{prefix}/{number % 3}/{number % 7}/{number}.dcm"))];

        await Task.WhenAll(keys.Select((key, number) => Task.Run(() => WriteAsync(key, [(byte)number]))));

        for (int number = 0; number < keys.Length; number++)
        {
            Assert.Equal([(byte)number], await ReadAsync(keys[number], 0, 10));
        }
    }

    [Fact]
    public async Task A_listing_names_the_objects_below_its_prefix_only()
    {
        ObjectKey first = NewKey();
        ObjectKey second = new(first.Value + "/a/b.dcm");
        ObjectKey third = new(first.Value + "/a/bc.dcm");
        await WriteAsync(second, [1, 2]);
        await WriteAsync(third, [3]);
        await WriteAsync(new ObjectKey(NewKey().Value + "/other.dcm"), [4]);

        IReadOnlyList<StoredObject> below = await ListAsync(first.Value + "/");

        Assert.Equal(
            [(second, 2L), (third, 1L)],
            below.OrderBy(item => item.Key.Value, StringComparer.Ordinal).Select(item => (item.Key, item.Length)));
        Assert.Equal([second], (await ListAsync(first.Value + "/a/b.")).Select(item => item.Key));
        Assert.Empty(await ListAsync("no/such/"));
    }

    [Fact]
    public async Task An_object_is_found_by_its_key_and_nothing_else_is()
    {
        ObjectKey key = new(NewKey().Value + "/a.dcm");
        await WriteAsync(key, [1, 2, 3]);

        StoredObject? found = await Store.FindAsync(key, CancellationToken.None);

        Assert.Equal((key, 3L), (found!.Key, found.Length));
        Assert.Null(await Store.FindAsync(new ObjectKey(key.Value[..^6]), CancellationToken.None));
        Assert.Null(await Store.FindAsync(new ObjectKey(key.Value + "/b.dcm"), CancellationToken.None));
        Assert.Null(await Store.FindAsync(NewKey(), CancellationToken.None));
        await Store.DeleteAsync(key, CancellationToken.None);
        Assert.Null(await Store.FindAsync(key, CancellationToken.None));
    }

    [Fact]
    public async Task A_deleted_object_is_gone_and_deleting_again_is_harmless()
    {
        ObjectKey key = NewKey();
        await WriteAsync(key, [1]);

        await Store.DeleteAsync(key, CancellationToken.None);
        await Store.DeleteAsync(key, CancellationToken.None);
        await Store.DeleteAsync(new ObjectKey(key.Value + "/x/y"), CancellationToken.None);

        await AssertFaultAsync(ObjectStoreFault.NotFound, () => ReadAsync(key, 0, 1));
    }

    [Fact]
    public async Task An_object_stays_readable_for_who_has_it_open()
    {
        ObjectKey key = NewKey();
        byte[] bytes = RandomNumberGenerator.GetBytes(100_000);
        await WriteAsync(key, bytes);
        await using Stream open = await Store.OpenReadAsync(key, 0, bytes.Length, CancellationToken.None);
        byte[] start = new byte[10];
        await open.ReadExactlyAsync(start);

        await WriteAsync(NewKey(), [1]);

        using MemoryStream rest = new();
        await open.CopyToAsync(rest);
        Assert.Equal(bytes[10..], rest.ToArray());
    }

    protected static ObjectKey NewKey() => new($"kit/{Guid.NewGuid():N}");

    protected static async Task AssertFaultAsync(ObjectStoreFault fault, Func<Task> action)
        => Assert.Equal(fault, (await Assert.ThrowsAsync<ObjectStoreException>(action)).Fault);

    /// <summary>Opens the store, empty or with objects under other keys.</summary>
    protected abstract Task<IObjectStore> OpenAsync();

    protected async Task WriteAsync(ObjectKey key, byte[] bytes)
    {
        await using IObjectUpload upload = await Store.BeginInstanceAsync(CancellationToken.None);
        upload.Key = key;
        foreach (byte[] block in bytes.Chunk(65_536))
        {
            await upload.WriteAsync(block, CancellationToken.None);
        }

        await upload.CompleteAsync(CancellationToken.None);
    }

    protected async Task<byte[]> ReadAsync(ObjectKey key, long offset, long length)
    {
        await using Stream stream = await Store.OpenReadAsync(key, offset, length, CancellationToken.None);
        using MemoryStream bytes = new();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    protected async Task<IReadOnlyList<StoredObject>> ListAsync(string prefix)
    {
        List<StoredObject> objects = [];
        await foreach (StoredObject item in Store.ListAsync(prefix, CancellationToken.None))
        {
            objects.Add(item);
        }

        return objects;
    }
}
