using System.Diagnostics.CodeAnalysis;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.DataSets;

/// <summary>A data set or sequence item (PS3.5 section 7): elements in ascending order of tag, each tag once.</summary>
/// <remarks>One reader or builder fills it; afterwards it is only read. Not safe for writing from several threads.</remarks>
public sealed class DicomDataset
{
    private readonly List<DicomElement> _elements = [];
    private SpecificCharacterSet? _characterSet;

    /// <param name="parent">The data set whose sequence holds this item; its character set applies where this one names none.</param>
    public DicomDataset(DicomDataset? parent = null) => Parent = parent;

    public DicomDataset? Parent { get; }

    public IReadOnlyList<DicomElement> Elements => _elements;

    /// <summary>The character set of (0008,0005), inherited from the parent if absent (PS3.5 section 6.1.2.3).</summary>
    /// <remarks>Set it to override, for example for text that came as UTF-8 from JSON.</remarks>
    public SpecificCharacterSet CharacterSet
    {
        get => _characterSet ??= ResolveCharacterSet();
        set => _characterSet = value;
    }

    /// <summary>Adds an element; returns false and changes nothing if the tag is already there (the first one wins, as in DCMTK).</summary>
    public bool TryAdd(DicomElement element)
    {
        if (_elements.Count == 0 || _elements[^1].Tag.Value < element.Tag.Value)
        {
            _elements.Add(element);
            return true;
        }

        int index = IndexOf(element.Tag);
        if (index >= 0)
        {
            return false;
        }

        _elements.Insert(~index, element);
        return true;
    }

    /// <summary>Adds an element, or replaces the one with its tag.</summary>
    public void Set(DicomElement element)
    {
        if (!TryAdd(element))
        {
            _elements[IndexOf(element.Tag)] = element;
        }
    }

    public bool Remove(DicomTag tag)
    {
        int index = IndexOf(tag);
        if (index < 0)
        {
            return false;
        }

        _elements.RemoveAt(index);
        return true;
    }

    /// <summary>Removes the elements that the condition holds for, in one pass.</summary>
    public void RemoveAll(Predicate<DicomElement> condition) => _elements.RemoveAll(condition);

    public bool TryGet(DicomTag tag, [NotNullWhen(true)] out DicomElement? element)
    {
        int index = IndexOf(tag);
        element = index < 0 ? null : _elements[index];
        return element is not null;
    }

    private int IndexOf(DicomTag tag)
    {
        int low = 0;
        int high = _elements.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = _elements[middle].Tag.CompareTo(tag);
            if (order == 0)
            {
                return middle;
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

        return ~low;
    }

    private SpecificCharacterSet ResolveCharacterSet()
        => TryGet(DicomTag.SpecificCharacterSet, out DicomElement? element) && !element.Value.IsEmpty
            ? SpecificCharacterSet.Parse(element.Value.Span)
            : Parent?.CharacterSet ?? SpecificCharacterSet.Default;
}
