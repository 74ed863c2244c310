using ImagingIngestion.Settings;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Hosting;

/// <summary>What this process does.</summary>
public sealed record RoleOptions
{
    private const string AllWord = "all";
    private const string SiloRule =
        "must be silo for the grains alone, or all, the default, for everything in one process; stow, wado, dimse and binding are roles "
            + "of the gateway executable";
    private const string GatewayRule =
        "must be one or more of stow, wado, dimse and binding, separated by commas; silo is a role of the silo executable";

    private static readonly (string Word, ProcessRoles Role)[] GatewayWords =
        [("stow", ProcessRoles.Stow), ("wado", ProcessRoles.Wado), ("dimse", ProcessRoles.Dimse), ("binding", ProcessRoles.Binding)];

    private static readonly (string Word, ProcessRoles Role)[] SiloWords = [("silo", ProcessRoles.Silo), (AllWord, ProcessRoles.All)];

    /// <summary>The settings of this class in the silo executable.</summary>
    public static readonly OptionsSection<RoleOptions> OfSilo = NewSection(SiloWords, SiloRule, ProcessRoles.All);

    /// <summary>The settings of this class in the gateway executable.</summary>
    public static readonly OptionsSection<RoleOptions> OfGateway = NewSection(GatewayWords, GatewayRule, ProcessRoles.None);

    /// <summary>What this process does; together the roles are the whole system.</summary>
    public ProcessRoles Roles { get; set; } = ProcessRoles.All;

    /// <summary>Whether the process reads or writes objects. Grains see keys only, and bindings fetch instances over WADO-RS.</summary>
    public bool UsesObjects => Has(ProcessRoles.Stow | ProcessRoles.Wado | ProcessRoles.Dimse);

    /// <summary>Whether the process calls study grains: to store, to delete.</summary>
    public bool CallsGrains => Has(ProcessRoles.Stow | ProcessRoles.Dimse);

    /// <summary>Whether the process is one of a cluster; without this it is the whole system.</summary>
    public bool IsPart => Roles is not (ProcessRoles.None or ProcessRoles.All);

    /// <summary>Returns the settings of an executable.</summary>
    public static OptionsSection<RoleOptions> SectionOf(ProcessKind kind) => kind == ProcessKind.Silo ? OfSilo : OfGateway;

    /// <summary>Returns whether the process has at least one of the roles.</summary>
    public bool Has(ProcessRoles any) => (Roles & any) != 0;

    /// <summary>Returns the roles in the words that set them.</summary>
    public string Describe()
        => string.Join(", ", SiloWords[..1].Concat(GatewayWords).Where(word => Roles.HasFlag(word.Role)).Select(word => word.Word));

    private static OptionsSection<RoleOptions> NewSection((string Word, ProcessRoles Role)[] words, string rule, ProcessRoles fallback)
        => new(
        "Process",
        _ =>
        [
            new(
                "Roles",
                Form.Flags(",", rule, text => Read(words, text)),
                "what the process does: `silo` or `all` in the silo executable, some of `stow`, `wado`, `dimse`, `binding` in the gateway "
                    + "executable")
            {
                CommandLine = "--roles", OlderName = "ROLES", Path = "Process:Roles",
                Default = "`all`; must be set for the gateway executable",
            },
        ],
        (section, options) =>
        {
            options.Roles = fallback;
            section.Bind(options);
        },
        (options, mistakes) =>
        {
            if (options.Roles == ProcessRoles.None)
            {
                mistakes.Add(OfGateway["Roles"], rule);
            }
        });

    private static string? Read((string Word, ProcessRoles Role)[] words, string text)
        => words.FirstOrDefault(known => string.Equals(known.Word, text, StringComparison.OrdinalIgnoreCase)) is { Word: not null } word
            ? word.Role.ToString()
            : null;
}

/// <summary>What a process does; together the roles are the whole system.</summary>
[Flags]
public enum ProcessRoles
{
    None = 0,

    /// <summary>Hosts the grains: decides, commits, closes revisions.</summary>
    Silo = 1,

    /// <summary>Takes instances in, and deletes, over STOW-RS.</summary>
    Stow = 2,

    /// <summary>Finds and gives instances over QIDO-RS and WADO-RS, and serves the change feed.</summary>
    Wado = 4,

    /// <summary>Takes, finds and gives instances over DIMSE.</summary>
    Dimse = 8,

    /// <summary>Delivers to the declared bindings.</summary>
    Binding = 16,

    /// <summary>All that the gateway executable can host.</summary>
    Gateways = Stow | Wado | Dimse | Binding,

    /// <summary>All in one process.</summary>
    All = Silo | Gateways,
}

/// <summary>The two executables.</summary>
public enum ProcessKind
{
    /// <summary>Hosts everything, or the grains alone.</summary>
    Silo,

    /// <summary>Hosts any of the gateways, and calls silos for the grains.</summary>
    Gateway,
}
