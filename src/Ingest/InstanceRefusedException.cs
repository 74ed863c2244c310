namespace ImagingIngestion.Ingest;

/// <summary>An instance that may not be stored; becomes its <see cref="StoreResult"/> within the pipeline.</summary>
internal sealed class InstanceRefusedException(StoreFailure failure, string detail) : Exception(detail)
{
    public StoreFailure Failure { get; } = failure;
}
