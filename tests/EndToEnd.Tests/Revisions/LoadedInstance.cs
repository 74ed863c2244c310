using System.Globalization;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.Revisions;

/// <summary>An instance of a <see cref="RevisionLoad"/> and what its sender was told about it.</summary>
internal sealed class LoadedInstance(string study, string name)
{
    /// <summary>Its content; each one is other content.</summary>
    public int Version { get; set; }

    /// <summary>Additions and replacements that were acknowledged.</summary>
    public int Stores { get; set; }

    /// <summary>The content that was acknowledged last.</summary>
    public int StoredVersion { get; set; }

    public bool IsThere { get; set; }

    public bool WasDeleted { get; set; }

    /// <summary>A request was not answered: it may have been done, and nobody touches the instance any more.</summary>
    public bool IsUncertain { get; set; }

    public StoredPath Path { get; } = new(
        TestUid.Create("study " + study), TestUid.Create("series " + study), TestUid.Create("instance " + name));

    /// <summary>As change sets name it.</summary>
    public string Reference => $"{Path.Series}/{Path.Sop}";

    public byte[] ToPart10() => new TestInstance(name)
    {
        StudyUid = Path.Study,
        SeriesUid = Path.Series,
        SopUid = Path.Sop,
        PatientId = "V" + Version.ToString(CultureInfo.InvariantCulture),
    }.ToPart10();
}
