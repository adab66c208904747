using System.Collections.Concurrent;
using System.ComponentModel;
using System.Text.Json;
using Scale.Engine.Executions;
using Scale.Model.Errors;

namespace Scale.Engine.Clusters.Local;

/// <summary>Brings images to this machine (jobs-and-queue.md §13.10, step pull). Executions that want the same image wait for one pull.</summary>
public sealed class ContainerImages(ContainerEngine engine, ImagePull policy, TimeSpan limit)
{
    /// <summary>The contract's limit of a pull.</summary>
    public static readonly TimeSpan PullLimit = TimeSpan.FromMinutes(30);

    private readonly ConcurrentDictionary<string, byte> present = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<StepError?>>> underWay = new(StringComparer.Ordinal);

    /// <summary>Returns when the image is there.</summary>
    /// <returns>The error <c>pull</c> or <c>pull-timeout</c>, or null.</returns>
    public async Task<StepError?> Ensure(string image, CancellationToken cancel)
    {
        if (!IsReference(image))
        {
            return StepError.Builtin(BuiltinErrors.Pull, $"'{image}' is no image reference");
        }

        if (present.ContainsKey(image) && !(policy == ImagePull.Always && CanMove(image)))
        {
            return null;
        }

        // Not cancelled with the one that asked first: others wait for it too, and an image that is here is of use to the next.
        var pull = underWay.GetOrAdd(image, _ => new Lazy<Task<StepError?>>(() => Task.Run(() => Bring(image), CancellationToken.None)));
        try
        {
            return await pull.Value.WaitAsync(cancel);
        }
        finally
        {
            if (pull.Value.IsCompleted)
            {
                underWay.TryRemove(KeyValuePair.Create(image, pull));
            }
        }
    }

    /// <summary>Value of a label of an image that is here; null when it has none of that name.</summary>
    public async Task<string?> ReadLabel(string image, string label, CancellationToken cancel)
    {
        var answer = await engine.Call(["image", "inspect", "--format", "{{json .Config.Labels}}", image], cancel);
        if (!answer.IsGood)
        {
            return null;
        }

        var labels = JsonElement.Parse(answer.Output);
        return labels.ValueKind == JsonValueKind.Object && labels.TryGetProperty(label, out var value) ? value.GetString() : null;
    }

    /// <summary>An image that was here and turned out to be gone is looked for again.</summary>
    public void Forget(string image) => present.TryRemove(image, out _);

    private async Task<StepError?> Bring(string image)
    {
        try
        {
            var isHere = (await engine.Call(["image", "inspect", "--format", "{{.Id}}", image], CancellationToken.None)).IsGood;
            if (!isHere || (policy == ImagePull.Always && CanMove(image)))
            {
                var pulled = await engine.Call(["pull", "--quiet", image], limit, CancellationToken.None);
                if (!pulled.IsGood)
                {
                    return StepError.Builtin(BuiltinErrors.Pull, $"image {image} could not be fetched: {pulled.Reason}");
                }
            }

            present[image] = 0;
            return null;
        }
        catch (TimeoutException e)
        {
            return StepError.Builtin(BuiltinErrors.PullTimeout, $"image {image} was not fetched in time: {e.Message}");
        }
        catch (Win32Exception e)
        {
            return StepError.Builtin(BuiltinErrors.Pull, $"{engine.Program} can't be started: {e.Message}");
        }
    }

    private static bool IsReference(string image) => image.Length > 0 && image[0] != '-' && !image.Any(c => char.IsWhiteSpace(c) || char.IsControl(c));

    private static bool CanMove(string image) => !image.Contains('@') && !image.StartsWith("localhost/", StringComparison.Ordinal);
}
