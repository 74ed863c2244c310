using System.Text;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Options;

namespace ImagingIngestion.Gateways;

/// <summary>Makes the text of a process that is ready: its roles, where each service listens, where data goes, and a line to try.</summary>
internal static class StartupText
{
    private const int NameWidth = 27;

    public static string Of(ImagingOptions options, IReadOnlyList<string> addresses, int? dimsePort)
    {
        StringBuilder text = new();
        text.Append("Ready. Storage space: ").AppendLine(options.Provider.Name);
        if (options.Roles != ProcessRoles.All)
        {
            Add(text, "roles", RoleReader.Describe(options.Roles));
        }

        foreach (string address in addresses.Select(address => address.TrimEnd('/')))
        {
            AddServices(text, options, address);
        }

        if (dimsePort is { } port)
        {
            Add(
                text,
                "DIMSE",
                $"{options.Dimse.AeTitle} on {options.Dimse.Address} port {port}{(options.Dimse.Tls?.IsEnabled == true ? ", TLS" : "")}");
        }

        if (options.UsesObjects)
        {
            Add(text, "objects", options.Bucket is { } bucket
                ? $"bucket {bucket.Name} at {bucket.Endpoint.GetLeftPart(UriPartial.Authority)}"
                : Path.GetFullPath(options.Storage.ObjectsFolder));
        }

        Add(text, "manifest", options.Database is { } database
            ? $"PostgreSQL at {database.Host} port {database.Port}, database {database.Name}"
            : Path.GetFullPath(options.Storage.ManifestFile));
        AddTry(text, options, ListenAddress.Reachable(addresses.Count == 0 ? "" : addresses[0]), dimsePort);
        text.AppendLine("Ctrl-C stops it.");
        return text.ToString();
    }

    private static void AddServices(StringBuilder text, ImagingOptions options, string address)
    {
        bool stores = options.Has(ProcessRoles.Stow);
        bool retrieves = options.Has(ProcessRoles.Wado);
        if (stores || retrieves)
        {
            Add(text, stores && retrieves ? "STOW-RS, QIDO-RS, WADO-RS" : stores ? "STOW-RS" : "QIDO-RS, WADO-RS", address + "/dicom-web");
        }

        if (stores)
        {
            Add(text, "STOW-RS", address + "/stow-rs");
        }

        if (retrieves)
        {
            Add(text, "QIDO-RS, WADO-RS", address + "/wado-rs");
            Add(text, "change feed", address + "/changefeed");
        }

        if (options.Has(ProcessRoles.Binding))
        {
            Add(text, "bindings", $"{address}/bindings{Names(options.Bindings)}");
        }

        Add(text, "health", $"{address}/healthz/live, {address}/healthz/ready");
    }

    private static void AddTry(StringBuilder text, ImagingOptions options, string address, int? dimsePort)
    {
        bool callsDimse = dimsePort is not null && options.Dimse.Tls?.IsEnabled != true;
        if (!options.Has(ProcessRoles.Stow) && !callsDimse)
        {
            return;
        }

        text.AppendLine("Try:");
        if (options.Has(ProcessRoles.Stow))
        {
            text.Append("  curl -H 'Content-Type: application/dicom' --data-binary @file.dcm ").Append(address).AppendLine(
                "/dicom-web/studies");
        }

        if (callsDimse)
        {
            string peer = $"-aec {options.Dimse.AeTitle} {ListenAddress.ReachableHost(options.Dimse.Address)} {dimsePort}";
            text.Append("  storescu ").Append(peer).AppendLine(" file.dcm");
            text.Append("  findscu -S ").Append(peer).AppendLine(
                " -k QueryRetrieveLevel=STUDY -k StudyInstanceUID -k PatientID -k StudyDate");
        }
    }

    private static void Add(StringBuilder text, string name, string value)
        => text.Append("  ").Append(name.PadRight(NameWidth)).AppendLine(value);

    private static string Names(IReadOnlyList<BindingOptions> bindings)
        => bindings.Count == 0 ? "" : $" ({string.Join(", ", bindings.Select(binding => binding.Name))})";
}
