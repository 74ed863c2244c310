namespace ImagingIngestion.Storage.Sql;

/// <summary>The statement of a search.</summary>
/// <param name="Text">The SQL.</param>
/// <param name="Parameters">The values of <c>$1</c> and those after it.</param>
internal sealed record SearchStatement(string Text, IReadOnlyList<object?> Parameters);
