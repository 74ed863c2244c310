namespace ImagingIngestion.Dimse.Pdus;

/// <summary>The presentation context IDs of one PDU: odd, and each used once (PS3.8 section 9.3.2.2), so there are never more than 128.</summary>
internal struct ContextIds
{
    private UInt128 _used;

    /// <summary>Returns false if it is even, or was used before.</summary>
    public bool TryAdd(byte id)
    {
        UInt128 bit = UInt128.One << (id >> 1);
        bool isNew = id % 2 == 1 && (_used & bit) == 0;
        _used |= isNew ? bit : 0;
        return isNew;
    }
}
