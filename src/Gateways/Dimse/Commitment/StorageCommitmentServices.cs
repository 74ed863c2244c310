using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Dimse.Commitment;

/// <summary>Registers the Storage Commitment Push Model as SCP.</summary>
public static class StorageCommitmentServices
{
    /// <summary>
    /// Takes requests, and reports their results; needs an <see cref="ICommitmentQueue"/>, an <see cref="IManifestQuery"/>, an
    /// <see cref="IObjectStore"/>, an <see cref="IDamagedObjects"/>, <see cref="DimsePeers"/> and an <see cref="AssociationRequestor"/>.
    /// </summary>
    public static IServiceCollection AddStorageCommitment(this IServiceCollection services, ImagingOptions options)
    {
        services.AddSupervision();
        services.TryAddSingleton<DamageReports>();
        return services
            .AddSingleton(options.Commitment)
            .AddSingleton<OpenTransactions>()
            .AddSingleton<CommitmentSignal>()
            .AddSingleton<CommitmentChecker>()
            .AddSingleton<CommitmentReporter>()
            .AddSingleton(Offer())
            .AddSingleton<IDimseService>(provider => new StorageCommitmentScp(
                provider.GetRequiredService<ICommitmentQueue>(),
                provider.GetRequiredService<OpenTransactions>(),
                provider.GetRequiredService<CommitmentSignal>(),
                new ProviderName(options.Provider.Name),
                options.Commitment,
                provider.GetRequiredService<ILogger<StorageCommitmentScp>>()))
            .AddHostedService<CommitmentRunner>();
    }

    /// <summary>Requestors are SCU, as is the default.</summary>
    private static SopClassOffer Offer() => new()
    {
        Covers = uid => uid == StorageCommitment.SopClassUid,
        ChooseTransferSyntax = DataSetSyntaxes.Choose,
    };
}
