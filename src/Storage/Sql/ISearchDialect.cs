namespace ImagingIngestion.Storage.Sql;

/// <summary>
/// The conditions of a search that each database says in its own way. Patterns are DICOM's: '*' for any characters, '?' for one.
/// </summary>
/// <remarks>A list is one parameter, so that the text of a statement does not grow with it.</remarks>
internal interface ISearchDialect
{
    /// <summary>The whole column is one of the values: texts, or numbers.</summary>
    string EqualsAny(SearchConditions conditions, string column, IReadOnlyList<object> values);

    /// <summary>
    /// A text is one of the values, or encloses one of them where it holds several, which it then begins with the delimiter.
    /// </summary>
    string TextEqualsAny(SearchConditions conditions, string column, IReadOnlyList<object> values);

    /// <summary>The column holds one of the texts somewhere.</summary>
    string ContainsAny(SearchConditions conditions, string column, IReadOnlyList<string> texts);

    /// <summary>
    /// The column of a text encloses several values, as a rare row does: it begins with the delimiter, before everything that a value can
    /// begin with.
    /// </summary>
    string HoldsSeveral(string column);

    /// <summary>The whole column matches the pattern.</summary>
    string Matches(SearchConditions conditions, string column, string pattern);

    /// <summary>One of the enclosed values of the column matches the pattern: no wildcard reaches over a delimiter.</summary>
    string AnyValueMatches(SearchConditions conditions, string column, string pattern);
}
