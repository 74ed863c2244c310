namespace ImagingIngestion.Gateways.Dimse.Hosting;

/// <summary>Error Comment (0000,0902): at most 64 characters of the default repertoire, no backslash (VR LO).</summary>
public static class ErrorComment
{
    private const int MaxLength = 64;
    private const string More = "...";

    /// <summary>Returns the sentence, which holds no patient data, cut at a word if it is too long; null for none.</summary>
    public static string? Of(string sentence)
    {
        string text = new([.. sentence.Select(character => character is >= ' ' and <= '~' and not '\\' ? character : ' ')]);
        text = text.Trim();
        if (text.Length > MaxLength)
        {
            int space = text.LastIndexOf(' ', MaxLength - More.Length);
            text = text[..(space > 0 ? space : MaxLength - More.Length)].TrimEnd(' ', ',', ':', ';') + More;
        }

        return text.Length == 0 ? null : text;
    }
}
