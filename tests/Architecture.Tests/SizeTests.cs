using System.Text;

namespace ImagingIngestion.Architecture.Tests;

/// <summary>The house limits hold, and the rules that say so see a breach.</summary>
public sealed class SizeTests
{
    private static IEnumerable<SourceFile> Written => Repository.Sources("src", "tests", "bench").Where(file => !file.IsGenerated);

    [Fact]
    public void Files_are_short() => Violations.ShouldBeNone(SizeRules.Files(Written), "Split the file:");

    [Fact]
    public void Types_are_short() => Violations.ShouldBeNone(SizeRules.Types(Written), "Split the type:");

    [Fact]
    public void Methods_are_short() => Violations.ShouldBeNone(SizeRules.Methods(Written), "Split the method:");

    [Fact]
    public void Constructors_take_few_parameters() => Violations.ShouldBeNone(SizeRules.ConstructorParameters(Written), "Group the parameters:");

    [Fact]
    public void A_file_holds_one_type() => Violations.ShouldBeNone(SizeRules.TypesPerFile(Written), "Give each type its file:");

    [Fact]
    public void The_rules_see_what_is_too_long()
    {
        SourceFile[] ok = [Sample(filler: 70)];
        SourceFile[] bad = [Sample(filler: 600)];

        Assert.Empty(SizeRules.Files(ok).Concat(SizeRules.Types(ok)).Concat(SizeRules.Methods(ok)));
        Assert.Single(SizeRules.Files(bad));
        Assert.Single(SizeRules.Types(bad));
        Assert.Single(SizeRules.Methods(bad));
    }

    [Fact]
    public void The_rules_add_up_the_parts_of_a_type()
    {
        SourceFile[] parts = [Sample(filler: 250), Sample(filler: 250)];

        Assert.Empty(SizeRules.Files(parts));
        Assert.Single(SizeRules.Types(parts));
    }

    [Theory]
    [InlineData("class A { A(int a, int b, int c, int d, int e, int f, int g) {} }", 0)]
    [InlineData("class A { A(int a, int b, int c, int d, int e, int f, int g, int h) {} }", 1)]
    [InlineData("record A(int A1, int B, int C, int D, int E, int F, int G, int H);", 1)]
    public void The_rules_count_constructor_parameters(string code, int breaches)
        => Assert.Equal(breaches, SizeRules.ConstructorParameters([SourceFile.Parse("src/A/A.cs", code)]).Count());

    [Theory]
    [InlineData(10, 0)]
    [InlineData(100, 1)]
    public void The_rules_let_only_small_families_share_a_file(int filler, int breaches)
    {
        string code = "class A { }\n" + new string('\n', filler) + "class B { }\n";

        Assert.Equal(breaches, SizeRules.TypesPerFile([SourceFile.Parse("src/A/A.cs", code)]).Count());
    }

    private static SourceFile Sample(int filler)
    {
        StringBuilder code = new("namespace N;\npartial class A\n{\n    void M()\n    {\n");
        for (int i = 0; i < filler; i++)
        {
            code.Append("        N();\n");
        }

        return SourceFile.Parse("src/A/A.cs", code.Append("    }\n}\n").ToString());
    }
}
