using System.Runtime.InteropServices;
using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Interchange;

/// <summary>Collects the values of an element until its VR is known.</summary>
/// <remarks>Values of nested elements are stacked on top and removed again, so that one collector serves a whole document.</remarks>
internal sealed class ValueCollector
{
    private readonly List<DocumentValue> _values = [];
    private byte[] _text = new byte[1024];
    private int _textLength;

    /// <summary>The position at which the values of an element begin.</summary>
    public readonly record struct Mark(int Values, int Text);

    public Mark Position => new(_values.Count, _textLength);

    public ReadOnlySpan<DocumentValue> Since(Mark mark) => CollectionsMarshal.AsSpan(_values)[mark.Values..];

    public ReadOnlySpan<byte> TextOf(DocumentValue value) => _text.AsSpan(value.Start, value.Length);

    public void Return(Mark mark)
    {
        _values.RemoveRange(mark.Values, _values.Count - mark.Values);
        _textLength = mark.Text;
    }

    public void AddNothing() => _values.Add(new DocumentValue(DocumentValueKind.Nothing, 0, 0, null));

    public void AddEmptyObject() => _values.Add(new DocumentValue(DocumentValueKind.EmptyObject, 0, 0, null));

    public void AddItem(DicomDataset item) => _values.Add(new DocumentValue(DocumentValueKind.Item, 0, 0, item));

    public void AddText(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Reserve(utf8.Length));
        AddReserved(utf8.Length);
    }

    /// <summary>Returns room for text; <see cref="AddReserved"/> makes the written bytes a value.</summary>
    public Span<byte> Reserve(int length)
    {
        if (length > _text.Length - _textLength)
        {
            Array.Resize(ref _text, checked((int)Math.Min(Math.Max(_text.Length * 2L, (long)_textLength + length), Array.MaxLength)));
        }

        return _text.AsSpan(_textLength);
    }

    public void AddReserved(int length)
    {
        _values.Add(new DocumentValue(length == 0 ? DocumentValueKind.Nothing : DocumentValueKind.Text, _textLength, length, null));
        _textLength += length;
    }
}

/// <summary>The content of one place in a value list of a document.</summary>
internal enum DocumentValueKind
{
    /// <summary>An empty place: null in JSON, an element without text in XML.</summary>
    Nothing,

    /// <summary>Text, the digits of a number included.</summary>
    Text,

    /// <summary>An object without members: an empty item of a sequence, or an empty name.</summary>
    EmptyObject,

    /// <summary>An item of a sequence.</summary>
    Item,
}

/// <summary>One value as a document gave it, before its VR turns it into bytes.</summary>
internal readonly record struct DocumentValue(DocumentValueKind Kind, int Start, int Length, DicomDataset? Item);
