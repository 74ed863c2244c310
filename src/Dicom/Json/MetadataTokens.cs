using System.Text;
using System.Text.Json;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Interchange;

namespace ImagingIngestion.Dicom.Json;

/// <summary>Makes elements from JSON tokens that come in pieces: it holds the state between two of them.</summary>
/// <remarks>It understands only the output of <see cref="DicomJsonWriter"/>, in which vr comes before the values.</remarks>
internal sealed class MetadataTokens(string bulkBase) : IDisposable
{
    private readonly Stack<Level> _above = new();
    private readonly ValueBuffer _field = new();
    private readonly string?[] _name = new string?[3];
    private Level _level = new(default);
    private State _state = State.Document;
    private DicomTag _tag;
    private DicomVR _vr;
    private byte[]? _inline;
    private string? _uri;
    private int _values;
    private int _group;
    private int _skipped;

    private enum State
    {
        Document,
        Members,
        Element,
        ElementMember,
        VR,
        Items,
        NextItem,
        EndOfSequence,
        Values,
        NextValue,
        NameGroup,
        NameText,
        Inline,
        Uri,
        Skipped,
        Finished,
    }

    public MetadataToken Token { get; private set; }

    /// <summary>The element of the token; its value is valid until the next token.</summary>
    public DicomElement Element { get; private set; } = null!;

    public DicomDataset Owner => _level.Dataset;

    public int Depth => _above.Count;

    public bool IsFinished => _state == State.Finished;

    public Predicate<DicomTag>? Wanted { get; set; }

    /// <summary>Bytes of memory that values take.</summary>
    public long HeldBytes => _field.Capacity + _level.CreatorBytes;

    /// <summary>Takes the token at the reader's position; returns true if it completes an element, item or sequence.</summary>
    public bool Take(ref Utf8JsonReader json)
    {
        switch (_state)
        {
            case State.Document:
                return Expect(json.TokenType == JsonTokenType.StartObject, State.Members);
            case State.Members:
                return json.TokenType == JsonTokenType.EndObject ? EndDataset() : BeginMember(ref json);
            case State.Element:
                return Expect(json.TokenType == JsonTokenType.StartObject, State.ElementMember);
            case State.ElementMember:
                return TakeElementMember(ref json);
            case State.VR:
                Expect(json.TokenType == JsonTokenType.String, State.ElementMember);
                _vr = DicomVRTable.TryParse(json.GetString(), out DicomVR vr) ? vr : DicomVR.UN;
                return false;
            case State.Items:
                return BeginSequence(json.TokenType == JsonTokenType.StartArray);
            case State.NextItem:
                return json.TokenType == JsonTokenType.EndArray ? EndSequence() : BeginItem(json.TokenType == JsonTokenType.StartObject);
            case State.EndOfSequence:
                return Expect(json.TokenType == JsonTokenType.EndObject, State.Members);
            case State.Values:
                return Expect(json.TokenType == JsonTokenType.StartArray, State.NextValue);
            case State.NextValue:
                TakeValue(ref json);
                return false;
            case State.NameGroup:
                TakeNameGroup(ref json);
                return false;
            case State.NameText:
                Expect(json.TokenType == JsonTokenType.String, State.NameGroup);
                _name[_group] = json.GetString();
                return false;
            case State.Inline:
                Expect(json.TokenType == JsonTokenType.String, State.ElementMember);
                _inline = json.GetBytesFromBase64();
                return false;
            case State.Uri:
                Expect(json.TokenType == JsonTokenType.String, State.ElementMember);
                _uri = json.GetString();
                return false;
            default:
                Skip(json.TokenType);
                return false;
        }
    }

    public void Dispose() => _field.Dispose();

    private bool Expect(bool isExpected, State next)
    {
        _state = isExpected ? next : throw MetadataReader.Corrupt();
        return false;
    }

    private bool BeginMember(ref Utf8JsonReader json)
    {
        Span<char> letters = stackalloc char[8];
        if (json.ValueSpan.Length != 8 || Encoding.ASCII.GetChars(json.ValueSpan, letters) != 8 || !DicomTag.TryParseHex(letters, out _tag))
        {
            throw MetadataReader.Corrupt();
        }

        (_vr, _inline, _uri, _values) = (DicomVR.UN, null, null, 0);
        _field.Clear();
        _state = Depth > 0 || Wanted?.Invoke(_tag) != false ? State.Element : State.Skipped;
        return false;
    }

    private bool TakeElementMember(ref Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.EndObject)
        {
            return EndElement();
        }

        _state = json.ValueTextEquals("vr"u8) ? State.VR
            : json.ValueTextEquals("Value"u8) ? _vr == DicomVR.SQ ? State.Items : State.Values
            : json.ValueTextEquals("InlineBinary"u8) ? State.Inline
            : json.ValueTextEquals("BulkDataURI"u8) ? State.Uri
            : throw MetadataReader.Corrupt();
        return false;
    }

    private bool EndElement()
    {
        if ((_field.Length & 1) == 1)
        {
            _field.Append(_vr.Traits().Padding);
        }

        Element = _uri is not null ? new DicomElement(_tag, _vr, new BulkValue { Uri = bulkBase + _uri })
            : _vr == DicomVR.SQ ? new DicomElement(_tag, [])
            : new DicomElement(_tag, _vr, _inline ?? _field.Written);
        _level.Keep(Element);
        _state = State.Members;
        return Complete(MetadataToken.Element);
    }

    private bool BeginSequence(bool isExpected)
    {
        Expect(isExpected, State.NextItem);
        Element = new DicomElement(_tag, []);
        _above.Push(_level);
        _level = new Level(_tag) { Dataset = _level.Dataset };
        Token = MetadataToken.BeginSequence;
        return true;
    }

    private bool BeginItem(bool isExpected)
    {
        Expect(isExpected, State.Members);
        _above.Push(_level);
        _level = new Level(default) { Dataset = new DicomDataset(_level.Dataset) { CharacterSet = SpecificCharacterSet.Utf8 } };
        return Complete(MetadataToken.BeginItem);
    }

    private bool EndDataset()
    {
        if (_above.Count == 0)
        {
            _state = State.Finished;
            return false;
        }

        _level = _above.Pop();
        _state = State.NextItem;
        return Complete(MetadataToken.EndItem);
    }

    private bool EndSequence()
    {
        Element = new DicomElement(_level.Sequence, []);
        _level = _above.Pop();
        _state = State.EndOfSequence;
        return Complete(MetadataToken.EndSequence);
    }

    private bool Complete(MetadataToken token)
    {
        Token = token;
        return true;
    }

    private void TakeValue(ref Utf8JsonReader json)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.EndArray:
                _state = State.ElementMember;
                break;
            case JsonTokenType.StartObject when _vr == DicomVR.PN:
                Array.Clear(_name);
                _state = State.NameGroup;
                break;
            case JsonTokenType.String when _vr.Traits().Kind == DicomValueKind.Text:
                BeginValue();
                _field.Advance(json.CopyString(_field.Reserve(json.ValueSpan.Length)));
                break;
            case JsonTokenType.Null or JsonTokenType.Number or JsonTokenType.String:
                AddValue(json.TokenType == JsonTokenType.Null ? [] : json.ValueSpan);
                break;
            default:
                throw MetadataReader.Corrupt();
        }
    }

    /// <summary>Adds a value whose text holds no escapes.</summary>
    private void AddValue(ReadOnlySpan<byte> text)
    {
        if (_vr.Traits().Kind == DicomValueKind.Text)
        {
            BeginValue();
            _field.Append(text);
            return;
        }

        int size = _vr.Traits().Kind == DicomValueKind.Numbers ? NumberText.Size(_vr) : throw MetadataReader.Corrupt();
        if (!ValueEncoder.TryEncodeNumber(text, _vr, _field.Reserve(size)[..size]))
        {
            throw MetadataReader.Corrupt();
        }

        _field.Advance(size);
    }

    private void BeginValue()
    {
        if (_values++ > 0)
        {
            _field.Append(ElementText.Delimiter);
        }
    }

    private void TakeNameGroup(ref Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.EndObject)
        {
            AddValue(Encoding.UTF8.GetBytes(string.Join('=', _name).TrimEnd('=')));
            _state = State.NextValue;
            return;
        }

        _group = json.ValueTextEquals("Alphabetic"u8) ? 0 : json.ValueTextEquals("Ideographic"u8) ? 1 : 2;
        _state = State.NameText;
    }

    /// <summary>Skips the value of a member.</summary>
    private void Skip(JsonTokenType type)
    {
        _skipped += type is JsonTokenType.StartObject or JsonTokenType.StartArray
            ? 1
            : type is JsonTokenType.EndObject or JsonTokenType.EndArray ? -1 : 0;
        _state = _skipped == 0 ? State.Members : State.Skipped;
    }

    /// <summary>A data set that is being read, or a sequence.</summary>
    private sealed class Level(DicomTag sequence)
    {
        public DicomTag Sequence => sequence;

        public DicomDataset Dataset { get; set; } = new() { CharacterSet = SpecificCharacterSet.Utf8 };

        public long CreatorBytes { get; private set; }

        /// <summary>Keeps the private creators of the group that is being read.</summary>
        public void Keep(DicomElement element)
        {
            if (CreatorBytes > 0 && Dataset.Elements[^1].Tag.Group != element.Tag.Group)
            {
                Dataset.RemoveAll(_ => true);
                CreatorBytes = 0;
            }

            if (element.Tag.IsPrivateCreator && element.Bulk is null)
            {
                Dataset.TryAdd(new DicomElement(element.Tag, element.VR, element.Value.ToArray()));
                CreatorBytes += element.Value.Length + 1;
            }
        }
    }
}
