namespace ImagingIngestion.Bindings.Http;

/// <summary>Tells whether two URLs lead to the same server.</summary>
internal static class Authority
{
    public static bool IsSame(Uri one, Uri other)
        => one.Scheme == other.Scheme
            && one.Port == other.Port
            && string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);
}
