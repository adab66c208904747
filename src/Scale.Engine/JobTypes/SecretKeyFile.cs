using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Scale.Engine.JobTypes;

/// <summary>The keys of the vault in one file of mode 0600, replaced as a whole.</summary>
internal sealed class SecretKeyFile(string path) : IXmlRepository
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Lock guard = new();

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (guard)
        {
            if (!File.Exists(path))
            {
                return [];
            }

            if (File.GetUnixFileMode(path) != OwnerOnly)
            {
                File.SetUnixFileMode(path, OwnerOnly);
            }

            return [.. XDocument.Load(path).Root!.Elements()];
        }
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        lock (guard)
        {
            var elements = GetAllElements();
            var temporary = path + ".new";
            File.Delete(temporary);
            using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
            {
                new XDocument(new XElement("keys", elements.Append(element))).Save(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
    }
}
