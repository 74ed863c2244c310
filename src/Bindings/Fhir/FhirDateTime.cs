using System.Globalization;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>Makes a FHIR dateTime out of DICOM's date, time and offset (PS3.5 section 6.2 DA, TM; PS3.3 C.12.1 for the offset).</summary>
internal static class FhirDateTime
{
    private static readonly string[] DateForms = ["yyyyMMdd", "yyyy.MM.dd"];

    /// <summary>Returns date and time if minutes and offset are known, else the date alone; null if that is not valid.</summary>
    /// <remarks>FHIR allows no time without its offset.</remarks>
    public static string? From(string? date, string? time, string? offset)
    {
        if (!DateOnly.TryParseExact(date?.Trim(' '), DateForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day))
        {
            return null;
        }

        string text = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return Time(time) is { } clock && Offset(offset) is { } zone ? $"{text}T{clock}{zone}" : text;
    }

    /// <summary>Returns the time with missing seconds as zeros, as FHIR requires; null if only the hour is known.</summary>
    private static string? Time(string? value)
    {
        string[] parts = (value?.Trim(' ') ?? "").Replace(":", "", StringComparison.Ordinal).Split('.');
        string whole = parts[0];
        if (parts.Length > 2 || whole.Length is not (4 or 6) || !parts.All(part => part.Length <= 6 && part.All(char.IsAsciiDigit)))
        {
            return null;
        }

        string fraction = parts.Length == 2 ? parts[1] : "";
        int hour = Number(whole, 0);
        int minute = Number(whole, 2);
        int second = whole.Length == 6 ? Number(whole, 4) : 0;
        if (hour > 23 || minute > 59 || second > 60 || (fraction.Length > 0 && whole.Length != 6))
        {
            return null;
        }

        // A leap second is valid in DICOM, but few servers know one.
        string clock = string.Create(CultureInfo.InvariantCulture, $"{hour:D2}:{minute:D2}:{Math.Min(second, 59):D2}");
        return fraction.Length > 0 ? $"{clock}.{fraction}" : clock;
    }

    /// <summary>Converts &amp;ZZXX from -1200 to +1400; -0000 is not allowed.</summary>
    private static string? Offset(string? value)
    {
        string text = value?.Trim(' ') ?? "";
        if (text.Length != 5 || text[0] is not ('+' or '-') || !text[1..].All(char.IsAsciiDigit) || text == "-0000")
        {
            return null;
        }

        int minutes = (Number(text, 1) * 60) + Number(text, 3);
        return Number(text, 3) <= 59 && minutes <= (text[0] == '+' ? 14 : 12) * 60 ? $"{text[..3]}:{text[3..]}" : null;
    }

    private static int Number(string text, int start) => int.Parse(text.AsSpan(start, 2), CultureInfo.InvariantCulture);
}
