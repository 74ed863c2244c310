using System.Buffers;
using System.IO.Pipelines;
using ImagingIngestion.Bindings.Http;

namespace ImagingIngestion.Bindings.Tests.Targets;

/// <summary>Only a few long answers of a process are in memory at once.</summary>
public sealed class AnswerMemoryTests : IDisposable
{
    private const int Places = 4;

    private readonly AnswerMemory _memory = new();

    [Fact]
    public async Task A_long_answer_waits_until_another_one_is_disposed_of()
    {
        CappedBody[] held = await Task.WhenAll(Enumerable.Range(0, Places).Select(_ => ReadAsync(AnswerMemory.FreeBytes + 1)));

        Task<CappedBody> next = ReadAsync(AnswerMemory.FreeBytes + 1);
        using CappedBody small = await ReadAsync(AnswerMemory.FreeBytes);
        Assert.False(next.IsCompleted);
        held[2].Dispose();
        held[2].Dispose();

        using CappedBody read = await next;
        Assert.Equal(AnswerMemory.FreeBytes + 1, read.Bytes!.Length);
        Assert.False(ReadAsync(AnswerMemory.FreeBytes + 1).IsCompleted);
    }

    [Fact]
    public async Task An_answer_that_is_longer_than_is_read_leaves_its_place()
    {
        for (int answer = 0; answer <= Places; answer++)
        {
            // A chunked answer shows its length only at its end.
            using StreamContent content = new(
                PipeReader.Create(new ReadOnlySequence<byte>(new byte[AnswerMemory.MaxAnswerBytes + 1])).AsStream());
            Assert.Null((await CappedBody.ReadAsync(content, AnswerMemory.MaxAnswerBytes, _memory, CancellationToken.None)).Bytes);
        }
    }

    public void Dispose() => _memory.Dispose();

    private async Task<CappedBody> ReadAsync(int bytes)
    {
        using ByteArrayContent content = new(new byte[bytes]);
        return await CappedBody.ReadAsync(content, AnswerMemory.MaxAnswerBytes, _memory, CancellationToken.None);
    }
}
