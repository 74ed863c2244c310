using ImagingIngestion.TestData;

if (args is not [string folder])
{
    Console.Error.WriteLine("Writes the test files and a manifest.tsv. Give one argument: the folder to write to.");
    return 2;
}

Corpus.Write(folder, TestFiles.All);
Console.WriteLine($"{TestFiles.All.Count} files in {Path.GetFullPath(folder)}");
return 0;
