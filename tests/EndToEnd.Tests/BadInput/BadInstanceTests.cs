using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.BadInput;

/// <summary>Instances that cannot be stored: the answer gives a reason for each, and nothing of them is left.</summary>
[Collection(SharedServer.Collection)]
public sealed class BadInstanceTests(SharedServer shared) : IAsyncLifetime
{
    private const int CannotUnderstand = 0xC000;
    private const int InvalidInstance = 0x0117;
    private const int OtherStudy = 0xA901;

    private readonly BadInputServer _server = shared.Tested;

    public Task InitializeAsync() => _server.ShouldStoreAsync();

    public Task DisposeAsync() => _server.ShouldBeUnharmedAsync();

    [Fact]
    [Trait(InACluster.Trait, InACluster.Value)]
    public async Task A_file_cut_anywhere_is_refused_and_leaves_nothing()
    {
        byte[] whole = Sample.New(300_000).ToPart10();
        int objects = await _server.CountObjectsAsync();
        int dataSet = whole.Length - Sample.DataSetOf(whole).Length;
        int[] cuts = [0, 1, 64, 128, 132, 140, dataSet - 9, dataSet, dataSet
            + 3, dataSet + 9, dataSet + 150, dataSet + 301, whole.Length - 300_001, whole.Length - 150_000, whole.Length - 1];

        foreach (int cut in cuts)
        {
            Reply reply = await _server.PostAsync(whole[..cut]);

            // A cut between two elements looks like a data set without the UIDs that would have followed.
            int reason = Assert.Single(reply.Failures);
            Assert.Contains(reason, new[] { CannotUnderstand, InvalidInstance });
            reply.ShouldBeModule(409, 0, reason);
            Sample.ShouldHoldNoSecret(reply.Body);
        }

        await _server.ShouldHaveNoUploadsAsync();
        Assert.Equal(objects, await _server.CountObjectsAsync());
    }

    [Fact]
    public async Task Every_hostile_test_file_is_answered_as_is_known_of_it()
    {
        List<string> wrong = [];
        foreach (TestFile file in TestFiles.All.Where(file => file.Expectation != Expectation.Store))
        {
            Reply reply = await _server.PostAsync(file.Bytes.ToArray());
            bool isExpected = file.Expectation == Expectation.Reject ? reply.Status == 409 : reply.Status is 200 or 202 or 409;
            if (!isExpected || reply.ContentType != "application/dicom+json")
            {
                wrong.Add($"{file.Name}: {reply.Status} {reply.Body}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Another_study_than_the_one_in_the_path_is_refused_with_A901()
    {
        TestInstance instance = Sample.New();

        Reply reply = await _server.PostAsync(instance.ToPart10(), "/dicom-web/studies/" + TestUid.Create("another study"));

        reply.ShouldBeModule(409, 0, OtherStudy);
        Sample.ShouldHoldNoSecret(reply.Body);
        await _server.ShouldNotKnowAsync(instance);
    }

    [Theory]
    [InlineData(Tag.StudyInstanceUid)]
    [InlineData(Tag.SeriesInstanceUid)]
    [InlineData(Tag.SopInstanceUid)]
    [InlineData(Tag.SopClassUid)]
    public async Task A_missing_uid_is_refused_with_0117(uint tag)
    {
        TestInstance instance = Sample.New() with { Change = data => data.Remove(tag) };

        Reply reply = await _server.PostAsync(instance.ToPart10());

        reply.ShouldBeModule(409, 0, InvalidInstance);
        Sample.ShouldHoldNoSecret(reply.Body);
        await _server.ShouldNotKnowAsync(instance);
    }

    [Fact]
    public async Task One_bad_part_among_50_good_ones_fails_alone()
    {
        TestInstance[] good = [.. Enumerable.Range(0, 49).Select(_ => Sample.New(3000))];
        List<byte[]> parts = [.. good.Select(instance => instance.ToPart10())];
        parts.Insert(20, "this is no image, and Verborgen^Margarethe is no patient\n"u8.ToArray());

        Reply reply = await _server.PostPartsAsync(parts);

        reply.ShouldBeModule(202, 49, CannotUnderstand);
        Sample.ShouldHoldNoSecret(reply.Body);
        foreach (TestInstance instance in good)
        {
            await _server.ShouldReturnAsync(instance);
        }
    }
}
