namespace ImagingIngestion.Manifest.Search;

/// <summary>
/// How much one search may ask for, over QIDO-RS and C-FIND: more than clients do, and little enough for one statement of every store.
/// </summary>
public static class SearchLimits
{
    /// <summary>Values of all keys together: more than a list of UIDs of a large study has, fewer than a search takes.</summary>
    public const int Values = 10_000;

    /// <summary>Values of one key that is a name or a text; each name is a condition of its own.</summary>
    public const int TextsOfKey = 64;

    /// <summary>Characters of one value: longer than any VR that is matched allows.</summary>
    public const int TextLength = 1_024;

    /// <summary>
    /// Words of the names and texts of all keys together; with fuzzy matching each word of a name is a condition of its own.
    /// </summary>
    public const int Words = 256;

    /// <summary>Parameters of a QIDO-RS request: most of them are a condition or a returned attribute each.</summary>
    public const int Parameters = 512;

    /// <summary>Attributes named by includefield.</summary>
    public const int IncludedFields = 512;

    /// <summary>Warning headers of a QIDO-RS answer.</summary>
    public const int Warnings = 10;
}
