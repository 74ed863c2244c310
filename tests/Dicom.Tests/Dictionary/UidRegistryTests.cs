using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;

namespace ImagingIngestion.Dicom.Tests.Dictionary;

public sealed class UidRegistryTests
{
    [Theory]
    [InlineData("1.2.840.10008.1.2.1", "Explicit VR Little Endian", UidType.TransferSyntax, "ExplicitVRLittleEndian", false)]
    [InlineData("1.2.840.10008.1.2.2", "Explicit VR Big Endian", UidType.TransferSyntax, "ExplicitVRBigEndian", true)]
    [InlineData("1.2.840.10008.5.1.4.1.1.2", "CT Image Storage", UidType.SopClass, "CTImageStorage", false)]
    [InlineData("1.2.840.10008.3.1.1.1", "DICOM Application Context", UidType.ApplicationContextName, "DICOMApplicationContext", false)]
    public void A_uid_has_all_facts_of_its_row(string uid, string name, UidType type, string keyword, bool retired)
    {
        Assert.True(UidRegistry.TryGet(uid, out UidEntry? entry));
        Assert.StartsWith(name, entry.Name, StringComparison.Ordinal);
        Assert.Equal((uid, type, keyword, retired), (entry.Uid, entry.Type, entry.Keyword, entry.IsRetired));
    }

    [Fact]
    public void Every_uid_is_valid_and_of_a_known_type()
    {
        Assert.True(UidRegistry.All.Count > 480);
        Assert.All(UidRegistry.All, entry =>
        {
            Assert.True(DicomUid.IsValid(entry.Uid), entry.Uid);
            Assert.NotEqual(UidType.Other, entry.Type);
        });
    }

    [Fact]
    public void A_uid_without_a_name_stands_for_itself()
    {
        Assert.False(UidRegistry.TryGet("1.2.3", out _));
        Assert.Equal("1.2.3", UidRegistry.NameOf("1.2.3"));
        Assert.Equal("1.2.840.10008.5.1.4.1.1.40", UidRegistry.NameOf("1.2.840.10008.5.1.4.1.1.40"));
        Assert.Equal("Verification SOP Class", UidRegistry.NameOf("1.2.840.10008.1.1"));
    }
}
