using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ImagingIngestion.Architecture.Tests;

/// <summary>Declarations follow the house rules, and each rule finds a breach.</summary>
public sealed class ShapeTests
{
    [Fact]
    public void Every_public_type_of_src_says_what_it_is()
        => Violations.ShouldBeNone(ShapeRules.PublicTypesWithoutSummary(Repository.Sources("src")), "No <summary>:");

    [Fact]
    public void Classes_are_sealed_unless_something_derives_from_them()
        => Violations.ShouldBeNone(ShapeRules.OpenClasses([.. Repository.Sources("src", "tests", "bench")]), "Neither sealed nor a base:");

    [Fact]
    public void Types_are_partial_only_for_generators_and_logs()
        => Violations.ShouldBeNone(
            ShapeRules.PartialTypes(Repository.Sources("src", "tests", "bench")), "Partial without a generated part or a .Log.cs:");

    [Fact]
    public void Every_async_method_can_be_cancelled()
        => Violations.ShouldBeNone(
            ShapeRules.AsyncWithoutToken(Repository.Sources("src", "bench").Where(file => !file.IsGenerated)),
            "No CancellationToken named cancellationToken as the last parameter:");

    [Theory]
    [InlineData("public sealed class A { }", 1)]
    [InlineData("/// <summary></summary>\npublic sealed class A { }", 1)]
    [InlineData("/// <summary>Why.</summary>\npublic sealed class A { public enum B { } }", 1)]
    [InlineData("/// <summary>Why.</summary>\npublic sealed class A { internal enum B { } }", 0)]
    [InlineData("internal sealed class A { }", 0)]
    public void The_rules_see_a_public_type_without_summary(string code, int breaches)
        => Assert.Equal(breaches, ShapeRules.PublicTypesWithoutSummary([Parse(code)]).Count());

    [Theory]
    [InlineData("class A { }", 1)]
    [InlineData("class A { } sealed class B : A { }", 0)]
    [InlineData("record A { }", 1)]
    [InlineData("record struct A { }", 0)]
    [InlineData("static class A { }", 0)]
    public void The_rules_see_an_open_class(string code, int breaches)
        => Assert.Equal(breaches, ShapeRules.OpenClasses([Parse(code)]).Count());

    [Theory]
    [InlineData("sealed partial class A { }", 1)]
    [InlineData("static partial class A { [LibraryImport(\"libc\")] static partial int fsync(int fd); }", 0)]
    public void The_rules_see_a_partial_type(string code, int breaches)
        => Assert.Equal(breaches, ShapeRules.PartialTypes([Parse(code)]).Count());

    [Theory]
    [InlineData("async Task M() { }", 1)]
    [InlineData("ValueTask<int> M(int a);", 1)]
    [InlineData("IAsyncEnumerable<int> M();", 1)]
    [InlineData("Task M(CancellationToken token);", 1)]
    [InlineData("Task M(CancellationToken cancellationToken, int a);", 1)]
    [InlineData("Task M(CancellationToken cancellationToken = default);", 0)]
    [InlineData("Task M(HttpContext context);", 0)]
    [InlineData("public ValueTask DisposeAsync() => default;", 0)]
    [InlineData("int M();", 0)]
    public void The_rules_see_an_async_method_without_token(string code, int breaches)
        => Assert.Equal(breaches, ShapeRules.AsyncWithoutToken([Parse($"abstract class A {{ {code} }}")]).Count());

    private static SourceFile Parse(string code) => SourceFile.Parse("src/A/A.cs", code);
}

/// <summary>Rules about declarations: documentation, sealing, partial types, cancellation.</summary>
internal static class ShapeRules
{
    private static readonly string[] GeneratorAttributes = ["LibraryImport", "GeneratedRegex", "LoggerMessage", "JsonSerializable"];

    /// <summary>
    /// Methods whose signature is not ours: overrides and explicit implementations are recognised by their syntax, these by name.
    /// DisposeAsync is IAsyncDisposable's; Main is the runtime's.
    /// </summary>
    private static readonly string[] ForeignSignatures = ["DisposeAsync", "Main"];

    /// <summary>
    /// Clean-up that must run to its end even if its caller is gone, and work that several callers wait for: it takes no token.
    /// </summary>
    private static readonly string[] MustFinish =
    [
        "src/Bindings/Http/ClientCredentials.cs FetchAsync",
        "src/Bindings/Http/ClientCredentials.cs RequestAsync",
        "src/Ingest/InstanceCommit.cs BuildAsync",
        "src/Ingest/InstanceCommit.cs DeleteAsync",
        "src/Gateways/Stow/StowEndpoint.cs FinishAsync",
        "bench/Load/Scenarios/StartupScenario.cs StopAsync",
    ];

    /// <summary>Types that bring a token of their own: the request's RequestAborted.</summary>
    private static readonly string[] TokenCarriers = ["HttpContext", "HttpRequest", "StatusCodeContext"];

    private static readonly string[] AsyncTypes = ["Task", "ValueTask", "IAsyncEnumerable"];

    public static IEnumerable<string> PublicTypesWithoutSummary(IEnumerable<SourceFile> files)
        => from file in files
           from type in file.Root.DescendantNodes().OfType<MemberDeclarationSyntax>()
           where type is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax
           where IsPublic(type) && type.Ancestors().OfType<BaseTypeDeclarationSyntax>().All(IsPublic)
           group (file.Path, HasSummary: HasSummary(type)) by $"{Project(file)} {NameOf(type)}" into parts
           where !parts.Any(part => part.HasSummary)
           select $"{parts.First().Path}: {parts.Key}";

    /// <summary>A class that is neither sealed, static nor abstract must be the base of another one.</summary>
    public static IEnumerable<string> OpenClasses(IReadOnlyCollection<SourceFile> files)
    {
        HashSet<string> bases =
        [
            .. files.SelectMany(file => file.Types).SelectMany(type => type.BaseList?.Types ?? []).Select(type => Simple(type.Type))
        ];
        return from file in files
               from type in file.Root.DescendantNodes().OfType<TypeDeclarationSyntax>()
               where type.IsKind(SyntaxKind.ClassDeclaration) || type.IsKind(SyntaxKind.RecordDeclaration)
               group (file, type) by $"{Project(file)} {NameOf(type)}" into parts
               where !parts.Any(part => part.type.Modifiers.Any(modifier =>
                   modifier.Kind() is SyntaxKind.SealedKeyword or SyntaxKind.StaticKeyword or SyntaxKind.AbstractKeyword))
               where !parts.Any(part => bases.Contains(part.type.Identifier.Text))
               select $"{parts.First().file.At(parts.First().type)}: {parts.First().type.Identifier.Text}";
    }

    /// <summary>Partial only where a generator or the log file of the class writes the other part.</summary>
    public static IEnumerable<string> PartialTypes(IEnumerable<SourceFile> files)
        => from file in files
           from type in file.Root.DescendantNodes().OfType<TypeDeclarationSyntax>()
           where type.Modifiers.Any(SyntaxKind.PartialKeyword)
           group (file, type) by $"{Project(file)} {NameOf(type)}" into parts
           where !parts.Any(
               part => part.file.IsGenerated || part.file.Path.EndsWith(".Log.cs", StringComparison.Ordinal) || IsForGenerator(part.type))
           select $"{parts.First().file.Path}: {parts.Key}";

    /// <summary>The token is the last parameter and is called cancellationToken.</summary>
    public static IEnumerable<string> AsyncWithoutToken(IEnumerable<SourceFile> files)
        => from file in files
           from method in file.Root.DescendantNodes().OfType<MethodDeclarationSyntax>()
           where ReturnsTask(method) && !HasForeignSignature(method) && !MustFinish.Contains($"{file.Path} {method.Identifier.Text}")
           where method.ParameterList.Parameters.LastOrDefault(
               parameter => !parameter.Modifiers.Any(SyntaxKind.ParamsKeyword)) is not { } last
               || !IsToken(last)
           select $"{file.At(method)}: {method.Identifier.Text}";

    private static bool IsToken(ParameterSyntax parameter)
        => parameter.Type is not null && Simple(parameter.Type) == "CancellationToken" && parameter.Identifier.Text == "cancellationToken";

    private static bool ReturnsTask(MethodDeclarationSyntax method)
        => method.Modifiers.Any(SyntaxKind.AsyncKeyword) || AsyncTypes.Contains(Simple(method.ReturnType));

    private static bool HasForeignSignature(MethodDeclarationSyntax method)
        => method.Modifiers.Any(SyntaxKind.OverrideKeyword)
            || method.ExplicitInterfaceSpecifier is not null
            || ForeignSignatures.Contains(method.Identifier.Text)
            || method.ParameterList.Parameters.Any(
                parameter => parameter.Type is not null && TokenCarriers.Contains(Simple(parameter.Type)));

    private static bool IsForGenerator(TypeDeclarationSyntax type)
        => type.DescendantNodes().OfType<AttributeSyntax>().Any(attribute => GeneratorAttributes.Contains(Simple(attribute.Name)));

    private static bool IsPublic(MemberDeclarationSyntax member)
        => member.Modifiers.Any(SyntaxKind.PublicKeyword) || member.Parent is InterfaceDeclarationSyntax;

    private static bool HasSummary(MemberDeclarationSyntax type)
        => type.GetLeadingTrivia()
            .Select(trivia => trivia.GetStructure())
            .OfType<DocumentationCommentTriviaSyntax>()
            .SelectMany(comment => comment.Content.OfType<XmlElementSyntax>())
            .Any(element => element.StartTag.Name.ToString() == "summary" && element.Content.ToString().Any(char.IsLetter));

    private static string Project(SourceFile file) => string.Join('/', file.Path.Split('/').Take(2));

    private static string NameOf(MemberDeclarationSyntax type)
    {
        string own = type switch
        {
            BaseTypeDeclarationSyntax declaration => declaration.Identifier.Text,
            DelegateDeclarationSyntax declaration => declaration.Identifier.Text,
            _ => "",
        };
        int arity = type is TypeDeclarationSyntax { TypeParameterList: { } list } ? list.Parameters.Count : 0;
        return string.Join('.', type
            .Ancestors()
            .OfType<BaseTypeDeclarationSyntax>()
            .Reverse()
            .Select(outer => outer.Identifier.Text)
            .Append(own)) + (arity > 0 ? $"`{arity}" : "");
    }

    /// <summary>The last name without type arguments: Task for System.Threading.Tasks.Task&lt;int&gt;.</summary>
    private static string Simple(TypeSyntax type) => type switch
    {
        QualifiedNameSyntax qualified => Simple(qualified.Right),
        AliasQualifiedNameSyntax alias => Simple(alias.Name),
        NullableTypeSyntax nullable => Simple(nullable.ElementType),
        SimpleNameSyntax name => name.Identifier.Text,
        _ => type.ToString(),
    };
}
