using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ImagingIngestion.TestData;

/// <summary>UIDs under 2.25 (PS3.5 section B.2) that depend on nothing but a name.</summary>
public static class TestUid
{
    public static string Create(string name)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        return "2.25." + BinaryPrimitives.ReadUInt128BigEndian(hash).ToString(CultureInfo.InvariantCulture);
    }
}
