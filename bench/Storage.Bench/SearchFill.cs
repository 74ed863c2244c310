using System.Globalization;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sqlite;
using ImagingIngestion.Storage.TestKit;

namespace ImagingIngestion.Storage.Bench;

/// <summary>Fills a manifest with studies whose names, dates and modalities are distributed as in a hospital.</summary>
internal static class SearchFill
{
    private const int GroupSize = 500;

    private static readonly string[] Families =
    [
        "Smith", "Müller", "García", "Nguyen", "Kowalski", "Rossi", "Yamada", "Okafor", "Jensen", "Petrov", "Haddad", "Silva"
    ];
    private static readonly string[] Given =
    [
        "Anna", "John", "Li", "Maria", "Omar", "Ivan", "Eva", "Noah", "Mia", "Paul", "Ines", "Kofi", "Ada", "Leo"
    ];
    private static readonly string[] Modalities = ["CT", "MR", "US", "CR", "DX", "MG", "PT", "XA"];

    public static async Task FillAsync(SqliteManifestStore store, int studies, CancellationToken cancellationToken)
    {
        Random random = new(4711);
        foreach (int[] group in Enumerable.Range(0, studies).Chunk(GroupSize))
        {
            await store.CommitAsync([.. group.Select(number => NewStudy(random, number))], cancellationToken);
        }
    }

    private static StudyChange NewStudy(Random random, int number)
    {
        DateOnly date = new DateOnly(2016, 1, 1).AddDays(random.Next(3650));
        SampleStudy study = new()
        {
            Attributes = SampleStudy.Text(
                (0x0008_0020, DicomVR.DA, date.ToString("yyyyMMdd", CultureInfo.InvariantCulture)),
                (0x0008_0030, DicomVR.TM, $"{random.Next(24):00}{random.Next(60):00}{random.Next(60):00}"),
                (0x0008_0050, DicomVR.SH, $"ACC{number:0000000}"),
                (0x0008_0090, DicomVR.PN, $"Ref{random.Next(200)}^Doctor"),
                (0x0008_1030, DicomVR.LO, "Thorax and abdomen with contrast"),
                (0x0010_0010, DicomVR.PN, $"{Families[random.Next(Families.Length)]}{random.Next(900)}^{Given[random.Next(Given.Length)]}"),
                (0x0010_0020, DicomVR.LO, $"PAT{random.Next(50_000):000000}"),
                (0x0010_0030, DicomVR.DA, "19600514"),
                (0x0010_0040, DicomVR.CS, "F"),
                (0x0020_0010, DicomVR.SH, "1")),
        };
        SeriesInstanceUid series = study.Series(Modalities[random.Next(Modalities.Length)]);
        return study.Store(SampleStudy.Instance(series, 1));
    }
}
