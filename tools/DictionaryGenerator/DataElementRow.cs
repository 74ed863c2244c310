using System.Globalization;

namespace ImagingIngestion.DictionaryGenerator;

/// <summary>One row of PS3.6 sections 6 to 9.</summary>
/// <param name="Pattern">Eight characters, hexadecimal digits or x.</param>
/// <param name="VR">One VR, several parted by " or ", or NONE.</param>
/// <param name="VM">The value multiplicity as the standard writes it.</param>
/// <param name="Keyword">Empty for the few retired elements that the standard left without.</param>
/// <param name="Name">The name as the standard writes it.</param>
/// <param name="IsRetired">Marked RET.</param>
public sealed record DataElementRow(string Pattern, string VR, string VM, string Keyword, string Name, bool IsRetired)
{
    /// <summary>One bits where the tag must agree; all ones for an element with a tag of its own.</summary>
    public uint Mask { get; } = Hex(Pattern, digit: 'F', wildcard: '0');

    /// <summary>The tag with every x as F: what the hash table holds, because no element of the standard has such a tag itself.</summary>
    public uint Key { get; } = Hex(Pattern, digit: null, wildcard: 'F');

    public static DataElementRow FromFields(string[] fields)
        => new(fields[0], fields[1], fields[2], fields[3], fields[4], fields[5] == "retired");

    /// <summary>The tag with every x from the bits of the fill.</summary>
    public uint TagWith(uint fill) => (Key & Mask) | (fill & ~Mask);

    private static uint Hex(string pattern, char? digit, char wildcard)
    {
        string text = string.Concat(pattern.Select(character => character == 'x' ? wildcard : digit ?? character));
        return uint.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
