using Amazon.Runtime;
using Amazon.S3;

namespace ImagingIngestion.Storage.S3;

/// <summary>A client of one bucket, which works with AWS and with servers that implement less of the protocol.</summary>
internal sealed class S3Bucket : IDisposable
{
    private readonly S3HttpClients _http;

    /// <exception cref="InvalidDataException">The authorities cannot be read.</exception>
    public S3Bucket(BucketOptions options)
    {
        _http = new S3HttpClients(options);
        AmazonS3Config config = new()
        {
            ServiceURL = options.Endpoint.GetLeftPart(UriPartial.Authority),
            ForcePathStyle = true,
            AuthenticationRegion = options.Region,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = options.Retries,
            ThrottleRetries = false,
            Timeout = options.RequestTimeout,
            HttpClientFactory = _http,
        };
        Client = options is { AccessKeyId: { } id, SecretAccessKey: { } secret }
            ? new AmazonS3Client(new BasicAWSCredentials(id, secret), config)
            : new AmazonS3Client(config);
        Name = options.Name;
        StallTimeout = options.RequestTimeout;
    }

    public AmazonS3Client Client { get; }

    public string Name { get; }

    /// <summary>How long the server may send nothing.</summary>
    public TimeSpan StallTimeout { get; }

    public void Dispose()
    {
        Client.Dispose();
        _http.Dispose();
    }
}
