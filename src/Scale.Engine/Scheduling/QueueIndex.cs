using Scale.Model.Scheduling;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Engine.Scheduling;

/// <summary>One class of the queue as the leader holds it: the count is exact, the entries are only its head.</summary>
public sealed class QueuedClass(long id, QueueClassKey key)
{
    public long Id => id;

    public QueueClassKey Key => key;

    public Resources Reserved { get; } = Resources.FromText(key.Resources);

    public long Waiting { get; set; }

    /// <summary>The first entries in order of service, without those that are held back.</summary>
    public List<QueueEntry> Heads { get; set; } = [];

    /// <summary>The database has no entries behind <see cref="Heads"/> that could start.</summary>
    public bool IsAllLoaded { get; set; }

    public void Forget()
    {
        Heads = [];
        IsAllLoaded = false;
    }
}

/// <summary>
/// The queue in memory: classes with exact counts, and of each class the head. It follows the database by what is committed;
/// a new leader loads it anew. For one thread.
/// </summary>
public sealed class QueueIndex
{
    private readonly Dictionary<long, QueuedClass> waiting = [];
    private readonly Dictionary<QueueClassKey, long> ids = [];
    private readonly Dictionary<long, long> heldBack = [];

    /// <summary>Classes that have jobs.</summary>
    public IReadOnlyCollection<QueuedClass> Waiting => waiting.Values;

    /// <summary>Order of service inside one priority.</summary>
    public QueueMode Mode { get; private set; }

    public long Count => waiting.Values.Sum(c => c.Waiting);

    public async Task Load(Session session)
    {
        waiting.Clear();
        ids.Clear();
        heldBack.Clear();
        foreach (var (id, key, count) in await QueueStore.Classes(session))
        {
            ids[key] = id;
            waiting[id] = new QueuedClass(id, key) { Waiting = count };
        }
    }

    public QueuedClass? Find(long classId) => waiting.GetValueOrDefault(classId);

    public long? IdOf(QueueClassKey key) => ids.TryGetValue(key, out var id) ? id : null;

    public void Added(QueueClassKey key, long classId, int count)
    {
        ids[key] = classId;
        if (!waiting.TryGetValue(classId, out var queue))
        {
            waiting[classId] = queue = new QueuedClass(classId, key);
        }

        queue.Waiting += count;
        queue.IsAllLoaded = false;
        if (Mode == QueueMode.Lifo)
        {
            // The new entries are in front of what is loaded.
            queue.Forget();
        }
    }

    /// <summary>The database was asked how many entries a class has, because requests added some by themselves.</summary>
    public void Counted(QueueClassKey key, long classId, long count)
    {
        waiting.TryGetValue(classId, out var queue);
        var added = count - (queue?.Waiting ?? 0);
        if (added > 0)
        {
            Added(key, classId, (int)added);
        }
        else if (queue is not null)
        {
            Reduce(queue, (int)-added);
        }
    }

    /// <summary>Entries that were held come back to where they stood, which may be before what is loaded.</summary>
    public void Returned(QueueClassKey key, long classId, int count)
    {
        Added(key, classId, count);
        waiting[classId].Forget();
    }

    /// <summary>Entries were taken out by others than the scheduler; the head is read again when needed.</summary>
    public void Removed(IReadOnlyCollection<QueueEntry> entries)
    {
        foreach (var group in entries.GroupBy(e => e.ClassId))
        {
            if (waiting.TryGetValue(group.Key, out var queue))
            {
                queue.Forget();
                Reduce(queue, group.Count());
            }
        }

        foreach (var entry in entries)
        {
            heldBack.Remove(entry.JobId);
        }
    }

    /// <summary>The scheduler took <paramref name="fromHead"/> entries of the head, of which <paramref name="taken"/> were still queued.</summary>
    public void Served(long classId, int fromHead, int taken)
    {
        if (waiting.TryGetValue(classId, out var queue))
        {
            queue.Heads.RemoveRange(0, Math.Min(fromHead, queue.Heads.Count));
            Reduce(queue, taken);
        }
    }

    /// <summary>A queued job whose former execution is not gone yet stays out of the heads until <see cref="Released"/>.</summary>
    public void HoldBack(QueueEntry entry) => heldBack[entry.JobId] = entry.ClassId;

    public int HeldBackIn(long classId) => heldBack.Count == 0 ? 0 : heldBack.Values.Count(id => id == classId);

    public void Released(long jobId)
    {
        if (heldBack.Remove(jobId, out var classId) && waiting.TryGetValue(classId, out var queue))
        {
            queue.Forget();
        }
    }

    public void Serve(QueueMode mode)
    {
        if (mode == Mode)
        {
            return;
        }

        Mode = mode;
        foreach (var queue in waiting.Values)
        {
            queue.Forget();
        }
    }

    private void Reduce(QueuedClass queue, int count)
    {
        queue.Waiting -= count;
        if (queue.Waiting <= 0)
        {
            waiting.Remove(queue.Id);
        }
    }
}
