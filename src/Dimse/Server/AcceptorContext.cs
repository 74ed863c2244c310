using ImagingIngestion.Dimse.Associations;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse.Server;

/// <summary>What all connections of a server share.</summary>
internal sealed record AcceptorContext(
    AssociationOptions Options, IAssociationPolicy Policy, IReadOnlyList<IDimseService> Services, AssociationLimits Limits, TimeProvider Time, ILogger Logger);
