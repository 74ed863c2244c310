using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.ChangeFeed;

/// <summary>What the change feed works with.</summary>
internal sealed record ChangeFeedServices(
    IEventLog Log, IStorageSpaces Spaces, EventOptions Options, TimeProvider Time, IHostApplicationLifetime Lifetime, ILogger<ChangeFeedServices> Logger);
