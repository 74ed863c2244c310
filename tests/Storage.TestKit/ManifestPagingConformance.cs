using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>The order and the pages of searches, and the order of retrieves.</summary>
public abstract class ManifestPagingConformance : ManifestConformance
{
    private readonly ProviderName _provider = new("paging-" + Guid.NewGuid().ToString("N"));

    [Theory]
    [InlineData(SearchLevel.Study, 1)]
    [InlineData(SearchLevel.Study, 4)]
    [InlineData(SearchLevel.Study, 10)]
    [InlineData(SearchLevel.Series, 7)]
    [InlineData(SearchLevel.Instance, 7)]
    [InlineData(SearchLevel.Instance, 1000)]
    public async Task A_walk_over_all_pages_shows_every_row_once(SearchLevel level, int limit)
    {
        await StoreAsync(studies: 10, series: 3, instances: 2);
        SearchRequest request = new() { Provider = _provider, Level = level, Limit = limit };
        SearchPage all = await SearchAsync(request with { Limit = 1000 });
        List<SearchRow> walked = [];
        SearchPage page;
        do
        {
            page = await SearchAsync(request with { Offset = walked.Count });
            Assert.True(page.Rows.Count == limit || !page.HasMore);
            walked.AddRange(page.Rows);
        }
        while (page.HasMore);

        int expected = level switch { SearchLevel.Study => 10, SearchLevel.Series => 30, _ => 60 };
        Assert.Equal(expected, walked.Count);
        Assert.Equal(expected, walked.Select(Identity).Distinct().Count());
        Assert.Equal(all.Rows.Select(Identity), walked.Select(Identity));
    }

    [Theory]
    [InlineData(SearchLevel.Study, 1)]
    [InlineData(SearchLevel.Study, 5)]
    [InlineData(SearchLevel.Series, 7)]
    [InlineData(SearchLevel.Instance, 7)]
    [InlineData(SearchLevel.Instance, 60)]
    public async Task A_walk_from_position_to_position_shows_every_row_once_and_none_that_came_meanwhile(SearchLevel level, int limit)
    {
        await StoreAsync(studies: 10, series: 3, instances: 2);
        SearchRequest request = new() { Provider = _provider, Level = level, Limit = limit };
        SearchPage all = await SearchAsync(request with { Limit = 1000 });
        List<SearchRow> walked = [];
        SearchPage page = await SearchAsync(request);
        walked.AddRange(page.Rows);
        while (page.HasMore)
        {
            await StoreAsync(studies: 1, series: 1, instances: 1);
            page = await SearchAsync(request with { After = page.End });
            walked.AddRange(page.Rows);
        }

        Assert.Equal(all.Rows.Select(Identity), walked.Select(Identity));
        Assert.Empty((await SearchAsync(request with { After = page.End })).Rows);
    }

    [Fact]
    public async Task Of_the_studies_of_a_patient_the_newest_stands_for_it()
    {
        List<SampleStudy> studies = await StoreAsync(studies: 5, series: 1, instances: 1);
        string?[] patients = ["P1", "P2", "P1", null, null];
        for (int index = 0; index < studies.Count; index++)
        {
            (uint, DicomVR, string)[] attributes = [(0x0010_0010, DicomVR.PN, $"Name^{index}")];
            studies[index].Attributes = SampleStudy.Text(
                patients[index] is { } patient ? [.. attributes, (0x0010_0020, DicomVR.LO, patient)] : attributes);
            await SaveAsync(studies[index], studies[index].Change());
        }

        SearchRequest request = new() { Provider = _provider, Level = SearchLevel.Study, NewestOfPatient = true, Limit = 100 };
        SearchPage all = await SearchAsync(request);
        SearchPage older =
            await SearchAsync(request with { Matches = [new AttributeMatch.AnyOf(SearchAttributes.PatientName, ["Name^0"])] });
        SearchPage one = await SearchAsync(request with { Matches = [new AttributeMatch.AnyOf(SearchAttributes.PatientID, ["P1"])] });

        Assert.Equal(
            [studies[4].Key.Study, studies[3].Key.Study, studies[2].Key.Study, studies[1].Key.Study], all.Rows.Select(row => row.Study));
        Assert.Empty(older.Rows);
        Assert.Equal(studies[2].Key.Study, Assert.Single(one.Rows).Study);
    }

    [Fact]
    public async Task Counts_of_a_patient_come_only_where_asked_and_where_there_is_a_patient()
    {
        foreach (string? patient in (string?[])["A", null, "B", "A"])
        {
            SampleStudy study = NewStudy();
            study.Attributes = patient is null ? SampleStudy.Text() : SampleStudy.Text((0x0010_0020, DicomVR.LO, patient));
            SeriesInstanceUid series = study.Series();
            await SaveAsync(
                study, study.Store(SampleStudy.Instance(study.Series()), SampleStudy.Instance(series), SampleStudy.Instance(series)));
        }

        SearchRequest request = new() { Provider = _provider, Level = SearchLevel.Study, Limit = 10 };

        Assert.All((await SearchAsync(request)).Rows, row => Assert.Null(row.Patient));
        Assert.Equal(
            [new PatientCounts(2, 4, 6), new PatientCounts(1, 2, 3), null, new PatientCounts(2, 4, 6)],
            (await SearchAsync(request with { WithPatientCounts = true })).Rows.Select(row => row.Patient));
        Assert.Equal(
            new PatientCounts(2, 4, 6),
            (await SearchAsync(request with { WithPatientCounts = true, Level = SearchLevel.Instance })).Rows[0].Patient);
    }

    [Fact]
    public async Task The_newest_study_comes_first_and_below_it_the_order_of_arrival_holds()
    {
        List<SampleStudy> studies = await StoreAsync(studies: 3, series: 2, instances: 2);
        await SaveAsync(studies[0], studies[0].Change());

        SearchPage page = await SearchAsync(new SearchRequest { Provider = _provider, Level = SearchLevel.Instance, Limit = 100 });

        Assert.Equal(studies.AsEnumerable().Reverse().Select(study => study.Key.Study), page.Rows.Select(row => row.Study).Distinct());
        string[] series = [.. page.Rows.Where(row => row.Study == studies[0].Key.Study).Select(row => row.Series!.Value.Value)];
        Assert.Equal(series, series.Order(StringComparer.Ordinal));
        string[] arrival = [.. page.Rows.Where(row => row.Study == studies[0].Key.Study).Select(row => row.Instance!.Id.Sop.Value)];
        Assert.Equal(arrival, arrival.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_search_below_a_study_or_series_stays_there()
    {
        List<SampleStudy> studies = await StoreAsync(studies: 2, series: 2, instances: 2);
        StudyKey key = studies[0].Key;
        SearchRequest below = new() { Provider = _provider, Level = SearchLevel.Instance, Study = key.Study, Limit = 100 };

        SearchPage page = await SearchAsync(below);

        Assert.Equal(4, page.Rows.Count);
        SeriesInstanceUid series = page.Rows[0].Series!.Value;
        Assert.Equal(2, (await SearchAsync(below with { Series = series })).Rows.Count);
        Assert.Equal(2, (await SearchAsync(below with { Level = SearchLevel.Series })).Rows.Count);
        Assert.Empty((await SearchAsync(below with { Study = studies[1].Key.Study, Series = series })).Rows);
    }

    [Fact]
    public async Task A_search_returns_metadata_only_where_asked()
    {
        SampleStudy study = NewStudy();
        InstanceChange instance = SampleStudy.Instance(study.Series());
        await SaveAsync(study, study.Store(instance));
        SearchRequest request = new() { Provider = _provider, Level = SearchLevel.Instance, Limit = 1 };

        Assert.True(Assert.Single((await SearchAsync(request)).Rows).Metadata.IsEmpty);
        Assert.Equal(instance.Content.Metadata.ToArray(), (await Assert.Single(
            (await SearchAsync(request with { WithMetadata = true })).Rows).Metadata.ReadAllAsync(CancellationToken.None)).ToArray());
    }

    [Fact]
    public async Task A_retrieve_is_in_order_of_series_then_number_then_arrival()
    {
        SampleStudy study = NewStudy();
        SeriesInstanceUid first = study.Series();
        SeriesInstanceUid second = study.Series();
        InstanceChange[] stored =
        [
            SampleStudy.Instance(second, 1), SampleStudy.Instance(first), SampleStudy.Instance(first, 10), SampleStudy.Instance(first, -2),
            SampleStudy.Instance(first, 10), SampleStudy.Instance(first),
        ];
        await SaveAsync(study, study.Store(stored));

        IReadOnlyList<StoredInstance> retrieved = await RetrieveAsync(new RetrieveScope(study.Key, null, null));

        Assert.Equal(
            [stored[3].State, stored[2].State, stored[4].State, stored[1].State, stored[5].State, stored[0].State],
            retrieved.Select(instance => instance.State));
        Assert.All(retrieved, instance => Assert.Equal(1, instance.StudyVersion));
    }

    [Theory]
    [InlineData(StoredInstanceParts.None)]
    [InlineData(StoredInstanceParts.Layout)]
    [InlineData(StoredInstanceParts.Encoding)]
    [InlineData(StoredInstanceParts.Encoding | StoredInstanceParts.Metadata)]
    [InlineData(StoredInstanceParts.Metadata | StoredInstanceParts.Layout)]
    public async Task A_retrieve_reads_the_blobs_that_were_asked_for(StoredInstanceParts parts)
    {
        SampleStudy study = NewStudy();
        SeriesInstanceUid series = study.Series();
        InstanceChange[] stored = [.. Enumerable.Range(0, 150).Select(number => SampleStudy.Instance(series, number / 2))];
        await SaveAsync(study, study.Store(stored));

        IReadOnlyList<StoredInstance> retrieved = await RetrieveAsync(new RetrieveScope(study.Key, series, null), parts);

        Assert.Equal(stored.Select(instance => instance.State), retrieved.Select(instance => instance.State));
        for (int index = 0; index < stored.Length; index++)
        {
            Assert.Equal(
                parts.HasFlag(StoredInstanceParts.Metadata) ? stored[index].Content.Metadata.ToArray() : [],
                (await retrieved[index].Metadata.ReadAllAsync(CancellationToken.None)).ToArray());
            Assert.Equal(
                parts.HasFlag(StoredInstanceParts.Layout) ? stored[index].Content.Layout.ToArray() : [],
                (await retrieved[index].Layout.ReadAllAsync(CancellationToken.None)).ToArray());
            byte[] head = parts.HasFlag(StoredInstanceParts.Encoding)
                ? stored[index].Content.Layout.ToArray()[..StoredEncoding.LayoutBytes]
                : [];
            Assert.Equal(head, retrieved[index].LayoutHead.ToArray());
        }
    }

    [Theory]
    [InlineData(StoredBlob.LargestInRow)]
    [InlineData(StoredBlob.LargestInRow + 1)]
    [InlineData(700_000)]
    public async Task A_blob_of_any_size_is_read_forward(int length)
    {
        SampleStudy study = NewStudy();
        InstanceChange instance = Large(study.Series(), length);
        await SaveAsync(study, study.Store(instance));

        StoredInstance retrieved = Assert.Single(
            await RetrieveAsync(new RetrieveScope(study.Key, null, null), StoredInstanceParts.Metadata));
        SearchRow found = Assert.Single((await SearchAsync(
            new SearchRequest { Provider = _provider, Level = SearchLevel.Instance, Limit = 1, WithMetadata = true })).Rows);

        foreach (StoredBlob blob in (StoredBlob[])[retrieved.Metadata, found.Metadata])
        {
            using MemoryStream read = new();
            await using Stream stream = blob.OpenRead();
            await stream.CopyToAsync(read, 3_000);
            Assert.Equal(length, blob.Length);
            Assert.True(read.ToArray().AsSpan().SequenceEqual(instance.Content.Metadata.Span));
        }
    }

    [Fact]
    public async Task Slices_of_two_blobs_never_mix()
    {
        SampleStudy study = NewStudy();
        SeriesInstanceUid series = study.Series();
        InstanceChange old = Large(series, 700_000);
        await SaveAsync(study, study.Store(old));
        StoredInstance retrieved = Assert.Single(
            await RetrieveAsync(new RetrieveScope(study.Key, null, null), StoredInstanceParts.Metadata));
        await using Stream stream = retrieved.Metadata.OpenRead();
        await stream.ReadExactlyAsync(new byte[1000]);

        InstanceChange replacement = Large(series, 700_000);
        await SaveAsync(study, study.Store(replacement with { State = replacement.State with { Id = old.State.Id } }));

        await Assert.ThrowsAsync<ManifestUnavailableException>(async () => await stream.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task A_page_of_large_rows_ends_before_its_limit_and_loses_none()
    {
        SampleStudy study = NewStudy();
        SeriesInstanceUid series = study.Series();
        InstanceChange[] stored = [.. Enumerable.Range(0, 100).Select(_ => Large(series, 10_000))];
        await SaveAsync(study, study.Store(stored));
        SearchRequest request = new() { Provider = _provider, Level = SearchLevel.Instance, Limit = 1_000, WithMetadata = true };

        List<SearchPage> pages = [];
        do
        {
            pages.Add(await SearchAsync(request with { After = pages.LastOrDefault()?.End }));
        }
        while (pages[^1].HasMore);

        Assert.All(pages, page => Assert.InRange(page.Rows.Count, 1, 30));
        Assert.Equal(stored.Select(instance => instance.State), pages.SelectMany(page => page.Rows).Select(row => row.Instance!));
        Assert.Equal(
            stored.Select(instance => instance.State),
            (await RetrieveAsync(new RetrieveScope(study.Key, null, null), StoredInstanceParts.Metadata)).Select(row => row.State));
    }

    [Fact]
    public async Task A_retrieve_stays_within_its_scope()
    {
        SampleStudy study = NewStudy();
        SeriesInstanceUid first = study.Series();
        SeriesInstanceUid second = study.Series();
        InstanceChange one = SampleStudy.Instance(first, 1);
        InstanceChange two = SampleStudy.Instance(second, 2, one.State.Id.Sop.Value);
        await SaveAsync(study, study.Store(one, two, SampleStudy.Instance(second)));

        Assert.Equal(one.State, Assert.Single(await RetrieveAsync(new RetrieveScope(study.Key, first, null))).State);
        Assert.Equal(two.State, Assert.Single(await RetrieveAsync(new RetrieveScope(study.Key, second, two.State.Id.Sop))).State);
        Assert.Empty(await RetrieveAsync(new RetrieveScope(study.Key, new SeriesInstanceUid(SampleStudy.NewUid()), null)));
        Assert.Empty(await RetrieveAsync(new RetrieveScope(study.Key, first, new SopInstanceUid(SampleStudy.NewUid()))));
        Assert.Empty(await RetrieveAsync(new RetrieveScope(study.Key with { Provider = new ProviderName("elsewhere") }, null, null)));
    }

    private static (string Study, string? Series, string? Sop) Identity(SearchRow row)
        => (row.Study.Value, row.Series?.Value, row.Instance?.Id.Sop.Value);

    private SampleStudy NewStudy() => new(new SampleStudy().Key with { Provider = _provider });

    private async Task<List<SampleStudy>> StoreAsync(int studies, int series, int instances)
    {
        List<SampleStudy> stored = [];
        for (int number = 0; number < studies; number++)
        {
            SampleStudy study = NewStudy();
            SeriesInstanceUid[] uids = [.. Enumerable.Range(0, series).Select(_ => study.Series())];
            await SaveAsync(
                study, study.Store([.. uids.SelectMany(uid => Enumerable.Range(0, instances).Select(_ => SampleStudy.Instance(uid)))]));
            stored.Add(study);
        }

        return stored;
    }

    private static InstanceChange Large(SeriesInstanceUid series, int bytes)
    {
        InstanceChange instance = SampleStudy.Instance(series);
        return instance with
        {
            Content = instance.Content with { Metadata = System.Security.Cryptography.RandomNumberGenerator.GetBytes(bytes) }
        };
    }
}
