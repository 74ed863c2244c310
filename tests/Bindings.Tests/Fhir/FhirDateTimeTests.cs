using ImagingIngestion.Bindings.Fhir;

namespace ImagingIngestion.Bindings.Tests.Fhir;

/// <summary>Dates and times of DICOM as FHIR's dateTime.</summary>
public sealed class FhirDateTimeTests
{
    [Theory]
    [InlineData("20240229", "134501.5", "+0130", "2024-02-29T13:45:01.5+01:30")]
    [InlineData("20240229", "134501", "-1200", "2024-02-29T13:45:01-12:00")]
    [InlineData("20240229", "1345", "+0000", "2024-02-29T13:45:00+00:00")]
    [InlineData("2024.02.29", "13:45:59.123456 ", "+1400", "2024-02-29T13:45:59.123456+14:00")]
    [InlineData("20161231", "235960", "+0000", "2016-12-31T23:59:59+00:00")]
    [InlineData("20240229", "13", "+0100", "2024-02-29")]
    [InlineData("20240229", "134501", null, "2024-02-29")]
    [InlineData("20240229", null, "+0100", "2024-02-29")]
    [InlineData("20240229", "254501", "+0100", "2024-02-29")]
    [InlineData("20240229", "136001", "+0100", "2024-02-29")]
    [InlineData("20240229", "134561", "+0100", "2024-02-29")]
    [InlineData("20240229", "1345.5", "+0100", "2024-02-29")]
    [InlineData("20240229", "134501.1234567", "+0100", "2024-02-29")]
    [InlineData("20240229", "134501.1.1", "+0100", "2024-02-29")]
    [InlineData("20240229", "134501", "-0000", "2024-02-29")]
    [InlineData("20240229", "134501", "+1401", "2024-02-29")]
    [InlineData("20240229", "134501", "-1201", "2024-02-29")]
    [InlineData("20240229", "134501", "+0160", "2024-02-29")]
    [InlineData("20240229", "134501", "Z", "2024-02-29")]
    [InlineData("20230229", "134501", "+0100", null)]
    [InlineData("00000101", null, null, null)]
    [InlineData("2024", null, null, null)]
    [InlineData("20240229\\20240301", null, null, null)]
    [InlineData("", "134501", "+0100", null)]
    [InlineData(null, "134501", "+0100", null)]
    [InlineData("２０２４０２２９", "134501", "+0100", null)]
    public void Date_time_and_offset_make_a_dateTime(string? date, string? time, string? offset, string? expected)
        => Assert.Equal(expected, FhirDateTime.From(date, time, offset));
}
