using System.Buffers;
using System.Text;
using System.Text.Unicode;
using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.CharacterSets;

/// <summary>Decodes one value field with the code extension techniques of ISO 2022 (PS3.5 section 6.1.2.5).</summary>
/// <remarks>
/// Escape sequences designate sets to G0 and G1; delimiters restore the sets of the first value of (0008,0005). Every byte becomes at most
/// one character.
/// </remarks>
internal ref struct CodeExtensionDecoder
{
    private readonly ReadOnlySpan<byte> _value;
    private readonly GraphicSet _initialG0;
    private readonly GraphicSet? _initialG1;
    private readonly bool _isMultiValued;
    private readonly bool _isPersonName;
    private readonly Span<char> _output;
    private GraphicSet _g0;
    private GraphicSet? _g1;
    private Encoding? _undesignated;
    private int _position;
    private int _length;

    private CodeExtensionDecoder(ReadOnlySpan<byte> value, DicomVR vr, GraphicSet g0, GraphicSet? g1, Span<char> output)
    {
        _value = value;
        _initialG0 = _g0 = g0;
        _initialG1 = _g1 = g1;
        _isMultiValued = vr.Traits().IsMultiValued;
        _isPersonName = vr == DicomVR.PN;
        _output = output;
    }

    internal static string Decode(ReadOnlySpan<byte> value, DicomVR vr, GraphicSet g0, GraphicSet? g1)
    {
        char[]? rented = null;
        Span<char> output = value.Length <= 512 ? stackalloc char[512] : rented = ArrayPool<char>.Shared.Rent(value.Length);
        var decoder = new CodeExtensionDecoder(value, vr, g0, g1, output);
        string text = decoder.Run();
        if (rented is not null)
        {
            ArrayPool<char>.Shared.Return(rented, clearArray: true);
        }

        return text;
    }

    private string Run()
    {
        while (_position < _value.Length)
        {
            byte current = _value[_position];
            switch (current)
            {
                case EscapeSequences.Escape:
                    Designate();
                    break;
                case < 0x20:
                    Control(current);
                    break;
                case < 0x80:
                    Left(current);
                    break;
                default:
                    Right(current);
                    break;
            }
        }

        return new string(_output[.._length]);
    }

    private void Designate()
    {
        int length = EscapeSequences.Read(_value[_position..], out GraphicSet? set, out bool toG1);
        if (set is null)
        {
            Emit(GraphicSet.Undecodable, 1);
            return;
        }

        _position += length;
        if (toG1)
        {
            _g1 = set;
        }
        else
        {
            _g0 = set;
        }
    }

    private void Control(byte current)
    {
        if (current is (byte)'\t' or (byte)'\n' or (byte)'\f' or (byte)'\r')
        {
            Reset();
        }

        Emit((char)current, 1);
    }

    private void Left(byte current)
    {
        if (_g0.IsDoubleByte && current is not (0x20 or 0x7F))
        {
            Double(_g0, current, 0x21, 0x7E);
            return;
        }

        bool isDelimiter = current switch
        {
            (byte)'\\' => _isMultiValued,
            (byte)'^' or (byte)'=' => _isPersonName,
            _ => false,
        };
        if (isDelimiter)
        {
            Reset();
        }

        Emit(isDelimiter || _g0.IsDoubleByte ? (char)current : _g0[current], 1);
    }

    private void Right(byte current)
    {
        if (_g1 is null)
        {
            Undesignated();
        }
        else if (_g1.IsDoubleByte && current is not (< 0xA1 or 0xFF))
        {
            Double(_g1, current, 0xA1, 0xFE);
        }
        else if (_g1 == GraphicSets.Ir13 && current is not (>= 0xA1 and <= 0xDF))
        {
            ShiftJis(current);
        }
        else
        {
            Emit(current < 0xA0 ? (char)current : _g1.IsDoubleByte ? GraphicSet.Undecodable : _g1[current & 0x7F], 1);
        }
    }

    private void Double(GraphicSet set, byte lead, byte lowest, byte highest)
    {
        if (_position + 1 < _value.Length && _value[_position + 1] is byte trail && trail >= lowest && trail <= highest)
        {
            Emit(set[lead & 0x7F, trail & 0x7F], 2);
        }
        else
        {
            Emit(GraphicSet.Undecodable, 1);
        }
    }

    /// <summary>
    /// Reads a pair as Shift-JIS: JIS X 0201 leaves its lead bytes free, and devices that declare the one write the other.
    /// </summary>
    private void ShiftJis(byte lead)
    {
        bool isPair = lead is (>= 0x81 and <= 0x9F) or (>= 0xE0 and <= 0xFC)
            && _position + 1 < _value.Length && _value[_position + 1] is (>= 0x40 and <= 0x7E) or (>= 0x80 and <= 0xFC);
        char character = isPair ? CodePages.DecodeOne(CodePages.ShiftJis, _value.Slice(_position, 2)) : GraphicSet.Undecodable;
        Emit(character, character == GraphicSet.Undecodable ? 1 : 2);
    }

    /// <summary>
    /// Decodes bytes from 80 on that no set covers: as UTF-8 if the whole value is valid UTF-8, otherwise as Windows-1252.
    /// </summary>
    /// <remarks>Windows-1252 is the superset of Latin-1 that devices write undeclared.</remarks>
    private void Undesignated()
    {
        ReadOnlySpan<byte> rest = _value[_position..];
        int end = rest.IndexOfAnyInRange((byte)0x00, (byte)0x7F);
        ReadOnlySpan<byte> run = end < 0 ? rest : rest[..end];
        _undesignated ??= Utf8.IsValid(_value) ? Encoding.UTF8 : CodePages.Get(CodePages.Windows1252);
        _length += _undesignated.GetChars(run, _output[_length..]);
        _position += run.Length;
    }

    private void Reset()
    {
        _g0 = _initialG0;
        _g1 = _initialG1;
    }

    private void Emit(char character, int bytes)
    {
        _output[_length++] = character;
        _position += bytes;
    }
}
