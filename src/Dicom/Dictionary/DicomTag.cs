using System.Globalization;

namespace ImagingIngestion.Dicom.Dictionary;

/// <summary>Names a data element by group and element number (PS3.5 section 7.1).</summary>
/// <remarks>The generated parts hold one constant for each PS3.6 keyword.</remarks>
public readonly partial record struct DicomTag(ushort Group, ushort Element) : IComparable<DicomTag>
{
    /// <summary>Both numbers in one, group first: the order in which a data set lists its elements.</summary>
    public uint Value => ((uint)Group << 16) | Element;

    /// <summary>The group is odd: its elements belong to the creator that reserved their block (PS3.5 section 7.8).</summary>
    public bool IsPrivate => (Group & 1) == 1;

    /// <summary>(gggg,0010-00FF) in an odd group reserves a block of private elements (PS3.5 section 7.8.1).</summary>
    public bool IsPrivateCreator => IsPrivate && Element is >= 0x0010 and <= 0x00FF;

    /// <summary>(gggg,0000), retired outside groups 0000 and 0002 (PS3.5 section 7.2).</summary>
    public bool IsGroupLength => Element == 0;

    /// <summary>One of the three elements that hold the frames of an image (PS3.5 section 8).</summary>
    public bool IsPixelData => this == PixelData || this == FloatPixelData || this == DoubleFloatPixelData;

    public static DicomTag FromValue(uint value) => new((ushort)(value >> 16), (ushort)value);

    /// <summary>Reads the eight hexadecimal digits of PS3.18 F.2.1.1.1, in either case.</summary>
    public static bool TryParseHex(ReadOnlySpan<char> text, out DicomTag tag)
    {
        tag = default;
        if (text.Length != 8 || !uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value))
        {
            return false;
        }

        tag = FromValue(value);
        return true;
    }

    /// <summary>Returns eight upper-case hexadecimal digits, the key of DICOM JSON.</summary>
    public string ToHex() => Value.ToString("X8", CultureInfo.InvariantCulture);

    public int CompareTo(DicomTag other) => Value.CompareTo(other.Value);

    public override string ToString() => $"({Group:X4},{Element:X4})";
}
