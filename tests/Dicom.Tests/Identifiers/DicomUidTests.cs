using System.Globalization;
using ImagingIngestion.Dicom.Identifiers;

namespace ImagingIngestion.Dicom.Tests.Identifiers;

public sealed class DicomUidTests
{
    private const string Valid = "1.2.840.10008.01";

    [Fact]
    public void Every_kind_of_uid_is_read_by_generic_code()
    {
        Assert.Equal(new StudyInstanceUid(Valid), Read<StudyInstanceUid>(Valid));
        Assert.Equal(new SeriesInstanceUid(Valid), Read<SeriesInstanceUid>(Valid));
        Assert.Equal(new SopInstanceUid(Valid), Read<SopInstanceUid>(Valid));
        Assert.Equal(new SopClassUid(Valid), Read<SopClassUid>(Valid));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".1")]
    [InlineData("1.")]
    [InlineData("1..2")]
    [InlineData("1.2a")]
    [InlineData("1234567890.1234567890.1234567890.1234567890.1234567890.1234567890")]
    public void Text_that_is_not_a_uid_is_refused_in_every_way_of_reading(string text)
    {
        Assert.False(StudyInstanceUid.TryParse(text, out StudyInstanceUid uid));
        Assert.True(uid.IsDefault);
        Assert.Null(Read<StudyInstanceUid>(text));
        Assert.Throws<FormatException>(() => Parse<StudyInstanceUid>(text));

        FormatException error = Assert.Throws<FormatException>(() => new StudyInstanceUid(text));
        Assert.Contains("Study Instance UID (0020,000D)", error.Message, StringComparison.Ordinal);
    }

    private static T? Read<T>(string text)
        where T : struct, ISpanParsable<T>
    {
        bool fromSpan = T.TryParse(text.AsSpan(), CultureInfo.InvariantCulture, out T uid);
        bool fromString = T.TryParse(text, CultureInfo.InvariantCulture, out T same);
        Assert.Equal((fromSpan, uid), (fromString, same));
        return fromSpan ? uid : null;
    }

    private static T Parse<T>(string text)
        where T : struct, ISpanParsable<T>
        => T.Parse(text.AsSpan(), CultureInfo.InvariantCulture);
}
