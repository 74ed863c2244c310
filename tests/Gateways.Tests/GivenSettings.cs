using ImagingIngestion.Hosting;
using ImagingIngestion.Settings;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Gateways.Tests;

/// <summary>The settings of a process in a test, read as those of the executable; it listens on free ports of this machine.</summary>
internal static class GivenSettings
{
    public static ProcessSettings Of(string folder, params IEnumerable<(string Key, string Value)> given)
    {
        ConfigurationBuilder configuration = new();
        (string Key, string Value)[] own =
            [("Imaging:Server:Urls", "http://127.0.0.1:0"), ("Imaging:Dimse:Port", "0"), ("Imaging:Storage:Data", folder)];
        configuration.AddInMemoryCollection(own.Concat(given).Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)));
        return ProcessSettings.Read(configuration.Build(), ProcessSections.Of(ProcessKind.Silo));
    }
}
