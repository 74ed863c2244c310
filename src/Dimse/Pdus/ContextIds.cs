namespace ImagingIngestion.Dimse;

/// <summary>The presentation context IDs of one PDU: odd, and each used once (PS3.8 section 9.3.2.2), so there are never more than 128.</summary>
internal struct ContextIds
{
    private UInt128 _used;

    /// <exception cref="PduException">It is even, or was used before.</exception>
    public byte Add(byte id)
    {
        UInt128 bit = UInt128.One << (id >> 1);
        if (id % 2 == 0 || (_used & bit) != 0)
        {
            throw new PduException(AbortReason.InvalidParameterValue, $"Presentation context ID {id} is even or used twice.");
        }

        _used |= bit;
        return id;
    }
}
