using System.Diagnostics.CodeAnalysis;
using System.Text;
using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Dictionary;

/// <summary>The registry of data elements of PS3.6.</summary>
/// <remarks>
/// The facts are constant data of the assembly: nothing is parsed or built, and a look-up is one hash probe. Elements of odd groups are
/// private and never found here.
/// </remarks>
public static class DicomDictionary
{
    private const int SlotMask = (1 << 14) - 1;

    // Copies of constant data, about 100 KB in a few microseconds: a span over multi-byte constants allocates until its code is optimised.
    private static readonly ushort[] Slots = DicomDictionaryData.Slots.ToArray();
    private static readonly uint[] Keys = DicomDictionaryData.Keys.ToArray();
    private static readonly ushort[] Traits = DicomDictionaryData.Traits.ToArray();
    private static readonly ushort[] KeywordOrder = DicomDictionaryData.KeywordOrder.ToArray();
    private static readonly int[] TextPositions = DicomDictionaryText.Positions.ToArray();
    private static readonly uint[] Masks = DicomDictionaryData.Masks.ToArray();
    private static readonly uint[] Fills = DicomDictionaryData.Fills.ToArray();
    private static readonly ushort[] ImplicitVRs = DicomDictionaryData.ImplicitVRs.ToArray();
    private static readonly DicomDictionaryEntry?[] Entries = new DicomDictionaryEntry?[Keys.Length];

    /// <summary>All entries in ascending order of tag, families with F for every x.</summary>
    public static IEnumerable<DicomDictionaryEntry> All => Enumerable.Range(0, Entries.Length).Select(EntryAt);

    /// <summary>Finds the entry of an element, or that of its family if it has none of its own.</summary>
    public static bool TryGet(DicomTag tag, [NotNullWhen(true)] out DicomDictionaryEntry? entry)
    {
        int row = RowOf(tag);
        entry = row < 0 ? null : EntryAt(row);
        return entry is not null;
    }

    /// <summary>Returns whether PS3.6 knows the element as a sequence.</summary>
    public static bool IsSequence(DicomTag tag) => !tag.IsPrivate && VROf(tag) == DicomVR.SQ;

    /// <summary>Finds a tag by its keyword, letter for letter; for a family its first tag.</summary>
    public static bool TryGetByKeyword(ReadOnlySpan<char> keyword, out DicomTag tag)
    {
        int low = 0;
        int high = KeywordOrder.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int row = KeywordOrder[middle];
            int order = CompareKeyword(DicomDictionaryText.Text[TextPositions[row]..], keyword);
            if (order == 0)
            {
                tag = FirstTag(row);
                return true;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        tag = default;
        return false;
    }

    /// <summary>Returns the VR of an element whose encoding does not carry it (PS3.5 section A.1).</summary>
    /// <remarks>
    /// That is LO for private creators, UN for other private and for unknown elements, UL for group lengths. If the standard leaves a
    /// choice it is OW for pixel, overlay, waveform and look-up table data, as in DCMTK, otherwise US.
    /// </remarks>
    public static DicomVR VROf(DicomTag tag)
    {
        if (tag.IsGroupLength)
        {
            return DicomVR.UL;
        }

        if (tag.IsPrivate)
        {
            return tag.IsPrivateCreator ? DicomVR.LO : DicomVR.UN;
        }

        int row = RowOf(tag);
        return row < 0 ? DicomVR.UN : (DicomVR)ImplicitVRs[Traits[row] & 0x3F];
    }

    private static int RowOf(DicomTag tag)
    {
        if (tag.IsPrivate)
        {
            return -1;
        }

        int row = Probe(tag.Value);
        if (row >= 0 && MaskOf(row) == uint.MaxValue)
        {
            return row;
        }

        for (int index = 1; index < Masks.Length; index++)
        {
            row = Probe(tag.Value | ~Masks[index]);
            if (row >= 0 && MaskOf(row) == Masks[index])
            {
                return row;
            }
        }

        return -1;
    }

    private static int Probe(uint key)
    {
        int slot = (int)((key * 0x9E3779B1) >> 18);
        while (true)
        {
            int row = Slots[slot] - 1;
            if (row < 0 || Keys[row] == key)
            {
                return row;
            }

            slot = (slot + 1) & SlotMask;
        }
    }

    private static uint MaskOf(int row) => Masks[(Traits[row] >> 6) & 7];

    private static DicomTag FirstTag(int row)
    {
        int mask = (Traits[row] >> 6) & 7;
        uint ones = Masks[mask];
        return DicomTag.FromValue((Keys[row] & ones) | (Fills[mask] & ~ones));
    }

    private static DicomDictionaryEntry EntryAt(int row) => Entries[row] ??= Create(row);

    private static DicomDictionaryEntry Create(int row)
    {
        int traits = Traits[row];
        ReadOnlySpan<byte> text = DicomDictionaryText.Text[TextPositions[row]..];
        int bar = text.IndexOf((byte)'|');
        ReadOnlySpan<byte> name = text[(bar + 1)..];
        return new DicomDictionaryEntry
        {
            Tag = FirstTag(row),
            Mask = MaskOf(row),
            VR = (DicomVR)DicomDictionaryData.VRs[traits & 0x3F],
            IsAmbiguous = DicomDictionaryData.Ambiguous[traits & 0x3F],
            VM = DicomDictionaryData.VMOf((traits >> 9) & 0x3F),
            Keyword = Encoding.ASCII.GetString(text[..bar]),
            Name = Encoding.ASCII.GetString(name[..name.IndexOf((byte)'|')]),
            IsRetired = (traits & 0x8000) != 0,
        };
    }

    private static int CompareKeyword(ReadOnlySpan<byte> entry, ReadOnlySpan<char> keyword)
    {
        for (int index = 0; ; index++)
        {
            int left = entry[index] == '|' ? -1 : entry[index];
            int right = index < keyword.Length ? keyword[index] : -1;
            if (left != right || left < 0)
            {
                return left - right;
            }
        }
    }
}

/// <summary>The facts that PS3.6 gives for one data element, or for a family of them such as (60xx,3000).</summary>
public sealed record DicomDictionaryEntry
{
    /// <summary>The tag; for a family the first one that stands for nothing else.</summary>
    public required DicomTag Tag { get; init; }

    /// <summary>One bits where a tag of the family must agree with <see cref="Tag"/>; all ones for a single element.</summary>
    public required uint Mask { get; init; }

    /// <summary>The VR, the first one where the standard allows several; <see cref="DicomVR.None"/> for items and delimiters.</summary>
    public required DicomVR VR { get; init; }

    /// <summary>The standard allows several VRs; other elements or the transfer syntax decide (PS3.5 annex A, PS3.3 C.7.6.3).</summary>
    public required bool IsAmbiguous { get; init; }

    /// <summary>Value multiplicity as the standard writes it, such as 1, 1-n or 2-2n.</summary>
    public required string VM { get; init; }

    /// <summary>Empty for a few retired elements.</summary>
    public required string Keyword { get; init; }

    public required string Name { get; init; }

    public required bool IsRetired { get; init; }
}
