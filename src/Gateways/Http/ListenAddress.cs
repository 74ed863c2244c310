namespace ImagingIngestion.Gateways.Http;

/// <summary>Addresses that a server listens on, as this machine can call them.</summary>
public static class ListenAddress
{
    /// <summary>
    /// The address without a slash at its end; one that listens on all interfaces names none, so that the loopback one stands for it.
    /// </summary>
    public static string Reachable(string address)
        => address.TrimEnd('/')
            .Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal)
            .Replace("//[::]", "//127.0.0.1", StringComparison.Ordinal)
            .Replace("//*", "//127.0.0.1", StringComparison.Ordinal)
            .Replace("//+", "//127.0.0.1", StringComparison.Ordinal);

    /// <summary>The same for an address without scheme and port, as DIMSE has it.</summary>
    public static string ReachableHost(string address) => address is "*" or "0.0.0.0" or "::" ? "127.0.0.1" : address;
}
