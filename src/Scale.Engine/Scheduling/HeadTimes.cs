using System.Collections;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Engine.Scheduling;

/// <summary>When the head entries of a class were queued, without a copy.</summary>
internal sealed class HeadTimes(List<QueueEntry> heads) : IReadOnlyList<long>
{
    public int Count => heads.Count;

    public long this[int index] => Time.ToMicroseconds(heads[index].Queued);

    public IEnumerator<long> GetEnumerator() => heads.Select(h => Time.ToMicroseconds(h.Queued)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
