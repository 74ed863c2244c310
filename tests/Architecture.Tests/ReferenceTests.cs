using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace ImagingIngestion.Architecture.Tests;

/// <summary>References point only downward.</summary>
public sealed class ReferenceTests
{
    /// <summary>The projects that each project of src may reference; a project that is not listed may not exist.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Dicom"] = [],
        ["Manifest"] = ["Dicom"],
        ["Settings"] = [],
        ["Dimse"] = ["Dicom"],
        ["Messaging"] = ["Dimse"],
        ["Grains"] = ["Manifest", "Dicom", "Settings"],
        ["Storage"] = ["Manifest", "Dicom", "Settings"],
        ["Ingest"] = ["Grains", "Manifest", "Settings", "Dicom"],
        ["Hosting"] = ["Storage", "Manifest", "Settings", "Dicom"],
        ["Bindings"] = ["Manifest", "Dimse", "Dicom", "Settings"],
        ["Gateways"] = ["Dicom", "Dimse", "Messaging", "Settings", "Manifest", "Grains", "Ingest", "Storage", "Hosting", "Bindings"],
        ["Silo"] =
        [
            "Dicom", "Dimse", "Messaging", "Settings", "Manifest", "Grains", "Ingest", "Storage", "Hosting", "Bindings", "Gateways"
        ],
        ["Operator"] = ["Settings"],
    };

    private static readonly string[] BclOnly = ["Dicom"];

    private static IEnumerable<(string Name, XElement Xml)> Projects => Repository.Files("src", "*.csproj")
        .Select(path => (Path.GetFileNameWithoutExtension(path), XElement.Load(Path.Combine(Repository.Root, path))));

    [Fact]
    public void Every_project_of_src_has_a_place_in_the_table()
        => Assert.All(Projects, project => Assert.Contains(project.Name, Allowed.Keys));

    [Fact]
    public void Project_files_reference_only_what_lies_below()
        => Violations.ShouldBeNone(
            from project in Projects
            from reference in project.Xml.Descendants("ProjectReference")
            let target = Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!)
            where !Allowed[project.Name].Contains(target)
            select $"{project.Name} -> {target}",
            "Reference not allowed:");

    [Fact]
    public void Compiled_assemblies_reference_only_what_lies_below()
        => Violations.ShouldBeNone(
            from project in Projects
            from target in CompiledReferences(project.Name)
            where target.StartsWith("ImagingIngestion.", StringComparison.Ordinal)
            where !Allowed[project.Name].Contains(target["ImagingIngestion.".Length..])
            select $"{project.Name} -> {target}",
            "Compiled reference not allowed:");

    [Fact]
    public void Dicom_stands_on_the_base_class_library_alone()
    {
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

        Violations.ShouldBeNone(
            from name in BclOnly
            from target in CompiledReferences(name)
            where !File.Exists(Path.Combine(runtime, target + ".dll"))
            select $"{name} -> {target}",
            "Not in the base class library:");
        Violations.ShouldBeNone(
            from project in Projects
            where BclOnly.Contains(project.Name)
            from element in project.Xml.Descendants()
            where element.Name.LocalName is "PackageReference" or "FrameworkReference"
            select $"{project.Name} -> {(string?)element.Attribute("Include")}",
            "Not in the base class library:");
    }

    [Fact]
    public void Every_project_of_src_is_compiled_with_the_trim_and_AOT_analyzers()
    {
        XElement shared = XElement.Load(Path.Combine(Repository.Root, "src/Directory.Build.props"));
        Assert.Equal("true", shared.Descendants("IsAotCompatible").Single().Value);

        string[] switches =
        [
            "IsAotCompatible",
            "IsTrimmable",
            "EnableTrimAnalyzer",
            "EnableAotAnalyzer",
            "EnableSingleFileAnalyzer",
            "NoWarn",
            "TreatWarningsAsErrors",
            "Nullable"
        ];
        Violations.ShouldBeNone(
            from project in Projects
            from element in project.Xml.Descendants()
            where switches.Contains(element.Name.LocalName)
            select $"{project.Name}: {element.Name.LocalName}",
            "Set for all of src in src/Directory.Build.props, not in one project:");
    }

    private static string[] CompiledReferences(string project)
    {
        string path = Path.Combine(
            Repository.Root, "src", project, "bin", Repository.Configuration, "net10.0", $"ImagingIngestion.{project}.dll");
        using PEReader image = new(File.OpenRead(path));
        MetadataReader metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }
}
