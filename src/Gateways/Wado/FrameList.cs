using System.Globalization;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>The frame numbers of a path, such as <c>1,3,2</c>: 1-based, in the order in which they are sent.</summary>
internal static class FrameList
{
    /// <summary>False when it is no list of numbers, or too long a one. Numbers too large to hold become <see cref="int.MaxValue"/>, which no instance has.</summary>
    public static bool TryParse(string? text, int most, out IReadOnlyList<int> frames)
    {
        List<int> numbers = [];
        frames = numbers;
        foreach (string part in (text ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.Length == 0 || !part.All(char.IsAsciiDigit) || numbers.Count == most)
            {
                return false;
            }

            numbers.Add(int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : int.MaxValue);
        }

        return true;
    }
}
