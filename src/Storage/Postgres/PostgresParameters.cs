using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Parameters by place ($1, $2, ...) with the type of their value, so that nothing is boxed or guessed.</summary>
internal static class PostgresParameters
{
    public static NpgsqlCommand With<T>(this NpgsqlCommand command, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return command;
    }

    public static NpgsqlBatchCommand With<T>(this NpgsqlBatchCommand command, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return command;
    }

    /// <summary>A text, a number, a list of them or null, as search conditions hold them.</summary>
    public static NpgsqlCommand WithValue(this NpgsqlCommand command, object? value) => value switch
    {
        string text => command.With(text),
        long number => command.With(number),
        int number => command.With((long)number),
        string[] texts => command.With(texts),
        long[] numbers => command.With(numbers),
        null => command.With<string?>(null),
        _ => throw new InvalidOperationException("A search has a value of an unknown type."),
    };
}
