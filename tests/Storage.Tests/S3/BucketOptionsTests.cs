using ImagingIngestion.Settings;
using ImagingIngestion.Storage.S3;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Storage.Tests.S3;

/// <summary>The names of existing ConfigMaps and Secrets are read.</summary>
public sealed class BucketOptionsTests
{
    [Fact]
    public void Without_a_host_there_is_no_bucket() => Assert.Null(Read([], ("BUCKET_NAME", "images")));

    [Theory]
    [InlineData("rook-ceph-rgw.rook.svc", "80", "http://rook-ceph-rgw.rook.svc/")]
    [InlineData("rook-ceph-rgw.rook.svc", "443", "https://rook-ceph-rgw.rook.svc/")]
    [InlineData("s3.eu-central-1.amazonaws.com", null, "https://s3.eu-central-1.amazonaws.com/")]
    [InlineData("http://127.0.0.1:9000", null, "http://127.0.0.1:9000/")]
    [InlineData("https://store", "9443", "https://store:9443/")]
    public void Host_and_port_tell_the_endpoint(string host, string? port, string endpoint)
        => Assert.Equal(endpoint, Read([], ("BUCKET_HOST", host), ("BUCKET_PORT", port), ("BUCKET_NAME", "images"))!.Endpoint.ToString());

    [Fact]
    public void Keys_region_and_name_are_read_and_the_secret_is_not_shown()
    {
        BucketOptions options = Read(
            [], ("BUCKET_HOST", "store"), ("BUCKET_NAME", "images"), ("BUCKET_REGION", "eu"), ("AWS_ACCESS_KEY_ID", "known"),
            ("AWS_SECRET_ACCESS_KEY", "hidden"))!;

        Assert.Equal(("images", "eu", "known", "hidden"), (options.Name, options.Region, options.AccessKeyId, options.SecretAccessKey));
        Assert.False(options.InsecureSkipVerify);
        Assert.DoesNotContain("hidden", options.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_region_left_empty_and_keys_left_out_have_defaults()
    {
        BucketOptions options =
            Read([], ("BUCKET_HOST", "store"), ("BUCKET_NAME", "images"), ("BUCKET_REGION", ""), ("BUCKET_SUBREGION", ""))!;

        Assert.Equal("us-east-1", options.Region);
        Assert.Null(options.AccessKeyId);
    }

    [Fact]
    public void Mistakes_are_named_all_at_once()
        => Read(
            ["BUCKET_HOST", "BUCKET_NAME", "AWS_SECRET_ACCESS_KEY", "CAFILE"],
            ("BUCKET_HOST", "http://store/with/path"),
            ("AWS_ACCESS_KEY_ID", "known"),
            ("Imaging:Bucket:CaFile", "no-such-file"));

    private static BucketOptions? Read(string[] mistakes, params (string Name, string? Value)[] given)
    {
        ConfigurationBuilder configuration = new();
        configuration.AddInMemoryCollection(given.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)));
        ProcessSettings settings = ProcessSettings.Read(configuration.Build(), BucketOptions.Section);
        ServiceCollection services = new();
        settings.AddTo(services);
        using ServiceProvider provider = services.BuildServiceProvider();
        IReadOnlyList<string> found = ProcessSettings.Validate(provider);
        Assert.Equal(mistakes.Length, found.Count);
        Assert.All(mistakes, name => Assert.Contains(found, mistake => mistake.Contains(name, StringComparison.Ordinal)));
        BucketOptions options = settings.Get<BucketOptions>();
        return options.IsSet ? options : null;
    }
}
