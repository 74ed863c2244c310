namespace ImagingIngestion.Storage.Sql;

/// <summary>Why a delivery failed, as it is kept.</summary>
internal static class DeliveryError
{
    private const int MaxLength = 1000;

    /// <summary>Cut where it is too long, but never within a character.</summary>
    public static string? Cut(string? error)
        => error is not { Length: > MaxLength } ? error : error[..(char.IsHighSurrogate(error[MaxLength - 1]) ? MaxLength - 1 : MaxLength)];
}
