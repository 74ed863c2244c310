using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.Manifest.Tests.Study;

namespace ImagingIngestion.Grains.Tests.Cluster;

public sealed class WireMutationTests
{
    private const int Mutations = 20_000;

    [Theory]
    [InlineData("store-call")]
    [InlineData("delete-call")]
    [InlineData("revise-call")]
    public void Any_bytes_are_a_call_or_are_refused(string name)
        => Mutate(WireSamples.Snapshot(name), bytes => GrainCallCodec.Encode(GrainCallCodec.Decode(bytes)));

    [Theory]
    [InlineData("stored-answer")]
    [InlineData("overloaded-answer")]
    [InlineData("full-answer")]
    public void Any_bytes_are_an_answer_or_are_refused(string name)
        => Mutate(WireSamples.Snapshot(name), bytes => GrainAnswerCodec.Encode(GrainAnswerCodec.Decode(bytes)));

    [Fact]
    public void A_call_that_ends_anywhere_within_is_refused()
    {
        byte[] whole = WireSamples.Snapshot("store-call");

        for (int length = 0; length < whole.Length; length++)
        {
            ReadOnlyMemory<byte> part = whole.AsMemory(0, length);
            Assert.Throws<InvalidDataException>(() => GrainCallCodec.Decode(part));
        }

        Assert.Throws<InvalidDataException>(() => GrainCallCodec.Decode(whole.Append((byte)0).ToArray()));
    }

    [Fact]
    public void A_length_without_its_bytes_takes_no_memory()
    {
        byte[] call = WireSamples.Snapshot("delete-call")[..2];
        byte[] claims = [.. call, 0xFF, 0xFF, 0xFF, 0x1F];
        Assert.Throws<InvalidDataException>(() => GrainCallCodec.Decode(claims));
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<InvalidDataException>(() => GrainCallCodec.Decode(claims));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    [Fact]
    public void Sequences_nested_without_end_are_refused_before_the_stack_is()
    {
        DicomDataset root = Samples.Dataset();
        DicomDataset level = root;
        for (int depth = 0; depth < 1000; depth++)
        {
            DicomDataset item = new(level);
            level.Set(new DicomElement(DicomTag.OtherPatientIDsSequence, [item]));
            level = item;
        }

        ReadOnlyMemory<byte> call = GrainCallCodec.Encode(new StoreCall(WireSamples.Arrival() with { StudyAttributes = root }));

        Assert.Contains("nested", Assert.Throws<InvalidDataException>(() => GrainCallCodec.Decode(call)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_items_than_any_gateway_sends_are_refused()
    {
        DicomDataset root = Samples.Dataset();
        root.Set(new DicomElement(
            DicomTag.OtherPatientIDsSequence, [.. Enumerable.Range(0, GrainCallLimits.MaxElements).Select(_ => new DicomDataset(root))]));

        ReadOnlyMemory<byte> call = GrainCallCodec.Encode(new StoreCall(WireSamples.Arrival() with { StudyAttributes = root }));

        Assert.Throws<InvalidDataException>(() => GrainCallCodec.Decode(call));
    }

    [Fact]
    public void A_call_larger_than_a_silo_takes_is_not_sent()
    {
        InstanceArrival large = WireSamples.Arrival();
        large = large with { Content = large.Content with { Metadata = new byte[GrainCallLimits.MaxCallBytes] } };

        Assert.Throws<InvalidDataException>(() => GrainCallCodec.Encode(new StoreCall(large)));
    }

    /// <summary>
    /// Changes one to four bytes at random, cuts and doubles parts; the reader may refuse the result, but not fail otherwise.
    /// </summary>
    private static void Mutate(byte[] valid, Action<ReadOnlyMemory<byte>> read)
    {
        Random random = new(20260102);
        int refused = 0;
        for (int mutation = 0; mutation < Mutations; mutation++)
        {
            List<byte> bytes = [.. valid];
            for (int change = random.Next(1, 5); change > 0; change--)
            {
                int at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0:
                        bytes.RemoveRange(at, Math.Min(random.Next(1, 4), bytes.Count - at));
                        break;
                    case 1:
                        bytes.InsertRange(at, bytes.Take(random.Next(1, 9)).ToArray());
                        break;
                    default:
                        bytes[at] = (byte)random.Next(256);
                        break;
                }

                if (bytes.Count == 0)
                {
                    bytes.Add(1);
                }
            }

            try
            {
                read(bytes.ToArray());
            }
            catch (Exception error) when (error is FormatException or InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, Mutations / 10, Mutations);
    }
}
