namespace ImagingIngestion.Options;

/// <summary>Reads which roles a process has.</summary>
public static class RoleReader
{
    public static Setting RolesSetting { get; } = new("Roles", "--roles", "ROLES");

    private const string AllWord = "all";

    private static readonly (string Word, ProcessRoles Role)[] GatewayWords =
        [("stow", ProcessRoles.Stow), ("wado", ProcessRoles.Wado), ("dimse", ProcessRoles.Dimse), ("binding", ProcessRoles.Binding)];

    private static readonly (string Word, ProcessRoles Role)[] SiloWords = [("silo", ProcessRoles.Silo), (AllWord, ProcessRoles.All)];

    /// <summary>The roles in words, as they are set.</summary>
    public static string Describe(ProcessRoles roles)
        => string.Join(", ", SiloWords[..1].Concat(GatewayWords).Where(word => roles.HasFlag(word.Role)).Select(word => word.Word));

    /// <summary>Reads the roles; mistakes are with the reader.</summary>
    public static ProcessRoles Read(SettingsReader settings, ProcessKind kind)
    {
        string[] given = [.. settings.List(RolesSetting)];
        if (given.Length == 0 && kind == ProcessKind.Silo)
        {
            return ProcessRoles.All;
        }

        (string Word, ProcessRoles Role)[] words = kind == ProcessKind.Silo ? SiloWords : GatewayWords;
        ProcessRoles roles = ProcessRoles.None;
        bool isKnown = given.Length > 0;
        foreach (string word in given)
        {
            ProcessRoles role = words.FirstOrDefault(known => string.Equals(known.Word, word, StringComparison.OrdinalIgnoreCase)).Role;
            isKnown &= role != ProcessRoles.None;
            roles |= role;
        }

        if (!isKnown)
        {
            settings.AddMistake(RolesSetting, Rule(kind));
        }

        return roles;
    }

    private static string Rule(ProcessKind kind) => kind == ProcessKind.Silo
        ? "must be silo for the grains alone, or all, the default, for everything in one process; stow, wado, dimse and binding are roles "
            + "of the gateway executable"
        : "must be one or more of stow, wado, dimse and binding, parted by commas; silo is a role of the silo executable";
}
