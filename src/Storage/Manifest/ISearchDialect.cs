namespace ImagingIngestion.Storage;

/// <summary>The conditions of a search that each database says in its own way. Patterns are DICOM's: '*' for any characters, '?' for one.</summary>
internal interface ISearchDialect
{
    /// <summary>The column holds the text somewhere.</summary>
    string Contains(SearchConditions conditions, string column, string text);

    /// <summary>The whole column matches the pattern.</summary>
    string Matches(SearchConditions conditions, string column, string pattern);

    /// <summary>One of the enclosed values of the column matches the pattern: no wildcard reaches over a delimiter.</summary>
    string AnyValueMatches(SearchConditions conditions, string column, string pattern);
}
