using ImagingIngestion.Hosting;

using static ImagingIngestion.Silo.Tests.Startup.GivenSettings;

namespace ImagingIngestion.Silo.Tests.Startup;

public sealed class RoleSettingsTests
{
    private static readonly (string, string)[] Database =
    [
        ("DB_KIND", "postgresql"),
        ("DB_HOST", "db"),
        ("DB_NAME", "imaging"),
        ("DB_USER", "imaging")
    ];
    private static readonly (string, string)[] Bucket = [("BUCKET_HOST", "s3.example.org"), ("BUCKET_NAME", "imaging")];
    private static readonly (string, string)[] Key = [("CLUSTER_KEY", "0123456789abcdef0123456789abcdef")];

    [Fact]
    public void The_silo_executable_hosts_everything_unless_it_is_told_otherwise()
    {
        Assert.Equal(ProcessRoles.All, Accepted(ProcessKind.Silo).Roles);
        Assert.Equal(ProcessRoles.All, Accepted(ProcessKind.Silo, ("ROLES", "all")).Roles);
        Assert.Equal(ProcessRoles.Silo, Accepted(ProcessKind.Silo, [("ROLES", "silo"), .. Database, .. Key]).Roles);
    }

    [Theory]
    [InlineData("ROLES", "stow, WADO", ProcessRoles.Stow | ProcessRoles.Wado)]
    [InlineData("Imaging:Roles", "dimse", ProcessRoles.Dimse)]
    [InlineData("--roles", "wado,wado", ProcessRoles.Wado)]
    [InlineData("Imaging:Roles:0", "wado", ProcessRoles.Wado)]
    public void The_gateway_executable_hosts_the_roles_that_it_is_given(string name, string value, ProcessRoles expected)
        => Assert.Equal(expected, Accepted(ProcessKind.Gateway, [(name, value), .. Database, .. Bucket, .. Key]).Roles);

    [Theory]
    [InlineData(ProcessKind.Gateway, "")]
    [InlineData(ProcessKind.Gateway, "silo")]
    [InlineData(ProcessKind.Gateway, "all")]
    [InlineData(ProcessKind.Gateway, "stow,operator")]
    [InlineData(ProcessKind.Silo, "stow")]
    [InlineData(ProcessKind.Silo, "silo,wado")]
    public void Roles_of_the_other_executable_and_of_none_are_refused(ProcessKind kind, string roles)
        => Assert.Contains(
            Mistakes(kind, [("ROLES", roles), .. Database, .. Bucket, .. Key]),
            mistake => mistake.Contains("--roles or IMAGING__ROLES or ROLES", StringComparison.Ordinal));

    [Theory]
    [InlineData(ProcessKind.Silo, "silo", "DB_KIND", "CLUSTER_KEY")]
    [InlineData(ProcessKind.Gateway, "stow", "DB_KIND", "BUCKET_HOST", "CLUSTER_KEY")]
    [InlineData(ProcessKind.Gateway, "dimse", "DB_KIND", "BUCKET_HOST", "CLUSTER_KEY")]
    [InlineData(ProcessKind.Gateway, "wado", "DB_KIND", "BUCKET_HOST")]
    [InlineData(ProcessKind.Gateway, "binding", "DB_KIND", "WADO_INTERNAL_ENDPOINT")]
    public void A_process_of_a_cluster_names_all_that_its_role_lacks(ProcessKind kind, string role, params string[] settings)
    {
        IReadOnlyList<string> mistakes = Mistakes(kind, ("ROLES", role));

        Assert.Equal(settings.Length, mistakes.Count);
        Assert.All(settings, setting => Assert.Contains(mistakes, mistake => mistake.Contains(setting, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_folder_that_is_named_as_shared_stands_in_for_the_bucket()
    {
        GivenSettings options = Accepted(ProcessKind.Gateway, [("ROLES", "wado"), ("--shared-objects", "/srv/objects"), .. Database]);

        Assert.Equal("/srv/objects", options.Storage.ObjectsFolder);
    }

    [Fact]
    public void A_dimse_gateway_without_a_port_is_refused()
        => Assert.Contains(
            "DIMSE_PORT",
            Assert.Single(Mistakes(ProcessKind.Gateway, [("ROLES", "dimse"), ("DIMSE_PORT", "off"), .. Database, .. Bucket, .. Key])),
            StringComparison.Ordinal);

    private static IReadOnlyList<string> Mistakes(ProcessKind kind, params (string, string)[] given) => Of(kind, given).Mistakes;
}
