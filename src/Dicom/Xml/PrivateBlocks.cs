using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Interchange;

namespace ImagingIngestion.Dicom.Xml;

/// <summary>Places private elements, which XML names by creator, in a block of the data set (PS3.5 section 7.8.1).</summary>
internal sealed class PrivateBlocks
{
    private const int FirstBlock = 0x10;
    private const int LastBlock = 0xFF;

    private readonly List<DicomElement> _elements;
    private readonly HashSet<uint> _taken = [];
    private readonly HashSet<(ushort Group, int Block)> _occupied = [];
    private readonly Dictionary<(ushort Group, string Creator), List<int>> _blocks = [];

    /// <param name="elements">The elements of the data set whose tags are known; reservations and placed elements are added to it.</param>
    public PrivateBlocks(List<DicomElement> elements)
    {
        _elements = elements;
        foreach (DicomElement element in elements)
        {
            _occupied.Add((element.Tag.Group, element.Tag.Element >> 8));
            if (_taken.Add(element.Tag.Value) && element.Tag.IsPrivateCreator)
            {
                BlocksOf(element.Tag.Group, CreatorOf(element.VR, element.Value.Span)).Add(element.Tag.Element);
            }
        }
    }

    /// <summary>Returns the creator that a reservation names; empty if it names none.</summary>
    /// <remarks>Writer and reader both treat it as UTF-8, so that they agree on irregular ones.</remarks>
    public static string CreatorOf(DicomVR vr, ReadOnlySpan<byte> utf8)
        => vr.Traits().Kind == DicomValueKind.Text ? XmlText.From(ElementText.NextValue(ref utf8, DicomVR.LO, out _)) : "";

    /// <summary>Places an element of the form gggg00ee; returns false if its group has no free block left.</summary>
    public bool TryPlace(DicomElement element, string creator)
    {
        string name = CreatorOf(DicomVR.LO, Encoding.UTF8.GetBytes(creator));
        List<int> blocks = BlocksOf(element.Tag.Group, name);
        foreach (int block in blocks)
        {
            if (TryAdd(element, block))
            {
                return true;
            }
        }

        if (!TryReserve(element.Tag.Group, name, out int reserved))
        {
            return false;
        }

        blocks.Add(reserved);
        return TryAdd(element, reserved);
    }

    private List<int> BlocksOf(ushort group, string creator)
    {
        if (!_blocks.TryGetValue((group, creator), out List<int>? blocks))
        {
            _blocks[(group, creator)] = blocks = [];
        }

        return blocks;
    }

    private bool TryAdd(DicomElement element, int block)
    {
        var tag = new DicomTag(element.Tag.Group, (ushort)((block << 8) | (element.Tag.Element & 0xFF)));
        if (!_taken.Add(tag.Value))
        {
            return false;
        }

        _elements.Add(element.Items is not null ? new DicomElement(tag, element.Items)
            : element.Bulk is not null ? new DicomElement(tag, element.VR, element.Bulk)
            : new DicomElement(tag, element.VR, element.Value));
        return true;
    }

    private bool TryReserve(ushort group, string creator, out int block)
    {
        for (block = FirstBlock; block <= LastBlock; block++)
        {
            var tag = new DicomTag(group, (ushort)block);
            if (!_occupied.Contains((group, block)) && _taken.Add(tag.Value))
            {
                byte[] name = Encoding.UTF8.GetBytes(creator);
                _elements.Add(new DicomElement(tag, DicomVR.LO, name.Length % 2 == 0 ? name : [.. name, (byte)' ']));
                return true;
            }
        }

        return false;
    }
}
