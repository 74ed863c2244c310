namespace ImagingIngestion.Dimse.UpperLayer;

/// <summary>A cell of the state table.</summary>
/// <param name="Action">What to do.</param>
/// <param name="Next">The state afterwards.</param>
/// <param name="Alternative">The state where the action decides otherwise: AE-6 rejects (Sta13), AR-8 at the acceptor (Sta10).</param>
public readonly record struct Transition(UpperLayerAction Action, UpperLayerState Next, UpperLayerState? Alternative = null);
