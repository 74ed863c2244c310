using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Settings;

/// <summary>The settings of one options class.</summary>
public abstract class OptionsSection
{
    private protected OptionsSection(string name, IReadOnlyList<Setting> settings)
    {
        Name = name;
        Settings = settings;
    }

    /// <summary>Where the options class is bound from.</summary>
    public string Name { get; }

    /// <summary>The settings, in the order of the table.</summary>
    public IReadOnlyList<Setting> Settings { get; }

    /// <summary>Returns a setting by the last part of its key.</summary>
    public Setting this[string name]
        => Settings.First(setting => setting.Key == name || setting.Key.EndsWith(":" + name, StringComparison.Ordinal));

    /// <summary>The options class.</summary>
    public abstract Type OptionsType { get; }

    internal virtual void Read(SettingsReader reader)
    {
        foreach (Setting setting in Settings)
        {
            reader.Read(setting);
        }
    }

    internal abstract object Bind(IConfiguration values);

    internal abstract void AddTo(IServiceCollection services, ProcessSettings settings);
}

/// <summary>The settings of the options class <typeparamref name="T"/>, how it is bound, and what must fit together.</summary>
/// <typeparam name="T">A class with a setter for each setting.</typeparam>
/// <param name="name">The section that the class is bound from.</param>
/// <param name="settings">Makes the settings; takes the options as they are when nothing is set.</param>
/// <param name="bind">Calls the configuration binder, in the project of <typeparamref name="T"/>, where its source generator runs.</param>
/// <param name="check">Notes what does not fit together in options that are bound.</param>
/// <param name="read">Reads settings whose names are not known before; without it each setting is read under its names.</param>
public sealed class OptionsSection<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(
    string name,
    Func<T, IReadOnlyList<Setting>> settings,
    Action<IConfiguration, T> bind,
    Action<T, Mistakes>? check = null,
    Action<SettingsReader>? read = null) : OptionsSection(name, settings(new T()))
    where T : class, new()
{
    public override Type OptionsType => typeof(T);

    internal override void Read(SettingsReader reader)
    {
        if (read is null)
        {
            base.Read(reader);
        }
        else
        {
            read(reader);
        }
    }

    internal override object Bind(IConfiguration values)
    {
        T options = new();
        bind(values.GetSection(Name), options);
        return options;
    }

    internal override void AddTo(IServiceCollection services, ProcessSettings settings)
    {
        services.AddOptionsWithValidateOnStart<T>().Configure(options => bind(settings.Values.GetSection(Name), options));
        services.AddSingleton<IValidateOptions<T>>(new Validator(this, settings, check));
    }

    /// <summary>Fails with what could not be read and with what does not fit together.</summary>
    private sealed class Validator(OptionsSection section, ProcessSettings settings, Action<T, Mistakes>? check) : IValidateOptions<T>
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            Mistakes mistakes = settings.NewMistakes();
            check?.Invoke(options, mistakes);
            string[] all = [.. settings.MistakesOf(section), .. mistakes.Sentences];
            return all.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(all);
        }
    }
}
