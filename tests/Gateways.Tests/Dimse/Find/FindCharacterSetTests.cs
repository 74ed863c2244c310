using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Gateways.Tests.Wado;
using ImagingIngestion.TestData;

namespace ImagingIngestion.Gateways.Tests.Dimse.Find;

/// <summary>
/// Keys are read in the character set of the identifier; answers use one that has all their characters (PS3.4 section C.4.1.1.3).
/// </summary>
public sealed class FindCharacterSetTests : IAsyncLifetime
{
    private FindHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await FindHost.StartAsync();
        await _host.StoreAsync(
            new RetrieveInstance { Study = "1.2.1", Series = "1.2.1.1", Sop = "1.2.1.1.1", PatientId = "P1", PatientName = "Müller^Jörg" },
            new RetrieveInstance
            {
                Study = "1.2.2",
                Series = "1.2.2.1",
                Sop = "1.2.2.1.1",
                PatientId = "P2",
                PatientName = "Yamada^Tarou=山田^太郎"
            },
            new RetrieveInstance
            {
                Study = "1.2.3",
                Series = "1.2.3.1",
                Sop = "1.2.3.1.1",
                PatientId = "P3",
                PatientName = "Wang^XiaoDong=王^小东"
            },
            new RetrieveInstance { Study = "1.2.4", Series = "1.2.4.1", Sop = "1.2.4.1.1", PatientId = "P4", PatientName = "Plain^Name" });
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("ISO_IR 100", "4DFC6C6C65722A", "1.2.1", "ISO_IR 100", "Müller^Jörg")] // Mu"ller*
    [InlineData("ISO_IR 192", "4DC3BC6C6C65722A", "1.2.1", "ISO_IR 192", "Müller^Jörg")] // Mu"ller*
    [InlineData("ISO_IR 144", "4A2A", null, null, null)] // J*
    // the ideographic family name and ^*
    [InlineData(@"\ISO 2022 IR 87", "1B2442 3B334544 1B2842 5E2A", "1.2.2", @"ISO 2022 IR 6\ISO 2022 IR 87", "Yamada^Tarou=山田^太郎")]
    [InlineData("GB18030", "CDF55E2A", "1.2.3", "GB18030", "Wang^XiaoDong=王^小东")] // the ideographic family name and ^*
    [InlineData("ISO_IR 100", "57616E672A", "1.2.3", "ISO_IR 192", "Wang^XiaoDong=王^小东")] // Wang*
    [InlineData("ISO_IR 192", "506C61696E2A", "1.2.4", null, "Plain^Name")] // Plain*
    public async Task Keys_and_answers_keep_their_characters(string asked, string keyBytes, string? study, string? answered, string? name)
    {
        byte[] key = Convert.FromHexString(keyBytes.Replace(" ", "", StringComparison.Ordinal));
        DataSetBuilder identifier = FindScu.Identifier("STUDY", (DicomTag.SpecificCharacterSet, asked), (DicomTag.StudyInstanceUID, ""))
            .Bytes(DicomTag.PatientName.Value, "PN", key.Length % 2 == 0 ? key : [.. key, (byte)' ']);
        await using FindScu scu = await _host.AssociateAsync();

        FindReplies replies = await scu.FindAsync(identifier);

        Assert.Equal(study is null ? [] : [study], replies.Values(DicomTag.StudyInstanceUID));
        Assert.All(replies.Matches, match => Assert.Equal((answered ?? "", name), (string.Join(
            '\\', match.Identifier.GetStrings(DicomTag.SpecificCharacterSet)), match.Identifier.GetString(DicomTag.PatientName))));
    }
}
