namespace ImagingIngestion.Options;

/// <summary>What a process of a cluster needs beyond the defaults, which work in one process only.</summary>
internal static class ClusterRules
{
    /// <summary>Notes what is missing for the roles of the process.</summary>
    public static void Check(SettingsReader settings, ImagingOptions options)
    {
        if (options.Roles is ProcessRoles.None or ProcessRoles.All)
        {
            return;
        }

        if (options.Database is null)
        {
            settings.AddMistake(DatabaseOptions.KindSetting, "must be postgresql, because several processes share the manifest");
        }

        if (options.UsesObjects && options.Bucket is null && !options.Storage.IsShared)
        {
            settings.AddMistake(BucketOptions.HostSetting, "must name the S3 server of the bucket, because several processes share the "
                + $"objects; on one machine {StorageOptions.SharedObjectsSetting.Names} may name a folder instead");
        }

        if (options.CallsGrains || options.Has(ProcessRoles.Silo))
        {
            options.Cluster.RequireKey(settings);
        }

        if (options.Has(ProcessRoles.Dimse) && options.Dimse.Port == DimseOptions.Off)
        {
            settings.AddMistake(DimseOptions.PortSetting, "must be a port where the process has the role dimse");
        }

        if (options.Has(ProcessRoles.Binding) && !options.Has(ProcessRoles.Wado) && options.Events.WadoInternalEndpoint is null)
        {
            settings.AddMistake(EventOptions.WadoInternalEndpointSetting, "must be the WADO-RS root that instances are fetched from, "
                + "because this process has the role binding and not the role wado");
        }
    }
}
