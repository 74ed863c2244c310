using System.Globalization;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.Revisions;

/// <summary>An instance of a <see cref="RevisionLoad"/> and the answers that its sender got.</summary>
internal sealed class LoadedInstance(string study, string name)
{
    /// <summary>The number of its content; each number stands for other content.</summary>
    public int Version { get; set; }

    /// <summary>Additions and replacements that were acknowledged.</summary>
    public int Stores { get; set; }

    /// <summary>The number of the content that was acknowledged last.</summary>
    public int StoredVersion { get; set; }

    public bool IsThere { get; set; }

    public bool WasDeleted { get; set; }

    /// <summary>A request was not answered: it may have been carried out, and the load no longer uses the instance.</summary>
    public bool IsUncertain { get; set; }

    public StoredPath Path { get; } = new(
        TestUid.Create("study " + study), TestUid.Create("series " + study), TestUid.Create("instance " + name));

    /// <summary>The instance as change sets name it.</summary>
    public string Reference => $"{Path.Series}/{Path.Sop}";

    public byte[] ToPart10() => new TestInstance(name)
    {
        StudyUid = Path.Study,
        SeriesUid = Path.Series,
        SopUid = Path.Sop,
        PatientId = "V" + Version.ToString(CultureInfo.InvariantCulture),
    }.ToPart10();
}
