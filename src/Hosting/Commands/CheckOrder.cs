namespace ImagingIngestion.Hosting.Commands;

/// <summary>What a check is to do besides comparing lists.</summary>
/// <param name="Arms">Arms the sweeper afterwards.</param>
/// <param name="ReadsContent">Reads and verifies every object.</param>
/// <param name="Restarts">Begins anew where an earlier reading was stopped.</param>
/// <param name="BytesPerSecond">The most that are read; 0 for no limit.</param>
public sealed record CheckOrder(bool Arms, bool ReadsContent, bool Restarts, long BytesPerSecond);
