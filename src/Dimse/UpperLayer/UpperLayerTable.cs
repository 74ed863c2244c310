namespace ImagingIngestion.Dimse;

/// <summary>The state table of the upper layer (PS3.8 table 9-10).</summary>
public static class UpperLayerTable
{
    /// <summary>The cell; null where the table is blank: the event cannot happen in the state.</summary>
    public static Transition? Find(UpperLayerState state, UpperLayerEvent happened) => throw new NotImplementedException();
}
