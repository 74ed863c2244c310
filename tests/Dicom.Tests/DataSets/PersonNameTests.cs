using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Tests.DataSets;

public sealed class PersonNameTests
{
    [Theory]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada^Tarou", "山田^太郎", "やまだ^たろう")]
    [InlineData("Doe^John", "Doe^John", null, null)]
    [InlineData("Doe^John==", "Doe^John", null, null)]
    [InlineData("=山田", null, "山田", null)]
    [InlineData("==やまだ", null, null, "やまだ")]
    [InlineData("A =B\0=C=D", "A", "B", "C=D")]
    [InlineData("^^^^", "^^^^", null, null)]
    [InlineData("", null, null, null)]
    public void Component_groups_are_separated_by_equals_signs(string value, string? alphabetic, string? ideographic, string? phonetic)
        => Assert.Equal(new PersonName(alphabetic, ideographic, phonetic), PersonName.Parse(value));

    [Fact]
    public void A_name_is_written_without_trailing_empty_groups()
    {
        Assert.Equal("A==C", new PersonName("A", null, "C").ToString());
        Assert.Equal("A", new PersonName("A", null, null).ToString());
        Assert.Equal("=B", new PersonName(null, "B", null).ToString());
        Assert.True(default(PersonName).IsEmpty);
        Assert.Equal("", default(PersonName).ToString());
    }
}
