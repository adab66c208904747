using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Answers;
using Scale.Engine.JobTypes;
using Scale.Model.Scheduling;
using Scale.Store.Databases;

namespace Scale.Api.V6.Server;

/// <summary>How the system stands (scheduler-and-system.md §5), read when it is asked for: a few rows that are kept anyway.</summary>
internal static class StatusEndpoints
{
    private static readonly string[] AlwaysShown = ["cpus", "mem", "disk", "gpus"];

    public static void MapStatus(this IEndpointRouteBuilder v6) =>
        v6.MapGroup("/status").WithTags("System").MapGet("/", Get).WithName("GetStatus").WithSummary("Scheduler, nodes, resources and what they rest on.");

    private static async Task<IResult> Get(Database database, SecretVault vault, TimeProvider clock, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        var (isPaused, handlers) = await session.QueryFirst("SELECT is_paused, num_message_handlers FROM scheduler WHERE id = 1", r => (r.GetBoolean(0), r.GetInt32(1)));
        var instance = await session.QueryFirst("SELECT value FROM instance WHERE name = 'id'", r => r.GetString(0)) ?? "";
        var commands = await session.QueryFirst("SELECT count(*) FROM command WHERE state = 0", r => r.GetInt64(0));
        var upgraded = await session.QueryFirst("SELECT max(applied) FROM schema_version", r => r.Moment(0));
        var nodes = await ReadNodes(session, isPaused);
        var now = Time.Now(clock);
        return Answer.Ok(new
        {
            Timestamp = now,
            LastUpdated = now,
            Scheduler = new
            {
                Hostname = Dns.GetHostName(),
                Mesos = new { FrameworkId = instance, Hostname = (string?)null, Port = (int?)null },
                Metrics = new
                {
                    NewOffersPerSec = 0.0,
                    TaskUpdatesPerSec = 0.0,
                    TasksFinishedPerSec = 0.0,
                    JobsFinishedPerSec = 0.0,
                    JobsLaunchedPerSec = 0.0,
                    TasksLaunchedPerSec = 0.0,
                    OffersLaunchedPerSec = 0.0,
                },
                State = isPaused
                    ? new StateAnswer("PAUSED", "Paused", "Scheduler is paused, so no new jobs will be scheduled.")
                    : new StateAnswer("READY", "Ready", "Scheduler is ready to run new jobs."),
                Warnings = await SchedulerWarnings(session, now),
            },
            System = new
            {
                DatabaseUpdate = new { IsCompleted = true, Completed = upgraded },
                Services = new[] { new ServiceStatus("messaging", "Messaging", "Carries out commands", handlers, handlers) },
            },
            NumOffers = nodes.Sum(n => n.NumOffers),
            Resources = Sum(nodes.Where(n => n.IsActive)),
            JobTypes = await session.Query(
                "SELECT id, name, version, title, description, is_system, icon_code FROM job_type ORDER BY id",
                r => new StatusJobType(r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetBoolean(5), r.Text(6))),
            Nodes = nodes,
            Vault = await vault.Status(session),
            Dependencies = Dependencies(nodes, handlers, commands),
        });
    }

    /// <summary>Job types whose queued jobs fit on no node (§5.1); the scheduler looks at them in every pass.</summary>
    private static async Task<IReadOnlyList<WarningAnswer>> SchedulerWarnings(Session session, DateTime now) => await session.Query(
        "SELECT name, version, unmet_resources, unmet_since FROM job_type WHERE unmet_resources IS NOT NULL ORDER BY id",
        r => new WarningAnswer(
            "INVALID_RESOURCES" + r.GetString(0), $"Invalid Resources for {r.GetString(0)}",
            $"Jobs of {r.GetString(0)} {r.GetString(1)} need resources that no node has, or more of them than any node has: {r.GetString(2)}.", r.MomentOrNull(3) ?? now, now));

    private static async Task<IReadOnlyList<NodeStatus>> ReadNodes(Session session, bool schedulerIsPaused)
    {
        var running = (await session.Query(
            "SELECT node_id, job_type_id, resources FROM job_exe WHERE is_settled = FALSE AND node_id IS NOT NULL",
            r => (NodeId: r.GetInt64(0), JobTypeId: r.GetInt64(1), Resources: Resources.FromText(r.GetString(2))))).ToLookup(e => e.NodeId);
        return await session.Query(
            "SELECT id, hostname, resources, is_present, is_active, is_paused FROM node ORDER BY id",
            r =>
            {
                var (id, isPresent, isActive, isPaused) = (r.GetInt64(0), r.GetBoolean(3), r.GetBoolean(4), r.GetBoolean(5));
                var used = running[id].Aggregate(Resources.None, (sum, e) => sum + e.Resources);
                var byType = running[id].GroupBy(e => e.JobTypeId).Select(g => new JobTypeCount(g.Key, g.Count())).ToList();
                var isUsable = isPresent && isActive && !isPaused && !schedulerIsPaused;
                return new NodeStatus(
                    id, r.GetString(1), "", isActive, StateOf(isPresent, isActive, isPaused, schedulerIsPaused), [], [], [], [],
                    isUsable ? 1 : 0, Amounts(Resources.FromText(r.GetString(2)), used, isPresent, isUsable),
                    new NodeExecutions(new ExecutionCounts(byType.Sum(t => t.Count), byType), ExecutionCounts.None, FailedCounts.None));
            });
    }

    private static StateAnswer StateOf(bool isPresent, bool isActive, bool isPaused, bool schedulerIsPaused) => (isActive, isPresent, isPaused, schedulerIsPaused) switch
    {
        (false, _, _, _) => new("DEPRECATED", "Deprecated", "Node is deprecated and will not run jobs."),
        (_, false, _, _) => new("OFFLINE", "Offline", "Node is offline and cannot run jobs."),
        (_, _, true, _) => new("PAUSED", "Paused", "Node is paused, so no new jobs will be scheduled."),
        (_, _, _, true) => new("SCHEDULER_STOPPED", "Scheduler Stopped", "Scheduler is paused, so no new jobs will be scheduled."),
        _ => new("READY", "Ready", "Node is ready to run new jobs."),
    };

    private static SortedDictionary<string, ResourceAnswer> Amounts(Resources total, Resources used, bool isPresent, bool isUsable)
    {
        var names = AlwaysShown.Concat(total.Amounts.Select(a => a.Key)).Distinct();
        return new SortedDictionary<string, ResourceAnswer>(names.ToDictionary(name => name, name =>
        {
            // What a node was given ahead of its cpus waits there and uses none yet.
            var running = Math.Min(used[name], total[name]);
            var left = isPresent ? total[name] - running : 0;
            return new ResourceAnswer(running, isUsable ? left : 0, isUsable ? 0 : left, isPresent ? 0 : total[name], total[name]).Rounded();
        }), StringComparer.Ordinal);
    }

    private static SortedDictionary<string, ResourceAnswer> Sum(IEnumerable<NodeStatus> nodes)
    {
        var sums = new SortedDictionary<string, ResourceAnswer>(AlwaysShown.ToDictionary(n => n, _ => new ResourceAnswer(0, 0, 0, 0, 0)), StringComparer.Ordinal);
        foreach (var (name, amount) in nodes.SelectMany(n => n.Resources))
        {
            sums[name] = (sums.TryGetValue(name, out var known) ? known + amount : amount).Rounded();
        }

        return sums;
    }

    private static Dictionary<string, DependencyStatus> Dependencies(IReadOnlyList<NodeStatus> nodes, int handlers, long commands) => new()
    {
        ["logs"] = DependencyStatus.Fine("Logs are kept in the data folder; no log collector is used.", ("logging_address", null), ("logging_health_address", null)),
        ["elasticsearch"] = DependencyStatus.Fine("No search server is used.", ("url", null), ("info", null)),
        ["silo"] = DependencyStatus.Fine("No image catalog is used.", ("url", null)),
        ["database"] = DependencyStatus.Fine("Database answers."),
        ["msg_queue"] = DependencyStatus.Fine(
            "Commands are kept in the database.", ("queue_name", "command"), ("num_message_handlers", handlers), ("queue_depth", commands), ("region_name", ""), ("type", "database")),
        ["idam"] = DependencyStatus.Fine("No external login is used.", ("geoaxis_enabled", false)),
        ["nodes"] = NodesDependency(nodes),
    };

    private static DependencyStatus NodesDependency(IReadOnlyList<NodeStatus> nodes)
    {
        var active = nodes.Where(n => n.IsActive).ToList();
        var offline = active.Count(n => n.State.Name == "OFFLINE");
        IReadOnlyDictionary<string, string> Entry(string code, string text) => new Dictionary<string, string> { [code] = text };
        IReadOnlyDictionary<string, object?> Detail(string text) => new Dictionary<string, object?> { ["msg"] = text };
        if (active.Count == 0)
        {
            return new DependencyStatus(false, Detail("No nodes reported"), [Entry("NODES_OFFLINE", "No nodes reported")], []);
        }

        var summary = $"{active.Count - offline} of {active.Count} nodes are online";
        return offline > 0.3 * active.Count
            ? new DependencyStatus(false, Detail(summary), [Entry("NODES_ERRORED", summary)], [Entry("NODES_OFFLINE", $"{offline} nodes are offline")])
            : new DependencyStatus(true, Detail(summary), [], offline > 0 ? [Entry("NODES_OFFLINE", $"{offline} nodes are offline")] : []);
    }
}
