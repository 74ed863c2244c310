using ImagingIngestion.DictionaryGenerator;

// Run from the root of the repository: dotnet run --project tools/DictionaryGenerator
string folder = args.Length > 0 ? args[0] : Path.Combine("src", "Dicom", "Dictionary");
if (!File.Exists(Path.Combine(folder, Generator.DataElementsFile)))
{
    Console.Error.WriteLine(
        $"No {Generator.DataElementsFile} in '{folder}': run from the root of the repository, or name the folder of the tables.");
    return 1;
}

IReadOnlyList<GeneratedFile> files = Generator.Generate(
    File.ReadAllText(Path.Combine(folder, Generator.DataElementsFile)),
    File.ReadAllText(Path.Combine(folder, Generator.UidsFile)));
foreach (string old in Directory.EnumerateFiles(folder, "*.g.cs"))
{
    File.Delete(old);
}

foreach (GeneratedFile file in files)
{
    File.WriteAllText(Path.Combine(folder, file.Name), file.Text);
}

Console.WriteLine($"{files.Count} files written to '{folder}'.");
return 0;
