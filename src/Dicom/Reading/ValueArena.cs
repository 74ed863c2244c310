namespace ImagingIngestion.Dicom.Reading;

/// <summary>Gives out memory for the values of one data set in a few large pieces instead of one array a value.</summary>
internal sealed class ValueArena
{
    private const int FirstPiece = 4 << 10;
    private const int LargestPiece = 64 << 10;

    private byte[] _piece = [];
    private int _used;

    public Memory<byte> Take(int length)
    {
        if (_piece.Length - _used < length)
        {
            if (length > LargestPiece / 4)
            {
                return new byte[length];
            }

            _piece = new byte[Math.Max(length, _piece.Length == 0 ? FirstPiece : Math.Min(_piece.Length * 2, LargestPiece))];
            _used = 0;
        }

        Memory<byte> memory = _piece.AsMemory(_used, length);
        _used += length;
        return memory;
    }
}
