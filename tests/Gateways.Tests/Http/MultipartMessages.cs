using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using ImagingIngestion.Gateways.Http;

namespace ImagingIngestion.Gateways.Tests.Http;

/// <summary>Builds multipart bodies, feeds them to a reader in pieces of a chosen size, and records the result.</summary>
internal static class MultipartMessages
{
    public static byte[] Build(string boundary, params byte[][] parts)
    {
        MemoryStream body = new();
        foreach (byte[] part in parts)
        {
            body.Write(Encoding.ASCII.GetBytes($"\r\n--{boundary}\r\nContent-Type: application/dicom\r\n\r\n"));
            body.Write(part);
        }

        body.Write(Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n"));
        return body.ToArray();
    }

    /// <summary>Reads the parts from pipe reads that end where the body is cut.</summary>
    public static async Task<ReadOutcome> ReadAsync(byte[] body, string boundary, IEnumerable<int> cuts, int segmentSize = 4096)
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(30));
        Pipe pipe = new(new PipeOptions(minimumSegmentSize: segmentSize, useSynchronizationContext: false, pauseWriterThreshold: 0));
        using MultipartReader reader = new(pipe.Reader, boundary);
        Task<ReadOutcome> reading = ReadAllAsync(reader, deadline.Token);
        int position = 0;
        foreach (int cut in cuts.Append(body.Length))
        {
            pipe.Writer.Write(body.AsSpan(position, cut - position));
            position = cut;
            await pipe.Writer.FlushAsync(deadline.Token);
        }

        await pipe.Writer.CompleteAsync();
        return await reading;
    }

    /// <summary>Reads the parts of a body whose buffer has the given segments, like a pipe of tiny segments.</summary>
    public static async Task<ReadOutcome> ReadSegmentsAsync(byte[] body, string boundary, int segmentLength)
    {
        PipeReader pipe = PipeReader.Create(Segments(body, segmentLength));
        using MultipartReader reader = new(pipe, boundary);
        return await ReadAllAsync(reader, CancellationToken.None);
    }

    private static async Task<ReadOutcome> ReadAllAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        List<byte[]> parts = [];
        MultipartFault? fault = null;
        try
        {
            while (await reader.ReadPartAsync(cancellationToken) is { } part)
            {
                MemoryStream content = new();
                for (ReadOnlySequence<byte> block = await part.ReadAsync(cancellationToken); !block.IsEmpty; block =
                    await part.ReadAsync(cancellationToken))
                {
                    content.Write(block.ToArray());
                }

                parts.Add(content.ToArray());
            }
        }
        catch (MultipartException exception)
        {
            fault = exception.Fault;
        }

        return new ReadOutcome(parts, fault, reader.IsFinalBoundaryMissing);
    }

    private static ReadOnlySequence<byte> Segments(byte[] body, int length)
    {
        Segment first = new(body.AsMemory(0, Math.Min(length, body.Length)), 0);
        Segment last = first;
        for (int position = length; position < body.Length; position += length)
        {
            last = last.Append(body.AsMemory(position, Math.Min(length, body.Length - position)));
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            Segment next = new(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}

/// <summary>The result of reading a body.</summary>
internal sealed record ReadOutcome(IReadOnlyList<byte[]> Parts, MultipartFault? Fault, bool IsFinalBoundaryMissing);
