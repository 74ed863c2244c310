using System.Text;
using ImagingIngestion.Gateways;
using ImagingIngestion.Options;

namespace ImagingIngestion.Silo;

/// <summary>What the process says when it is ready: where each service listens, where data goes, and a line to try.</summary>
internal static class StartupText
{
    public static string Of(ImagingOptions options, IReadOnlyList<string> addresses)
    {
        StringBuilder text = new();
        text.Append("Ready. Storage space: ").AppendLine(options.Provider.Name);
        foreach (string address in addresses.Select(address => address.TrimEnd('/')))
        {
            text.Append("  STOW-RS, QIDO-RS, WADO-RS  ").Append(address).AppendLine("/dicom-web");
            text.Append("  STOW-RS                    ").Append(address).AppendLine("/stow-rs");
            text.Append("  QIDO-RS, WADO-RS           ").Append(address).AppendLine("/wado-rs");
            text.Append("  change feed                ").Append(address).AppendLine("/changefeed");
            text.Append("  bindings                   ").Append(address).Append("/bindings").AppendLine(Names(options.Bindings));
            text.Append("  health                     ").Append(address).Append("/healthz/live, ").Append(address).AppendLine("/healthz/ready");
        }

        text.Append("  objects                    ").AppendLine(Path.GetFullPath(options.Storage.ObjectsFolder));
        text.Append("  manifest                   ").AppendLine(Path.GetFullPath(options.Storage.ManifestFile));
        text.AppendLine("Try:");
        text.Append("  curl -H 'Content-Type: application/dicom' --data-binary @file.dcm ").Append(ListenAddress.Reachable(addresses.Count == 0 ? "" : addresses[0])).AppendLine("/dicom-web/studies");
        text.AppendLine("Ctrl-C stops it.");
        return text.ToString();
    }

    private static string Names(IReadOnlyList<BindingOptions> bindings)
        => bindings.Count == 0 ? "" : $" ({string.Join(", ", bindings.Select(binding => binding.Name))})";
}
