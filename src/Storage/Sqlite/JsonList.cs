using System.Text;
using System.Text.Json;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>A list of texts or numbers as one parameter, which <c>json_each</c> reads.</summary>
internal static class JsonList
{
    public static string Of(IReadOnlyCollection<object> values)
    {
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartArray();
            foreach (object value in values)
            {
                if (value is long number)
                {
                    writer.WriteNumberValue(number);
                }
                else
                {
                    writer.WriteStringValue((string)value);
                }
            }

            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(json.GetBuffer(), 0, (int)json.Length);
    }
}
