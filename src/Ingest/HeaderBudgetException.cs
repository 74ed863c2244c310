namespace ImagingIngestion.Ingest;

/// <summary>Too many requests with large headers or metadata run at once: this one may be asked again later.</summary>
public sealed class HeaderBudgetException() : Exception("Too many requests with large headers run at once: try again later.");
