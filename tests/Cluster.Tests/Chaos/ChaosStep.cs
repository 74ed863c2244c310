namespace ImagingIngestion.Cluster.Tests.Chaos;

/// <summary>One step of a schedule.</summary>
/// <param name="Pause">How long nothing is done before it.</param>
/// <param name="Action">What is done.</param>
/// <param name="Target">The number of the process among those of its kind; a number beyond them starts again from the first.</param>
internal readonly record struct ChaosStep(TimeSpan Pause, ChaosAction Action, int Target);
