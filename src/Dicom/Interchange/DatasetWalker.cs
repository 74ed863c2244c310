using System.Text;
using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Interchange;

/// <summary>Walks a data set without recursion, so that depth costs heap and not stack.</summary>
/// <remarks>It leaves out what neither DICOM JSON nor XML carries: the command set, file meta information and group lengths.</remarks>
internal sealed class DatasetWalker(IDatasetVisitor visitor)
{
    private readonly Stack<Frame> _above = new();
    private Frame _frame = new(new DicomDataset(), null, 0);

    public void Walk(DicomDataset dataset)
    {
        _frame = new Frame(dataset, null, 0);
        visitor.BeginDataset(dataset, -1);
        while (Step())
        {
        }
    }

    /// <summary>Walks one element of a data set, with its items.</summary>
    public void WalkElement(DicomDataset dataset, int index)
    {
        _frame = new Frame(dataset, null, 0) { Next = index };
        do
        {
            Step();
        }
        while (_above.Count > 0);
    }

    /// <summary>Returns the place of an element of the data set being walked.</summary>
    /// <remarks>It consists of hexadecimal tags with 0-based item numbers between them, such as <c>54000100/0/54001010</c>.</remarks>
    public string PathOf(DicomElement element)
    {
        var path = new StringBuilder();
        foreach (Frame frame in _above.Reverse().Append(_frame))
        {
            if (frame.Sequence is not null)
            {
                path.Append(frame.Sequence.Tag.ToHex()).Append('/').Append(frame.Item).Append('/');
            }
        }

        return path.Append(element.Tag.ToHex()).ToString();
    }

    private bool Step()
    {
        if (_frame.Next == _frame.Dataset.Elements.Count)
        {
            return Leave();
        }

        DicomElement element = _frame.Dataset.Elements[_frame.Next++];
        if (element.Tag.IsGroupLength || element.Tag.Group is 0x0000 or 0x0002)
        {
            return true;
        }

        if (element.Items is { Count: > 0 } items)
        {
            visitor.BeginSequence(element, _frame.Dataset);
            _above.Push(_frame);
            Enter(items[0], element, 0);
            return true;
        }

        visitor.Element(element, _frame.Dataset, this);
        return true;
    }

    private bool Leave()
    {
        visitor.EndDataset();
        if (_frame.Sequence is not { Items: { } items } sequence)
        {
            return false;
        }

        int next = _frame.Item + 1;
        if (next < items.Count)
        {
            Enter(items[next], sequence, next);
            return true;
        }

        visitor.EndSequence();
        _frame = _above.Pop();
        return true;
    }

    private void Enter(DicomDataset item, DicomElement sequence, int number)
    {
        _frame = new Frame(item, sequence, number);
        visitor.BeginDataset(item, number);
    }

    private sealed class Frame(DicomDataset dataset, DicomElement? sequence, int item)
    {
        public DicomDataset Dataset => dataset;

        public DicomElement? Sequence => sequence;

        public int Item => item;

        public int Next { get; set; }
    }
}

/// <summary>Receives a data set from <see cref="DatasetWalker"/> in document order.</summary>
internal interface IDatasetVisitor
{
    /// <param name="dataset">The data set or item.</param>
    /// <param name="item">0-based number within its sequence; -1 for the outermost data set.</param>
    void BeginDataset(DicomDataset dataset, int item);

    void EndDataset();

    /// <summary>A sequence with at least one item; its items follow.</summary>
    void BeginSequence(DicomElement element, DicomDataset owner);

    void EndSequence();

    /// <summary>Any other element, an empty sequence included.</summary>
    void Element(DicomElement element, DicomDataset owner, DatasetWalker walker);
}
