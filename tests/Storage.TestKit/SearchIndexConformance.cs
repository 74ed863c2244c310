using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Manifest.Search;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>Rows by an older version get the index values of this version, even if that version still runs.</summary>
public abstract class SearchIndexConformance : ManifestConformance
{
    /// <summary>Values by older rules: cut, in lower case, only one, and without a mark of the rules.</summary>
    private const string WriteAsBefore = """
        UPDATE study SET patient_name = 'παπαδόπουλος', patient_name_words = 'x', patient_id = 'A', index_generation = 0;
        UPDATE series SET series_description = 'cut', series_number = 1, index_generation = 0;
        """;

    [Fact]
    public async Task Rows_of_older_rules_are_made_anew_in_batches()
    {
        for (int number = 0; number < 3; number++)
        {
            await StoreAsync();
        }

        Assert.Equal(0, await Index.CountOutdatedAsync(CancellationToken.None));
        await ExecuteAsync(WriteAsBefore);
        Assert.Equal(6, await Index.CountOutdatedAsync(CancellationToken.None));
        Assert.Equal(0, await CountAsync(SearchLevel.Study, SearchAttributes.PatientID, "B"));

        Assert.Equal("2, 1, 2, 1, 0", await RenewAsync("one", 2));

        Assert.Equal(0, await Index.CountOutdatedAsync(CancellationToken.None));
        Assert.Equal(3, await CountAsync(SearchLevel.Study, SearchAttributes.PatientID, "B"));
        Assert.Equal(3, await CountAsync(SearchLevel.Study, SearchAttributes.PatientName, "ΠΑΠΑΔΌΠΟΥΛΟΣ"));
        Assert.Equal(3, await CountAsync(SearchLevel.Series, SearchAttributes.SeriesDescription, "Thorax"));
        Assert.Equal(3, await CountAsync(SearchLevel.Series, SearchAttributes.SeriesNumber, "7"));
    }

    [Fact]
    public async Task The_newest_rows_come_first_and_a_process_goes_on_where_another_ended()
    {
        SampleStudy old = await StoreAsync();
        SampleStudy young = await StoreAsync();
        await ExecuteAsync(WriteAsBefore);

        Assert.Equal(1, await Index.RenewAsync("one", 1, CancellationToken.None));
        SearchPage page = await SearchAsync(Request(SearchLevel.Study, SearchAttributes.PatientID, "B"));
        Assert.Equal(young.Key.Study, Assert.Single(page.Rows).Study);

        await ReopenAsync();
        Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("1, 2, 0", await RenewAsync("two", 2));
        Assert.Equal(2, await CountAsync(SearchLevel.Study, SearchAttributes.PatientID, "B"));
        Assert.NotEqual(old.Key, young.Key);
    }

    [Fact]
    public async Task A_commit_of_this_version_needs_nothing_made_anew_and_what_it_leaves_alone_stays_to_do()
    {
        SampleStudy study = await StoreAsync();
        await ExecuteAsync(WriteAsBefore);
        study.Attributes = SampleStudy.Text((0x0010_0020, DicomVR.LO, "C\\D"));
        await SaveAsync(study, study.Change() with { ChangedSeries = [] });

        Assert.Equal(1, await CountAsync(SearchLevel.Study, SearchAttributes.PatientID, "D"));
        Assert.Equal(1, await Index.CountOutdatedAsync(CancellationToken.None));
        Assert.Equal("1, 0", await RenewAsync("one", 10));
        Assert.Equal(1, await CountAsync(SearchLevel.Series, SearchAttributes.SeriesDescription, "Thorax"));
    }

    /// <summary>Returns how many rows each call has renewed.</summary>
    private async Task<string> RenewAsync(string owner, int most)
    {
        List<int> renewed = [];
        do
        {
            renewed.Add(await Index.RenewAsync(owner, most, CancellationToken.None));
        }
        while (renewed[^1] > 0);
        return string.Join(", ", renewed);
    }

    private async Task<int> CountAsync(SearchLevel level, SearchAttribute attribute, string key)
        => (await SearchAsync(Request(level, attribute, key))).Rows.Count;

    private static SearchRequest Request(SearchLevel level, SearchAttribute attribute, string key)
        => new() { Provider = SampleStudy.Provider, Level = level, Limit = 100, Matches = [new AttributeMatch.AnyOf(attribute, [key])] };

    private async Task<SampleStudy> StoreAsync()
    {
        SampleStudy study = new()
        {
            Attributes = SampleStudy.Text((0x0010_0010, DicomVR.PN, "Παπαδόπουλος"), (0x0010_0020, DicomVR.LO, "A\\B"))
        };
        DicomDataset series = SampleStudy.Text((0x0008_103E, DicomVR.LO, "Thorax"), (0x0020_0011, DicomVR.IS, "7"));
        await SaveAsync(study, study.Store(SampleStudy.Instance(study.Series("CT", series))));
        return study;
    }
}
