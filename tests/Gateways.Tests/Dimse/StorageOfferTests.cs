using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Dimse.Store;

namespace ImagingIngestion.Gateways.Tests.Dimse;

public sealed class StorageOfferTests
{
    private const string Implicit = "1.2.840.10008.1.2";
    private const string Explicit = "1.2.840.10008.1.2.1";
    private const string Big = "1.2.840.10008.1.2.2";
    private const string Jpeg = "1.2.840.10008.1.2.4.50";

    [Theory]
    [InlineData("1.2.840.10008.5.1.4.1.1.2", true, true)]
    [InlineData("1.2.840.10008.5.1.4.1.1.88.1", true, true)]
    [InlineData("1.2.840.10008.5.1.4.1.1.40", true, true)]
    [InlineData("1.2.840.10008.5.1.1.29", true, true)]
    [InlineData("1.2.840.10008.5.1.4.38.1", true, true)]
    [InlineData("1.2.840.113619.4.26", true, false)]
    [InlineData("2.25.123456789", true, false)]
    [InlineData("1.2.840.10008.5.1.4.1.1.999.1", true, false)]
    [InlineData("1.2.840.10008.1.3.10", false, false)]
    [InlineData("1.2.840.10008.1.1", false, false)]
    [InlineData("1.2.840.10008.1.20.1", false, false)]
    [InlineData("1.2.840.10008.5.1.4.1.2.2.1", false, false)]
    [InlineData("1.2.840.10008.5.1.4.31", false, false)]
    [InlineData("1.2.840.10008.3.1.2.3.3", false, false)]
    [InlineData("1.2.840.10008.5.1.1.9", false, false)]
    [InlineData("1.2.840.10008.4.2", false, false)]
    [InlineData("not a uid", false, false)]
    public void All_storage_classes_are_taken_and_what_is_known_to_be_something_else_is_not(string uid, bool byDefault, bool byStandard)
    {
        Assert.Equal(byDefault, StorageOffer.Create(new DimseOptions()).Covers(uid));
        Assert.Equal(byStandard, StorageOffer.Create(new DimseOptions { StorageSopClasses = ["standard"] }).Covers(uid));
    }

    [Fact]
    public void A_list_narrows_and_adds()
    {
        SopClassOffer some = StorageOffer.Create(new DimseOptions { StorageSopClasses = ["1.2.840.10008.5.1.4.1.1.2"] });
        SopClassOffer more = StorageOffer.Create(new DimseOptions { StorageSopClasses = ["standard", "1.2.3"] });

        Assert.True(some.Covers("1.2.840.10008.5.1.4.1.1.2"));
        Assert.False(some.Covers("1.2.840.10008.5.1.4.1.1.4"));
        Assert.True(more.Covers("1.2.3"));
        Assert.True(more.Covers("1.2.840.10008.5.1.4.1.1.4"));
        Assert.False(more.Covers("1.2.4"));
    }

    [Theory]
    [InlineData(Explicit, Implicit, Explicit)]
    [InlineData(Explicit, Implicit, Big, Explicit)]
    [InlineData(Implicit, Implicit, Big)]
    [InlineData(Big, Big, Explicit, Implicit)]
    [InlineData(Jpeg, Jpeg, Explicit)]
    [InlineData("1.2.840.113619.5.2", "1.2.840.113619.5.2", Implicit)]
    [InlineData(Implicit, "none", Implicit)]
    [InlineData(null, "none")]
    public void The_first_transfer_syntax_is_taken_but_implicit_gives_way_to_explicit(string? chosen, params string[] proposed)
        => Assert.Equal(chosen, StorageOffer.ChooseTransferSyntax(proposed));
}
