using System.Text;
using ImagingIngestion.Options;

namespace ImagingIngestion.Gateways;

/// <summary>What the process says when it is ready: where each service listens, where data goes, and a line to try.</summary>
internal static class StartupText
{
    public static string Of(ImagingOptions options, IReadOnlyList<string> addresses, int? dimsePort)
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

        if (dimsePort is { } port)
        {
            text.Append("  DIMSE                      ").Append(options.Dimse.AeTitle).Append(" on ").Append(options.Dimse.Address).Append(" port ").Append(port).AppendLine(options.Dimse.Tls?.IsEnabled == true ? ", TLS" : "");
        }

        text.Append("  objects                    ").AppendLine(Path.GetFullPath(options.Storage.ObjectsFolder));
        text.Append("  manifest                   ").AppendLine(Path.GetFullPath(options.Storage.ManifestFile));
        text.AppendLine("Try:");
        text.Append("  curl -H 'Content-Type: application/dicom' --data-binary @file.dcm ").Append(ListenAddress.Reachable(addresses.Count == 0 ? "" : addresses[0])).AppendLine("/dicom-web/studies");
        if (dimsePort is { } called && options.Dimse.Tls?.IsEnabled != true)
        {
            string peer = $"-aec {options.Dimse.AeTitle} {ListenAddress.ReachableHost(options.Dimse.Address)} {called}";
            text.Append("  storescu ").Append(peer).AppendLine(" file.dcm");
            text.Append("  findscu -S ").Append(peer).AppendLine(" -k QueryRetrieveLevel=STUDY -k StudyInstanceUID -k PatientID -k StudyDate");
        }

        text.AppendLine("Ctrl-C stops it.");
        return text.ToString();
    }

    private static string Names(IReadOnlyList<BindingOptions> bindings)
        => bindings.Count == 0 ? "" : $" ({string.Join(", ", bindings.Select(binding => binding.Name))})";
}
