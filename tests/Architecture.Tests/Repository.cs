using System.Reflection;

namespace ImagingIngestion.Architecture.Tests;

/// <summary>The working tree that these tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] SkippedFolders = ["bin", "obj", "node_modules", "TestResults", "data", "artifacts"];
    private static readonly string[] CodeFolders = ["src", "tests", "bench"];
    private static readonly Lazy<IReadOnlyList<SourceFile>> AllSources = new(() => [.. CodeFolders
        .SelectMany(folder => Files(folder, "*.cs"))
        .Select(path => SourceFile.Parse(path, File.ReadAllText(Path.Combine(FindRoot(), path))))]);

    public static string Root { get; } = FindRoot();

    /// <summary>Debug or Release: the tests read the assemblies of their own build.</summary>
    public static string Configuration { get; } =
        typeof(Repository).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    /// <summary>Returns the C# files under one of the folders, generated ones included.</summary>
    public static IEnumerable<SourceFile> Sources(params string[] folders)
        => AllSources.Value.Where(file => folders.Any(folder => file.Path.StartsWith(folder + "/", StringComparison.Ordinal)));

    /// <summary>Returns the paths of all files under a folder, without build output, relative to the root.</summary>
    public static IEnumerable<string> Files(string folder, string pattern = "*")
    {
        string start = Path.Combine(Root, folder);
        if (!Directory.Exists(start))
        {
            return [];
        }

        return Directory.EnumerateFiles(start, pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => SkippedFolders.Contains(part)))
            .Order(StringComparer.Ordinal);
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ImagingIngestion.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException(
            "No ImagingIngestion.slnx above the test assembly: run the tests from their build folder inside the repository.");
    }
}
