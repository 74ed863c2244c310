namespace ImagingIngestion.Dicom.Tests.Peers;

/// <summary>The justified differences between another reader and ours.</summary>
/// <remarks>Each row names one file and the beginning of its differences; a row that no longer applies fails too.</remarks>
internal sealed class KnownDisagreements
{
    private const string NoDelimiter = "It drops fragments that no delimiter ends.";
    private const string BelievesTable = "It believes an offset table that points into fragments or leaves frames out.";
    private const string UnknownSequence = "It keeps a sequence that came as UN with a length as bytes; we read it by PS3.5 section 6.2.2.";
    private const string NoConversion = "Its build cannot convert JIS X 0208 or 0212.";
    private const string UnknownTerm = "It gives up at text whose character set it does not know; we read on and warn.";
    private const string OtherSyntax = "It believes the transfer syntax that the meta information names, against the bytes.";
    private const string BelievesLength = "It believes the group length of the meta information, which is wrong.";
    private const string PadsOdd = "It pads a value of odd length.";
    private const string BrokenText = "It shows the bytes that cannot be decoded in another way.";

    private readonly (string File, string Start, string Reason)[] _rows;

    private KnownDisagreements(params (string File, string Start, string Reason)[] rows) => _rows = rows;

    public static KnownDisagreements Dcmtk { get; } = new(
        ("charset/escape_cut_off.dcm", ": theirs says E: DcmSpecificCharacterSet", NoConversion),
        ("charset/iso2022_delimiters.dcm", ": theirs says E: DcmSpecificCharacterSet", NoConversion),
        ("charset/iso2022_ir_13_87.dcm", ": theirs says E: DcmSpecificCharacterSet", NoConversion),
        ("charset/iso2022_ir_159.dcm", ": theirs says E: DcmSpecificCharacterSet", NoConversion),
        ("charset/iso2022_ir_87.dcm", ": theirs says E: DcmSpecificCharacterSet", NoConversion),
        ("charset/kanji_odd_byte.dcm", ": theirs says E: DcmSpecificCharacterSet", NoConversion),
        ("charset/pydicom__J2K_pixelrep_mismatch.dcm", ": theirs says E: DcmSpecificCharacterSet", NoConversion),
        ("charset/pydicom__charset_files__chrH31.dcm", ": theirs says E: DcmSpecificCharacterSet", NoConversion),
        ("charset/pydicom__charset_files__chrH32.dcm", ": theirs says E: DcmSpecificCharacterSet", NoConversion),
        ("charset/pydicom__charset_files__chrJapMultiExplicitIR6.dcm", ": theirs says E: DcmSpecificCharacterSet", NoConversion),
        ("edge/cs_2022_87.dcm", ": theirs says E: DcmSpecificCharacterSet", NoConversion),
        ("charset/absent_but_high_bytes.dcm", ": theirs says F", UnknownTerm),
        ("charset/ir_203_latin9.dcm", ": theirs says F", UnknownTerm),
        ("charset/misspelt_dash.dcm", ": theirs says F", UnknownTerm),
        ("charset/misspelt_iso8859.dcm", ": theirs says F", UnknownTerm),
        ("charset/misspelt_lower.dcm", ": theirs says F", UnknownTerm),
        ("charset/misspelt_no_space.dcm", ": theirs says F", UnknownTerm),
        ("charset/misspelt_space.dcm", ": theirs says F", UnknownTerm),
        ("charset/unknown_term.dcm", ": theirs says F", UnknownTerm),
        ("edge/cs_absent_highbytes.dcm", ": theirs says F", UnknownTerm),
        ("edge/cs_unknown.dcm", ": theirs says F", UnknownTerm),
        ("charset/item_has_its_own.dcm", "0040A730/0/0040A160", "It converts items with the character set of the data set."),
        ("charset/iso2022_ir_58.dcm", "00081030", "It takes the second designation of GB 2312 in a value for text."),
        ("broken/fuzz_00.dcm", "00081115/0/0020000E", "A damaged byte in a UID has no meaning in any character set."),
        ("broken/encaps_no_end.dcm", ": theirs says W: DcmSequenceOfItems: Reached end", "It refuses fragments that no delimiter ends."),
        ("cut/before_sequence_delimiter.dcm", ": theirs says W: DcmSequenceOfItems: Reached end",
            "It refuses fragments that no delimiter ends."),
        ("broken/meta_ts_explicit_ds_implicit.dcm", ": theirs says", OtherSyntax),
        ("broken/meta_ts_implicit_ds_explicit.dcm", ": theirs says", OtherSyntax),
        ("head/meta_says_explicit_is_implicit.dcm", ": theirs says", OtherSyntax),
        ("broken/pydicom__SC_rgb_jpeg.dcm", ": theirs says", OtherSyntax),
        ("broken/native_in_jpeg_ts.dcm", ": theirs says E: Found explicit length Pixel Data",
            "It refuses native pixel data under a compressed syntax."),
        ("broken/meta_group_in_dataset.dcm", "00020010: only theirs",
            "It shows group 0002 at the beginning of a data set, where we take it away."),
        ("broken/meta_grouplen_long.dcm", "", BelievesLength),
        ("broken/meta_grouplen_short.dcm", "0002", BelievesLength),
        ("broken/meta_grouplen_zero.dcm", "0002", BelievesLength),
        ("head/meta_length_long.dcm", "", BelievesLength),
        ("broken/len_odd.dcm", "00081030", PadsOdd),
        ("length/odd_text.dcm", "00081030", PadsOdd),
        ("length/odd_pixel_data.dcm", "7FE00010", PadsOdd),
        ("edge/pn_spaces.dcm", "00100010", "It drops the spaces around the components of a name."),
        ("hostile/deflate_bomb_text.dcm", "00104000", "It shows NULs as spaces."),
        ("hostile/delimiter_without_sequence.dcm", ": theirs says", "It refuses a stray delimiter."),
        ("sequence/un_defined_public.dcm", "00081140", UnknownSequence),
        ("rt/pydicom__rtdose_rle.dcm", "300C0002", UnknownSequence),
        ("value/nan_infinity.dcm", ": theirs says F: Cannot write", "It gives up where a number has no JSON form."));

    public static KnownDisagreements Pydicom { get; } = new(
        ("broken/encaps_no_end.dcm", "7FE00010: only ours", NoDelimiter),
        ("cut/before_sequence_delimiter.dcm", "7FE00010: only ours", NoDelimiter),
        ("encapsulated/bot_wrong.dcm", ": 3 frames, theirs 2", BelievesTable),
        ("encapsulated/bot_wrong.dcm", ": frame 2", BelievesTable),
        ("encapsulated/bot_short.dcm", ": 3 frames, theirs 2", BelievesTable),
        ("encapsulated/bot_short.dcm", ": frame 2", BelievesTable),
        ("encapsulated/frames_too_few.dcm", ": 0 frames, theirs 3",
            "It yields a frame for each fragment; three fragments for two frames do not say which frame is whose."),
        ("encapsulated/no_fragments.dcm", ": 0 frames, theirs 1", "It yields an empty frame where there is no fragment."),
        ("head/trailing_zeros.dcm", "00000000: only theirs", "It takes zeros after the last element for an element."),
        ("hostile/delimiter_without_sequence.dcm", "FFFEE0DD: only theirs", "It takes a stray delimiter for an element."),
        ("length/duplicate_element.dcm", "00081030: 6 bytes",
            "It keeps the last of two elements with one tag, we keep the first, as DCMTK does."),
        ("length/unknown_vr.dcm", "",
            "It reads letters that are no VR with a short length, we with the long one of PS3.5 section 6.2.2, and it loses its way."),
        ("broken/vr_nul.dcm", "", "It reads an element whose VR is two NULs with a long length and loses its way."),
        ("broken/fuzz_04.dcm", "", "One damaged byte before the data set makes it read nothing."),
        ("sequence/un_defined_public.dcm", "00081140", UnknownSequence),
        ("rt/pydicom__rtdose_rle.dcm", "300C0002", UnknownSequence),
        ("charset/ir_203_latin9.dcm", "", "It knows no ISO_IR 203 and reads Latin-1."),
        ("charset/iso2022_ir_58.dcm", "", "It takes a designation of GB 2312 before the component delimiter for text."),
        ("charset/escape_cut_off.dcm", "", BrokenText),
        ("charset/kanji_odd_byte.dcm", "", BrokenText));

    /// <summary>Fails unless exactly the known differences were found in these files.</summary>
    public void Check(IEnumerable<string> files, IEnumerable<(string File, string Difference)> found)
    {
        HashSet<string> looked = [.. files];
        HashSet<(string, string, string)> unused = [.. _rows.Where(row => looked.Contains(row.File))];
        List<string> unknown = [];
        foreach ((string file, string difference) in found)
        {
            (string, string, string)[] known =
            [
                .. _rows.Where(row => row.File == file && difference.StartsWith(row.Start, StringComparison.Ordinal))
            ];
            unused.ExceptWith(known);
            if (known.Length == 0)
            {
                unknown.Add($"{file}: {difference}");
            }
        }

        unknown.AddRange(unused.Select(row => $"No difference any more: {row}"));
        Assert.True(unknown.Count == 0, string.Join(Environment.NewLine, unknown));
    }
}
