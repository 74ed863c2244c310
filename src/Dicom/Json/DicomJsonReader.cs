using System.Text.Json;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Interchange;

namespace ImagingIngestion.Dicom.Json;

/// <summary>Reads the DICOM JSON Model (PS3.18 annex F) into data sets whose text is UTF-8, whatever (0008,0005) says.</summary>
/// <remarks>
/// The reader is lenient. It accepts numbers or strings for numeric VRs, members in any order, a missing vr, unknown members, hexadecimal
/// digits in either case, and null places (NaN among floating point numbers). Of two members with one tag it uses the first. It adds no
/// padding that InlineBinary lacks.
/// </remarks>
public static class DicomJsonReader
{
    /// <summary>Reads one object, or an array that holds exactly one.</summary>
    /// <exception cref="DicomJsonException">The text is not the DICOM JSON Model, or breaks a limit.</exception>
    public static DicomDataset Read(ReadOnlySpan<byte> utf8, DicomModelReaderOptions? options = null)
        => ReadAll(utf8, options) is [var single] ? single : throw new DicomJsonException("exactly one data set is expected", "", 0);

    /// <summary>Reads an array of objects, or one object as an array of one.</summary>
    /// <exception cref="DicomJsonException">The text is not the DICOM JSON Model, or breaks a limit.</exception>
    public static IReadOnlyList<DicomDataset> ReadAll(ReadOnlySpan<byte> utf8, DicomModelReaderOptions? options = null)
    {
        options ??= DicomModelReaderOptions.Default;
        ReadOnlySpan<byte> text = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        var scope = new DocumentScope(options);
        var parser = new JsonDatasetParser(text, scope, options.MaxDepth);
        try
        {
            return parser.ReadDocument();
        }
        catch (JsonException)
        {
            // The message of the exception may contain a character of the text.
            throw new DicomJsonException("the text is not valid JSON, or ends early", scope.Path(), parser.Offset);
        }
    }
}

/// <summary>Text that is not JSON, or JSON that is not the DICOM JSON Model (PS3.18 annex F).</summary>
public sealed class DicomJsonException(string reason, string tagPath, long byteOffset, Exception? inner = null)
    : DicomModelException($"{reason} (at byte {byteOffset})", tagPath, inner)
{
    /// <summary>The position at which reading stopped, in bytes from the start of the text.</summary>
    public long ByteOffset { get; } = byteOffset;
}

/// <summary>Parses a DICOM JSON text in one pass.</summary>
/// <remarks>Values are collected before they are encoded, because vr may come after them.</remarks>
internal ref struct JsonDatasetParser
{
    // An element costs three levels: its object, the array of values, the item. Unknown members may use the slack.
    private const int LevelsPerSequence = 3;
    private const int SlackLevels = 64;

    private readonly DocumentScope _scope;
    private Utf8JsonReader _json;

    public JsonDatasetParser(ReadOnlySpan<byte> utf8, DocumentScope scope, int maxDepth)
    {
        _scope = scope;
        _json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = (LevelsPerSequence * (maxDepth + 1)) + SlackLevels });
    }

    public readonly long Offset => _json.BytesConsumed;

    public List<DicomDataset> ReadDocument()
    {
        List<DicomDataset> datasets = [];
        _json.Read();
        if (_json.TokenType == JsonTokenType.StartObject)
        {
            _json.Read();
            datasets.Add(ReadDataset(null, 0));
        }
        else if (_json.TokenType == JsonTokenType.StartArray)
        {
            while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
            {
                Expect(JsonTokenType.StartObject, "a data set must be an object");
                _json.Read();
                datasets.Add(ReadDataset(null, 0));
            }
        }
        else
        {
            throw Fault("a data set, or an array of data sets, is expected");
        }

        _json.Read();
        return datasets;
    }

    // The reader is on the first member, or on the end of the object.
    private DicomDataset ReadDataset(DicomDataset? parent, int depth)
    {
        Check(_scope.CheckDepth(depth));
        var dataset = new DicomDataset(parent) { CharacterSet = SpecificCharacterSet.Utf8 };
        int mark = _scope.ElementMark;
        ReadMembers(dataset, depth);
        DocumentScope.Fill(dataset, _scope.Take(mark));
        return dataset;
    }

    private void ReadMembers(DicomDataset dataset, int depth)
    {
        for (; _json.TokenType != JsonTokenType.EndObject; _json.Read())
        {
            bool isElement = TryReadTag(out DicomTag tag);
            _json.Read();
            if (!isElement || _json.TokenType == JsonTokenType.Null)
            {
                _json.Skip();
                continue;
            }

            _scope.EnterElement(tag);
            Check(_scope.Spend());
            Expect(JsonTokenType.StartObject, "an element must be an object");
            _scope.Add(ReadElement(tag, dataset, depth));
            _scope.LeaveElement();
        }
    }

    private DicomElement ReadElement(DicomTag tag, DicomDataset owner, int depth)
    {
        DicomVR? vr = null;
        byte[]? inline = null;
        string? uri = null;
        ValueCollector.Mark mark = _scope.Values.Position;
        while (_json.Read() && _json.TokenType != JsonTokenType.EndObject)
        {
            if (_json.ValueTextEquals("vr"u8))
            {
                _json.Read();
                vr = ReadVR();
            }
            else if (_json.ValueTextEquals("Value"u8))
            {
                _json.Read();
                ReadValues(vr, owner, depth);
            }
            else if (_json.ValueTextEquals("InlineBinary"u8))
            {
                _json.Read();
                inline = ReadInlineBinary();
            }
            else if (_json.ValueTextEquals("BulkDataURI"u8))
            {
                _json.Read();
                uri = _json.TokenType == JsonTokenType.Null ? null : ReadText("BulkDataURI must be a string");
            }
            else
            {
                _json.Read();
                _json.Skip();
            }
        }

        Check(ElementAssembler.TryAssemble(_scope, mark, new ElementContent(tag, vr, inline, uri), owner, out DicomElement element));
        _scope.Values.Return(mark);
        return element;
    }

    private void ReadValues(DicomVR? vr, DicomDataset owner, int depth)
    {
        if (_json.TokenType == JsonTokenType.Null)
        {
            return;
        }

        Expect(JsonTokenType.StartArray, "Value must be an array");
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            _scope.EnterItem();
            Check(_scope.Spend());
            switch (_json.TokenType)
            {
                case JsonTokenType.Null:
                    _scope.Values.AddNothing();
                    break;
                case JsonTokenType.Number:
                    _scope.Values.AddText(_json.ValueSpan);
                    break;
                case JsonTokenType.String:
                    _scope.Values.AddReserved(CopyText(_scope.Values.Reserve(_json.ValueSpan.Length)));
                    break;
                case JsonTokenType.StartObject:
                    ReadObject(vr, owner, depth);
                    break;
                default:
                    throw Fault("a value must be a string, a number, an object or null");
            }
        }
    }

    private void ReadObject(DicomVR? vr, DicomDataset owner, int depth)
    {
        _json.Read();
        if (_json.TokenType == JsonTokenType.EndObject)
        {
            _scope.Values.AddEmptyObject();
            return;
        }

        bool isName = vr is null
            ? _json.ValueTextEquals("Alphabetic"u8) || _json.ValueTextEquals("Ideographic"u8) || _json.ValueTextEquals("Phonetic"u8)
            : vr == DicomVR.PN;
        if (isName)
        {
            ReadName();
            return;
        }

        _scope.Values.AddItem(ReadDataset(owner, depth + 1));
    }

    private void ReadName()
    {
        string alphabetic = "", ideographic = "", phonetic = "";
        for (; _json.TokenType != JsonTokenType.EndObject; _json.Read())
        {
            int group = _json.ValueTextEquals("Alphabetic"u8) ? 0
                : _json.ValueTextEquals("Ideographic"u8) ? 1
                : _json.ValueTextEquals("Phonetic"u8) ? 2
                : -1;
            _json.Read();
            if (group < 0 || _json.TokenType == JsonTokenType.Null)
            {
                _json.Skip();
                continue;
            }

            string text = ReadText("a component group must be a string");
            alphabetic = group == 0 ? text : alphabetic;
            ideographic = group == 1 ? text : ideographic;
            phonetic = group == 2 ? text : phonetic;
        }

        _scope.Values.AddText(System.Text.Encoding.UTF8.GetBytes($"{alphabetic}={ideographic}={phonetic}".TrimEnd('=')));
    }

    private DicomVR ReadVR()
    {
        string code = ReadText("vr must be a string");
        return DicomVRTable.TryParse(code, out DicomVR vr) ? vr : DicomVR.UN;
    }

    private readonly byte[]? ReadInlineBinary()
    {
        if (_json.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        Expect(JsonTokenType.String, "InlineBinary must be a string");
        return _json.TryGetBytesFromBase64(out byte[]? bytes) ? bytes : throw Fault("InlineBinary is not base64");
    }

    private readonly string ReadText(string otherwise)
    {
        Expect(JsonTokenType.String, otherwise);
        try
        {
            return _json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Fault("a string is not valid Unicode");
        }
    }

    private readonly int CopyText(Span<byte> target)
    {
        try
        {
            return _json.CopyString(target);
        }
        catch (InvalidOperationException)
        {
            throw Fault("a string is not valid Unicode");
        }
    }

    private readonly bool TryReadTag(out DicomTag tag)
    {
        const int LongestEscaped = 48;
        tag = default;
        if (_json.ValueSpan.Length is < 8 or > LongestEscaped)
        {
            return false;
        }

        Span<byte> name = stackalloc byte[LongestEscaped];
        int length = CopyText(name);
        Span<char> letters = stackalloc char[8];
        return length == 8
            && System.Text.Encoding.UTF8.TryGetChars(name[..8], letters, out int count)
            && count == 8
            && DicomTag.TryParseHex(letters, out tag);
    }

    private readonly void Expect(JsonTokenType type, string otherwise)
    {
        if (_json.TokenType != type)
        {
            throw Fault(otherwise);
        }
    }

    private readonly void Check(string? fault)
    {
        if (fault is not null)
        {
            throw Fault(fault);
        }
    }

    private readonly DicomJsonException Fault(string reason) => new(reason, _scope.Path(), _json.BytesConsumed);
}
