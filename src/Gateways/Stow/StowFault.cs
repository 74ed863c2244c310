using ImagingIngestion.Ingest;

namespace ImagingIngestion.Gateways.Stow;

/// <summary>What ended a store request before its body was read to the end: the whole answer where nothing was stored, else one more failure in it.</summary>
/// <param name="Status">The HTTP status where nothing was stored.</param>
/// <param name="Title">What happened.</param>
/// <param name="Detail">What to change.</param>
/// <param name="Failure">How the response module tells it.</param>
internal sealed record StowFault(int Status, string Title, string Detail, StoreFailure Failure);
