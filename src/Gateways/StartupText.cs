using System.Text;
using ImagingIngestion.Bindings;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Hosting;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Settings;
using ImagingIngestion.Storage;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Storage.S3;

namespace ImagingIngestion.Gateways;

/// <summary>Makes the text of a process that is ready: its roles, where each service listens, where data goes, and a line to try.</summary>
internal static class StartupText
{
    private const int NameWidth = 27;

    public static string Of(ProcessSettings settings, IReadOnlyList<string> addresses, int? dimsePort)
    {
        RoleOptions roles = settings.Get<RoleOptions>();
        DimseOptions dimse = settings.Get<DimseOptions>();
        StringBuilder text = new();
        text.Append("Ready. Storage space: ").AppendLine(settings.Get<ProviderOptions>().Name);
        if (roles.Roles != ProcessRoles.All)
        {
            Add(text, "roles", roles.Describe());
        }

        foreach (string address in addresses.Select(address => address.TrimEnd('/')))
        {
            AddServices(text, roles, settings.Get<BindingsOptions>().Declared, address);
        }

        if (dimsePort is { } port)
        {
            Add(
                text,
                "DIMSE",
                $"{dimse.AeTitle} on {dimse.Address} port {port}{(dimse.Tls?.IsEnabled == true ? ", TLS" : "")}");
        }

        AddStores(text, settings, roles);
        AddTry(text, roles, dimse, ListenAddress.Reachable(addresses.Count == 0 ? "" : addresses[0]), dimsePort);
        text.AppendLine("Ctrl-C stops it.");
        return text.ToString();
    }

    private static void AddStores(StringBuilder text, ProcessSettings settings, RoleOptions roles)
    {
        StorageOptions storage = settings.Get<StorageOptions>();
        BucketOptions bucket = settings.Get<BucketOptions>();
        DatabaseOptions database = settings.Get<DatabaseOptions>();
        if (roles.UsesObjects)
        {
            Add(text, "objects", bucket.IsSet
                ? $"bucket {bucket.Name} at {bucket.Endpoint.GetLeftPart(UriPartial.Authority)}"
                : Path.GetFullPath(storage.ObjectsFolder));
        }

        Add(text, "manifest", database.IsPostgres
            ? $"PostgreSQL at {database.Host} port {database.Port}, database {database.Name}"
            : Path.GetFullPath(storage.ManifestFile));
    }

    private static void AddServices(StringBuilder text, RoleOptions roles, IReadOnlyList<BindingOptions> bindings, string address)
    {
        bool stores = roles.Has(ProcessRoles.Stow);
        bool retrieves = roles.Has(ProcessRoles.Wado);
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

        if (roles.Has(ProcessRoles.Binding))
        {
            Add(text, "bindings", $"{address}/bindings{Names(bindings)}");
        }

        Add(text, "health", $"{address}/healthz/live, {address}/healthz/ready");
    }

    private static void AddTry(StringBuilder text, RoleOptions roles, DimseOptions dimse, string address, int? dimsePort)
    {
        bool callsDimse = dimsePort is not null && dimse.Tls?.IsEnabled != true;
        if (!roles.Has(ProcessRoles.Stow) && !callsDimse)
        {
            return;
        }

        text.AppendLine("Try:");
        if (roles.Has(ProcessRoles.Stow))
        {
            text.Append("  curl -H 'Content-Type: application/dicom' --data-binary @file.dcm ").Append(address).AppendLine(
                "/dicom-web/studies");
        }

        if (callsDimse)
        {
            string peer = $"-aec {dimse.AeTitle} {ListenAddress.ReachableHost(dimse.Address)} {dimsePort}";
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
