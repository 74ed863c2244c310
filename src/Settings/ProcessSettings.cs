using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Settings;

/// <summary>The settings of this process: what is given under whatever name, in the form that options are bound from.</summary>
public sealed class ProcessSettings
{
    private readonly IReadOnlyList<OptionsSection> _sections;
    private readonly SettingsConfigurationProvider _provider;
    private readonly Dictionary<Type, object> _bound = [];

    private ProcessSettings(IReadOnlyList<OptionsSection> sections, SettingsConfigurationProvider provider)
    {
        _sections = sections;
        _provider = provider;
        Values = new ConfigurationRoot([provider]);
    }

    /// <summary>All settings under their present names, without those that are wrong.</summary>
    public IConfiguration Values { get; }

    /// <summary>Reads the settings of the sections.</summary>
    /// <param name="given">All configuration sources; the options of the command line stand in it under their own names.</param>
    /// <param name="sections">The sections of all features.</param>
    public static ProcessSettings Read(IConfiguration given, params IReadOnlyList<OptionsSection> sections)
        => new(sections, new SettingsConfigurationProvider(given, sections));

    /// <summary>Returns options before they are validated: for code that decides which services there are.</summary>
    /// <remarks>Everything else takes <see cref="IOptions{TOptions}"/>, which is valid once the process has started.</remarks>
    public T Get<T>()
        where T : class
    {
        if (!_bound.TryGetValue(typeof(T), out object? options))
        {
            options = _sections.First(section => section.OptionsType == typeof(T)).Bind(Values);
            _bound.Add(typeof(T), options);
        }

        return (T)options;
    }

    /// <summary>Registers the options of all sections; they are validated when the process starts.</summary>
    public void AddTo(IServiceCollection services)
    {
        foreach (OptionsSection section in _sections)
        {
            section.AddTo(services, this);
        }
    }

    /// <summary>Collects further mistakes, without those of settings whose mistake is known already.</summary>
    public Mistakes NewMistakes() => new(_provider.Mistakes.Values.SelectMany(mistakes => mistakes.Settings));

    internal IReadOnlyList<string> MistakesOf(OptionsSection section) => _provider.Mistakes[section].Sentences;

    /// <summary>Validates all registered options.</summary>
    /// <returns>Every mistake; nothing if the process may start.</returns>
    public static IReadOnlyList<string> Validate(IServiceProvider services)
    {
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException mistakes)
        {
            return [.. mistakes.Failures];
        }
        catch (AggregateException several)
        {
            return [.. several.InnerExceptions.Cast<OptionsValidationException>().SelectMany(mistakes => mistakes.Failures)];
        }
    }
}

/// <summary>
/// Maps every name of every setting, older ones included, to the path that its options are bound from, and every text to what the binder
/// reads.
/// </summary>
internal sealed class SettingsConfigurationProvider(IConfiguration given, IReadOnlyList<OptionsSection> sections) : ConfigurationProvider
{
    /// <summary>What is wrong with the settings of each section.</summary>
    public Dictionary<OptionsSection, Mistakes> Mistakes { get; } = [];

    public override void Load()
    {
        foreach (OptionsSection section in sections)
        {
            SettingsReader reader = new(given, Data);
            section.Read(reader);
            Mistakes[section] = reader.Mistakes;
        }
    }
}
