namespace ImagingIngestion.Dicom.Tests;

/// <summary>Where another reader and ours differ for a reason. Each row names one file and how its differences begin; a row that nothing needs any more fails too.</summary>
internal sealed class KnownDisagreements
{
    private const string NoDelimiter = "It drops fragments that no delimiter ends.";
    private const string BelievesTable = "It believes an offset table that points into fragments or leaves frames out.";
    private const string UnknownSequence = "It keeps a sequence that came as UN with a length as bytes; we read it by PS3.5 section 6.2.2.";
    private const string BrokenText = "It shows the bytes that cannot be decoded in another way.";

    private readonly (string File, string Start, string Reason)[] _rows;

    private KnownDisagreements(params (string File, string Start, string Reason)[] rows) => _rows = rows;

    public static KnownDisagreements Pydicom { get; } = new(
        ("broken/encaps_no_end.dcm", "7FE00010: only ours", NoDelimiter),
        ("cut/before_sequence_delimiter.dcm", "7FE00010: only ours", NoDelimiter),
        ("encapsulated/bot_wrong.dcm", ": 3 frames, theirs 2", BelievesTable),
        ("encapsulated/bot_wrong.dcm", ": frame 2", BelievesTable),
        ("encapsulated/bot_short.dcm", ": 3 frames, theirs 2", BelievesTable),
        ("encapsulated/bot_short.dcm", ": frame 2", BelievesTable),
        ("encapsulated/frames_too_few.dcm", ": 0 frames, theirs 3", "It yields a frame for each fragment; three fragments for two frames do not say which frame is whose."),
        ("encapsulated/no_fragments.dcm", ": 0 frames, theirs 1", "It yields an empty frame where there is no fragment."),
        ("head/trailing_zeros.dcm", "00000000: only theirs", "It takes zeros after the last element for an element."),
        ("hostile/delimiter_without_sequence.dcm", "FFFEE0DD: only theirs", "It takes a stray delimiter for an element."),
        ("length/duplicate_element.dcm", "00081030: 6 bytes", "It keeps the last of two elements with one tag, we keep the first, as DCMTK does."),
        ("length/unknown_vr.dcm", "", "It reads letters that are no VR with a short length, we with the long one of PS3.5 section 6.2.2, and it loses its way."),
        ("broken/vr_nul.dcm", "", "It reads an element whose VR is two NULs with a long length and loses its way."),
        ("broken/fuzz_04.dcm", "", "One damaged byte before the data set makes it read nothing."),
        ("broken/meta_group_in_dataset.dcm", "00020010: only ours", "It moves group 0002 out of the data set."),
        ("sequence/un_defined_public.dcm", "00081140", UnknownSequence),
        ("rt/pydicom__rtdose_rle.dcm", "300C0002", UnknownSequence),
        ("charset/ir_203_latin9.dcm", "", "It knows no ISO_IR 203 and reads Latin-1."),
        ("charset/iso2022_ir_58.dcm", "", "It takes a designation of GB 2312 before the component delimiter for text."),
        ("charset/escape_cut_off.dcm", "", BrokenText),
        ("charset/kanji_odd_byte.dcm", "", BrokenText));

    /// <summary>Fails unless the differences found in these files are exactly the known ones.</summary>
    public void Check(IEnumerable<string> files, IEnumerable<(string File, string Difference)> found)
    {
        HashSet<string> looked = [.. files];
        HashSet<(string, string, string)> unused = [.. _rows.Where(row => looked.Contains(row.File))];
        List<string> unknown = [];
        foreach ((string file, string difference) in found)
        {
            (string, string, string)[] known = [.. _rows.Where(row => row.File == file && difference.StartsWith(row.Start, StringComparison.Ordinal))];
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
