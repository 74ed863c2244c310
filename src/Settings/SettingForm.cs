using System.Text.Json.Nodes;

namespace ImagingIngestion.Settings;

/// <summary>The form that the text of a setting has: what is accepted, and how it is written for the configuration binder.</summary>
/// <remarks>
/// The source-generated binder parses only the invariant text of built-in types; a form turns 5m, 512K or a list into that.
/// </remarks>
public abstract class SettingForm
{
    /// <summary>What the value must be; stands behind the name of the setting in a mistake.</summary>
    public abstract string Rule { get; }

    /// <summary>The value that applies unless another is set, as the table shows it; null if there is none.</summary>
    public virtual string? Default => null;

    /// <summary>The form takes several values, from one text or from the list of a configuration file.</summary>
    internal virtual bool IsList => false;

    /// <summary>Writes the value below a path; returns false if the text has another form.</summary>
    internal abstract bool TryWrite(string text, string path, IDictionary<string, string?> values);

    /// <summary>Writes the items of a configuration file's list; returns false if one of them has another form.</summary>
    internal virtual bool TryWrite(IReadOnlyList<string> items, string path, IDictionary<string, string?> values) => false;

    /// <summary>Writes what applies if nothing is set, where the initial value of the property cannot hold it.</summary>
    internal virtual void WriteDefault(string path, IDictionary<string, string?> values)
    {
    }

    /// <summary>Returns the form as JSON Schema; numbers may also be given as text.</summary>
    internal abstract JsonObject Schema();
}
