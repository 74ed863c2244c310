using System.Globalization;

namespace ImagingIngestion.DictionaryGenerator;

/// <summary>The data elements in the order and with the numbers that the generated code uses.</summary>
public sealed class DictionaryTables
{
    /// <summary>Slots of the hash table, a power of two that the shift of <see cref="SlotOf"/> assumes.</summary>
    public const int SlotCount = 1 << 14;

    private const uint AllOnes = 0xFFFFFFFF;

    /// <exception cref="FormatException">Two rows claim the same tag.</exception>
    public DictionaryTables(TsvFile source)
    {
        Source = source;
        Rows = [.. source.Rows.Select(DataElementRow.FromFields).OrderBy(row => row.Key)];
        VRs = [.. Rows.Select(row => row.VR).Distinct().Order(StringComparer.Ordinal)];
        VMs = [.. Rows.Select(row => row.VM).Distinct().Order(StringComparer.Ordinal)];
        Masks = [AllOnes, .. Rows.Select(row => row.Mask).Where(mask => mask != AllOnes).Distinct().Order()];
        Slots = FillSlots(Rows);
        HashSet<uint> taken = [.. Rows.Where(row => row.Mask == AllOnes).Select(row => row.Key)];
        Fills = [.. Masks.Select(mask => FillOf(mask, taken))];
        KeywordOrder =
        [
            .. Enumerable.Range(0, Rows.Count)
                .Where(index => Rows[index].Keyword.Length > 0)
                .OrderBy(index => Rows[index].Keyword, StringComparer.Ordinal)
        ];
    }

    public TsvFile Source { get; }

    public IReadOnlyList<DataElementRow> Rows { get; }

    public IReadOnlyList<string> VRs { get; }

    public IReadOnlyList<string> VMs { get; }

    /// <summary>All ones first, then the masks of the patterns.</summary>
    public IReadOnlyList<uint> Masks { get; }

    /// <summary>
    /// For each mask the bits that turn a pattern into its first tag that is neither another element's nor a group length.
    /// </summary>
    public IReadOnlyList<uint> Fills { get; }

    /// <summary>Open addressing with linear probing: row number plus one, 0 for a free slot.</summary>
    public IReadOnlyList<int> Slots { get; }

    /// <summary>Row numbers in ordinal order of keyword.</summary>
    public IReadOnlyList<int> KeywordOrder { get; }

    /// <summary>Returns the slot at which the probing for a tag starts; the product code computes the same.</summary>
    public static int SlotOf(uint key) => (int)((key * 0x9E3779B1) >> 18);

    public uint TagOf(DataElementRow row) => row.TagWith(Fills[IndexOf(Masks, row.Mask)]);

    public static int IndexOf<T>(IReadOnlyList<T> list, T value)
    {
        for (int index = 0; index < list.Count; index++)
        {
            if (EqualityComparer<T>.Default.Equals(list[index], value))
            {
                return index;
            }
        }

        return -1;
    }

    private uint FillOf(uint mask, HashSet<uint> taken)
    {
        bool clashes = mask != AllOnes
            && Rows.Any(row => row.Mask == mask && (taken.Contains(row.TagWith(0)) || (row.TagWith(0) & 0xFFFF) == 0));
        return clashes ? ~mask & (mask + 1) : 0;
    }

    private static int[] FillSlots(IReadOnlyList<DataElementRow> rows)
    {
        int[] slots = new int[SlotCount];
        for (int index = 0; index < rows.Count; index++)
        {
            int slot = SlotOf(rows[index].Key);
            while (slots[slot] != 0)
            {
                if (rows[slots[slot] - 1].Key == rows[index].Key)
                {
                    throw new FormatException($"Two rows for tag {rows[index].Pattern}: keep one.");
                }

                slot = (slot + 1) % SlotCount;
            }

            slots[slot] = index + 1;
        }

        return slots;
    }
}

/// <summary>One row of PS3.6 sections 6 to 9.</summary>
/// <param name="Pattern">Eight characters, hexadecimal digits or x.</param>
/// <param name="VR">One VR, several separated by " or ", or NONE.</param>
/// <param name="VM">The value multiplicity as the standard writes it.</param>
/// <param name="Keyword">Empty for a few retired elements without keyword in the standard.</param>
/// <param name="Name">The name as the standard writes it.</param>
/// <param name="IsRetired">Marked RET.</param>
public sealed record DataElementRow(string Pattern, string VR, string VM, string Keyword, string Name, bool IsRetired)
{
    /// <summary>One bits where the tag must agree; all ones for an element with a tag of its own.</summary>
    public uint Mask { get; } = Hex(Pattern, digit: 'F', wildcard: '0');

    /// <summary>The tag with F for every x, as the hash table holds it: no element of the standard has such a tag.</summary>
    public uint Key { get; } = Hex(Pattern, digit: null, wildcard: 'F');

    public static DataElementRow FromFields(string[] fields)
        => new(fields[0], fields[1], fields[2], fields[3], fields[4], fields[5] == "retired");

    /// <summary>Returns the tag with the bits of the fill for every x.</summary>
    public uint TagWith(uint fill) => (Key & Mask) | (fill & ~Mask);

    private static uint Hex(string pattern, char? digit, char wildcard)
    {
        string text = string.Concat(pattern.Select(character => character == 'x' ? wildcard : digit ?? character));
        return uint.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
