namespace ImagingIngestion.Options;

/// <summary>What a process of a cluster needs beyond the defaults, which work in one process only.</summary>
internal static class ClusterRules
{
    private const ProcessRoles CallGrains = ProcessRoles.Stow | ProcessRoles.Dimse;

    /// <summary>Notes what is missing for the roles of the process.</summary>
    public static void Check(SettingsReader settings, ImagingOptions options)
    {
        ProcessRoles roles = options.Roles;
        if (roles is ProcessRoles.None or ProcessRoles.All)
        {
            return;
        }

        if (options.Database is null)
        {
            settings.AddMistake(DatabaseOptions.KindSetting, "must be postgresql, because several processes share the manifest");
        }

        if (options.UsesObjects && !options.Storage.IsShared)
        {
            settings.AddMistake(StorageOptions.SharedObjectsSetting, "must be a folder that all processes share, where there is no bucket");
        }

        if (options.Has(ProcessRoles.Silo | CallGrains))
        {
            options.Cluster.RequireKey(settings);
        }

        if (options.Has(ProcessRoles.Dimse) && options.Dimse.Port == DimseOptions.Off)
        {
            settings.AddMistake(DimseOptions.PortSetting, "must be a port where the process has the role dimse");
        }

        if (options.Has(ProcessRoles.Binding) && !options.Has(ProcessRoles.Wado) && options.Events.WadoInternalEndpoint is null)
        {
            settings.AddMistake(EventOptions.WadoInternalEndpointSetting, "must be the WADO-RS root that instances are fetched from, because this process has the role binding and not the role wado");
        }
    }
}
