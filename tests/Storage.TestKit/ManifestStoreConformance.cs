using System.Globalization;
using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>What every manifest store must do with changes (docs/design.md, "Two stores, one manifest model").</summary>
public abstract class ManifestStoreConformance : ManifestConformance
{
    [Fact]
    public async Task An_unknown_study_is_null()
        => Assert.Null(await Store.LoadStudyAsync(new SampleStudy().Key, CancellationToken.None));

    [Fact]
    public async Task A_stored_study_comes_back_as_it_was_committed()
    {
        SampleStudy study = new();
        SeriesInstanceUid series = study.Series("CT\\PT");
        InstanceChange instance = SampleStudy.Instance(series, 7);
        await SaveAsync(study, study.Store(instance));

        StudyState? loaded = await Store.LoadStudyAsync(study.Key, CancellationToken.None);

        Assert.NotNull(loaded);
        Assert.Equal((study.Key, 1L), (loaded.Key, loaded.Version));
        Assert.Equal((SampleStudy.Instant, SampleStudy.Instant.AddHours(1)), (loaded.CreatedAt, loaded.UpdatedAt));
        Assert.Equal("Kit^Sample", TextOf(loaded.Attributes, 0x0010_0010));
        SeriesState loadedSeries = Assert.Single(loaded.Series);
        Assert.Equal((series, 1), (loadedSeries.Uid, loadedSeries.InstanceCount));
        Assert.Equal(["CT", "PT"], loadedSeries.Modalities);
        Assert.Equal("CT\\PT", TextOf(loadedSeries.Attributes, 0x0008_0060));
        Assert.Equal([instance.State], await Store.ListInstancesAsync(study.Key, null, CancellationToken.None));
    }

    [Fact]
    public async Task Instances_are_loaded_by_name_and_listed_by_series()
    {
        SampleStudy study = new();
        SeriesInstanceUid first = study.Series();
        SeriesInstanceUid second = study.Series();
        InstanceChange one = SampleStudy.Instance(first);
        InstanceChange sameNameElsewhere = SampleStudy.Instance(second, sop: one.State.Id.Sop.Value);
        await SaveAsync(study, study.Store(one, sameNameElsewhere, SampleStudy.Instance(second)));

        IReadOnlyList<InstanceState> named = await Store.LoadInstancesAsync(
            study.Key,
            [sameNameElsewhere.State.Id, new InstanceId(first, new SopInstanceUid(SampleStudy.NewUid()))],
            CancellationToken.None);

        Assert.Equal([sameNameElsewhere.State], named);
        Assert.Equal([one.State], await Store.ListInstancesAsync(study.Key, first, CancellationToken.None));
        Assert.Equal(3, (await Store.ListInstancesAsync(study.Key, null, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task Of_two_overlapping_groups_one_change_conflicts_alone()
    {
        SampleStudy contested = new();
        SampleStudy first = new();
        SampleStudy second = new();
        StudyChange mine = contested.Store(SampleStudy.Instance(contested.Series()));
        SampleStudy rival = new(contested.Key);
        StudyChange theirs = rival.Store(SampleStudy.Instance(rival.Series()));

        IReadOnlyList<StudyCommitResult>[] results = await Task.WhenAll(
            Store.CommitAsync([mine, first.Store(SampleStudy.Instance(first.Series()))], CancellationToken.None),
            Store.CommitAsync([second.Store(SampleStudy.Instance(second.Series())), theirs], CancellationToken.None));

        Assert.Equal(StudyCommitResult.Committed, results[0][1]);
        Assert.Equal(StudyCommitResult.Committed, results[1][0]);
        Assert.Equal(
            [StudyCommitResult.Committed, StudyCommitResult.VersionConflict],
            new[] { results[0][0], results[1][1] }.Order());
        Assert.Single(await Store.ListInstancesAsync(contested.Key, null, CancellationToken.None));
    }

    /// <summary>After a restore, a study may reach a version that some process has in memory, but with another history.</summary>
    [Fact]
    public async Task A_change_of_the_same_version_but_another_past_conflicts_and_the_others_commit()
    {
        SampleStudy study = new();
        await SaveAsync(study, study.Store(SampleStudy.Instance(study.Series())));
        StudyState stored = (await Store.LoadStudyAsync(study.Key, CancellationToken.None))!;
        StudyChange change = study.Store(SampleStudy.Instance(study.Series()));
        SampleStudy other = new();

        foreach (StudyState past in new[]
        {
            stored with { UpdatedAt = stored.UpdatedAt.AddMicroseconds(-1) },
            stored with { NextRevision = stored.NextRevision + 1 }
        })
        {
            StudyChange free = other.Store(SampleStudy.Instance(other.Series()));
            IReadOnlyList<StudyCommitResult> results =
                await Store.CommitAsync([change with { Before = past }, free], CancellationToken.None);

            Assert.NotEqual(StudyCommitResult.Committed, results[0]);
            Assert.Equal(
                StudyCommitResult.VersionConflict, await Store.CommitAloneAsync(change with { Before = past }, CancellationToken.None));
            Assert.Equal(StudyCommitResult.Committed, results[1]);
            other.Version++;
        }

        Assert.Equal(1, (await Store.LoadStudyAsync(study.Key, CancellationToken.None))!.InstanceCount);
        Assert.Equal([StudyCommitResult.Committed], await Store.CommitAsync([change with { Before = stored }], CancellationToken.None));
    }

    [Fact]
    public async Task A_change_with_another_version_writes_nothing_and_the_others_commit()
    {
        SampleStudy stale = new();
        await SaveAsync(stale, stale.Store(SampleStudy.Instance(stale.Series())));
        stale.Version = 0;
        SampleStudy absent = new() { Version = 3 };
        SampleStudy good = new();

        IReadOnlyList<StudyCommitResult> results = await Store.CommitAsync(
            [
                stale.Store(SampleStudy.Instance(stale.Series())),
                good.Store(SampleStudy.Instance(good.Series())),
                absent.Store(SampleStudy.Instance(absent.Series())),
            ],
            CancellationToken.None);

        Assert.Equal([StudyCommitResult.VersionConflict, StudyCommitResult.Committed, StudyCommitResult.VersionConflict], results);
        Assert.Single(await Store.ListInstancesAsync(stale.Key, null, CancellationToken.None));
        Assert.Single((await Store.LoadStudyAsync(stale.Key, CancellationToken.None))!.Series);
        Assert.Null(await Store.LoadStudyAsync(absent.Key, CancellationToken.None));
        Assert.NotNull(await Store.LoadStudyAsync(good.Key, CancellationToken.None));
    }

    [Fact]
    public async Task A_refused_change_is_left_out_alone()
    {
        SampleStudy before = new();
        SampleStudy refused = new();
        SampleStudy after = new();
        InstanceChange fine = SampleStudy.Instance(refused.Series());
        InstanceChange impossible = fine with { State = SampleStudy.Instance(fine.State.Id.Series).State with { ObjectLength = -1 } };

        IReadOnlyList<StudyCommitResult> results = await Store.CommitAsync(
            [
                before.Store(SampleStudy.Instance(before.Series())),
                refused.Store(fine, impossible),
                after.Store(SampleStudy.Instance(after.Series())),
            ],
            CancellationToken.None);

        Assert.Equal([StudyCommitResult.Committed, StudyCommitResult.Refused, StudyCommitResult.Committed], results);
        Assert.Null(await Store.LoadStudyAsync(refused.Key, CancellationToken.None));
        Assert.NotNull(await Store.LoadStudyAsync(before.Key, CancellationToken.None));
        Assert.NotNull(await Store.LoadStudyAsync(after.Key, CancellationToken.None));
    }

    [Fact]
    public async Task Text_that_a_database_would_refuse_is_stored_in_normal_form()
    {
        SampleStudy study = new()
        {
            Attributes = SampleStudy.Text(
                (0x0008_0050, DicomVR.SH, "A\0B\u0001C"),
                (0x0010_0010, DicomVR.PN, new string('x', 10_000) + "^y"),
                (0x0010_0020, DicomVR.LO, "4711 \0")),
        };
        study.Attributes.Set(
            new DicomElement(DicomTag.FromValue(0x0020_0010), DicomVR.SH, new byte[] { 0xED, 0xA0, 0x80, 0xFF, (byte)'!' }));
        DicomDataset series = SampleStudy.Text((0x0020_0011, DicomVR.IS, new string('9', 400)), (0x0008_0060, DicomVR.CS, "CT"));

        await SaveAsync(study, study.Store(SampleStudy.Instance(study.Series("CT", series))));

        await AssertFoundAsync(study, SearchAttributes.AccessionNumber, "ABC");
        await AssertFoundAsync(study, SearchAttributes.PatientID, "4711");
        await AssertFoundAsync(study, SearchAttributes.PatientName, new string('x', 10_000) + "^y");
        StudyState? loaded = await Store.LoadStudyAsync(study.Key, CancellationToken.None);
        Assert.Equal(10_002, TextOf(loaded!.Attributes, 0x0010_0010).Length);
    }

    [Fact]
    public async Task A_read_beside_a_later_commit_sees_whole_studies()
    {
        SampleStudy study = new();
        SeriesInstanceUid series = study.Series();
        await SaveAsync(study, study.Store([.. Enumerable.Range(0, 2500).Select(number => SampleStudy.Instance(series, number))]));

        await using IAsyncEnumerator<StoredInstance> open =
            Query.RetrieveAsync(new RetrieveScope(study.Key, null, null), StoredInstanceParts.None, CancellationToken.None)
            .GetAsyncEnumerator();
        Assert.True(await open.MoveNextAsync());
        await SaveAsync(study, study.Store(SampleStudy.Instance(series, 9999)));

        int read = 1;
        while (await open.MoveNextAsync())
        {
            read++;
        }

        Assert.InRange(read, 2500, 2501);
        Assert.Equal(2501, (await RetrieveAsync(new RetrieveScope(study.Key, null, null))).Count);
    }

    [Fact]
    public async Task A_replaced_instance_is_counted_once()
    {
        SampleStudy study = new();
        SeriesInstanceUid series = study.Series();
        InstanceChange first = SampleStudy.Instance(series, 1);
        await SaveAsync(study, study.Store(first));
        InstanceChange second = SampleStudy.Instance(series, 1, first.State.Id.Sop.Value);

        await SaveAsync(study, study.Store(second) with { DroppedObjects = [first.State.Object] });

        Assert.Equal(1, (await Store.LoadStudyAsync(study.Key, CancellationToken.None))!.InstanceCount);
        Assert.Equal([second.State], await Store.ListInstancesAsync(study.Key, null, CancellationToken.None));
        StoredInstance stored = Assert.Single(await RetrieveAsync(new RetrieveScope(study.Key, null, null), StoredInstanceParts.Metadata));
        Assert.Equal(second.Content.Metadata.ToArray(), (await stored.Metadata.ReadAllAsync(CancellationToken.None)).ToArray());
        Assert.Contains(first.State.Object.Value, await DroppedObjectsAsync());
        Assert.DoesNotContain(second.State.Object.Value, await DroppedObjectsAsync());
    }

    [Fact]
    public async Task A_study_without_instances_counts_on_unseen()
    {
        SampleStudy study = new();
        InstanceChange instance = SampleStudy.Instance(study.Series());
        await SaveAsync(study, study.Store(instance));

        await SaveAsync(study, study.Remove(instance.State));

        StudyState? tombstone = await Store.LoadStudyAsync(study.Key, CancellationToken.None);
        Assert.Equal((2L, 0), (tombstone!.Version, tombstone.Series.Count));
        Assert.Empty((await SearchAsync(ByUid(study.Key))).Rows);
        Assert.Empty(await RetrieveAsync(new RetrieveScope(study.Key, null, null)));
        Assert.Contains(instance.State.Object.Value, await DroppedObjectsAsync());

        await SaveAsync(study, study.Store(SampleStudy.Instance(study.Series())));

        Assert.Single((await SearchAsync(ByUid(study.Key))).Rows);
    }

    [Fact]
    public async Task The_same_names_in_another_storage_space_are_another_study()
    {
        SampleStudy here = new();
        InstanceChange instance = SampleStudy.Instance(here.Series());
        await SaveAsync(here, here.Store(instance));
        SampleStudy there = new(here.Key with { Provider = new ProviderName("other") });
        there.Series(uid: instance.State.Id.Series);
        InstanceChange twin = SampleStudy.Instance(instance.State.Id.Series, sop: instance.State.Id.Sop.Value);
        await SaveAsync(there, there.Store(twin));

        Assert.Equal([instance.State], await Store.ListInstancesAsync(here.Key, null, CancellationToken.None));
        Assert.Equal([twin.State], await Store.LoadInstancesAsync(there.Key, [twin.State.Id], CancellationToken.None));
        Assert.Equal(twin.State, Assert.Single(await RetrieveAsync(new RetrieveScope(there.Key, null, null))).State);
        SearchRequest byName = new()
        {
            Provider = there.Key.Provider,
            Level = SearchLevel.Instance,
            Limit = 10,
            Matches = [new AttributeMatch.AnyOf(SearchAttributes.SOPInstanceUID, [twin.State.Id.Sop.Value])],
        };
        Assert.Equal(twin.State, Assert.Single((await SearchAsync(byName)).Rows).Instance);
        await SaveAsync(there, there.Remove(twin.State));
        Assert.Equal([instance.State], await Store.ListInstancesAsync(here.Key, null, CancellationToken.None));
    }

    [Fact]
    public async Task Many_writers_on_one_study_lose_nothing()
    {
        SampleStudy template = new();
        int conflicts = 0;

        async Task WriteAsync()
        {
            while (true)
            {
                StudyState? current = await Store.LoadStudyAsync(template.Key, CancellationToken.None);
                SampleStudy mine = new(template.Key) { Version = current?.Version ?? 0 };
                InstanceChange instance = SampleStudy.Instance(mine.Series());
                StudyChange change = mine.Store(instance);
                change = change with { After = change.After with { Series = [.. current?.Series ?? [], .. change.After.Series] } };
                if (await CommitAsync(change) == StudyCommitResult.Committed)
                {
                    return;
                }

                Interlocked.Increment(ref conflicts);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(WriteAsync)));

        StudyState? state = await Store.LoadStudyAsync(template.Key, CancellationToken.None);
        Assert.Equal((16L, 16, 16), (state!.Version, state.Series.Count, state.InstanceCount));
        Assert.Equal(16, (await Store.ListInstancesAsync(template.Key, null, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task A_commit_that_was_cancelled_before_it_began_wrote_nothing()
    {
        SampleStudy study = new();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Store.CommitAsync([study.Store(SampleStudy.Instance(study.Series()))], new CancellationToken(canceled: true)));

        Assert.Null(await Store.LoadStudyAsync(study.Key, CancellationToken.None));
    }

    private static string TextOf(DicomDataset attributes, uint tag)
    {
        Assert.True(
            attributes.TryGet(DicomTag.FromValue(tag), out DicomElement? element),
            string.Create(CultureInfo.InvariantCulture, $"{tag:X8} is missing"));
        return Encoding.UTF8.GetString(element.Value.Span).TrimEnd(' ');
    }

    private static SearchRequest ByUid(StudyKey key)
        => new() { Provider = key.Provider, Level = SearchLevel.Study, Study = key.Study, Limit = 10 };

    private async Task AssertFoundAsync(SampleStudy study, SearchAttribute attribute, string value)
    {
        SearchPage page = await SearchAsync(ByUid(study.Key) with { Matches = [new AttributeMatch.AnyOf(attribute, [value])] });
        Assert.Single(page.Rows);
    }
}
