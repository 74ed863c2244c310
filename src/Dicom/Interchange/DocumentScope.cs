using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.Interchange;

/// <summary>
/// The state of a document reader while it descends: the path for messages, the budget, and the elements of unfinished data sets.
/// </summary>
internal sealed class DocumentScope(DicomModelReaderOptions options)
{
    private readonly List<DicomTag> _tags = [];
    private readonly List<int> _items = [];
    private readonly List<DicomElement> _elements = [];
    private int _spent;

    public ValueCollector Values { get; } = new();

    public int ElementMark => _elements.Count;

    public void EnterElement(DicomTag tag)
    {
        _tags.Add(tag);
        _items.Add(-1);
    }

    public void EnterItem() => _items[^1]++;

    public void LeaveElement()
    {
        _tags.RemoveAt(_tags.Count - 1);
        _items.RemoveAt(_items.Count - 1);
    }

    /// <summary>Counts one element, item or value; returns null or the limit that it breaks.</summary>
    public string? Spend() => ++_spent > options.MaxElements
        ? $"more than {options.MaxElements} elements, items and values ({nameof(DicomModelReaderOptions.MaxElements)})"
        : null;

    /// <summary>Returns null, or the limit that a data set at this depth breaks.</summary>
    public string? CheckDepth(int depth) => depth > options.MaxDepth
        ? $"sequences nested deeper than {options.MaxDepth} ({nameof(DicomModelReaderOptions.MaxDepth)})"
        : null;

    public void Add(DicomElement element) => _elements.Add(element);

    /// <summary>Removes and returns the elements that were added since the mark.</summary>
    public List<DicomElement> Take(int mark)
    {
        List<DicomElement> taken = _elements.GetRange(mark, _elements.Count - mark);
        _elements.RemoveRange(mark, taken.Count);
        return taken;
    }

    /// <summary>Puts elements into a data set in ascending order; of two with one tag the first in the document is used.</summary>
    public static void Fill(DicomDataset dataset, List<DicomElement> elements)
    {
        bool ascending = true;
        for (int index = 1; index < elements.Count && ascending; index++)
        {
            ascending = elements[index - 1].Tag.Value < elements[index].Tag.Value;
        }

        IEnumerable<DicomElement> ordered = ascending ? elements : elements.OrderBy(element => element.Tag.Value);
        foreach (DicomElement element in ordered)
        {
            dataset.TryAdd(element);
        }
    }

    public string Path()
    {
        var path = new StringBuilder();
        for (int index = 0; index < _tags.Count; index++)
        {
            path.Append(index == 0 ? "" : "/").Append(_tags[index].ToHex());
            if (_items[index] >= 0 && index + 1 < _tags.Count)
            {
                path.Append('/').Append(_items[index]);
            }
        }

        return path.ToString();
    }
}
