using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Scale.Store.Accounts;
using Scale.Store.Batches;
using Scale.Store.Commands;
using Scale.Store.Datasets;
using Scale.Store.Errors;
using Scale.Store.Events;
using Scale.Store.Files;
using Scale.Store.Ingest;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;
using Scale.Store.Leadership;
using Scale.Store.Recipes;
using Scale.Store.Scheduling;

namespace Scale.Store.Databases;

/// <summary>
/// The tables as EF Core sees them, for composed reads and simple writes; nothing is tracked but what is added, nothing loads lazily.
/// Names are the snake_case of the C# names, a row class names its table; times are stored as microseconds.
/// </summary>
public sealed class ScaleContext(DbContextOptions<ScaleContext> options) : DbContext(options)
{
    public DbSet<LeaderRow> Leader => Set<LeaderRow>();
    public DbSet<InstanceRow> Instance => Set<InstanceRow>();
    public DbSet<CommandRow> Commands => Set<CommandRow>();
    public DbSet<AccountRow> Accounts => Set<AccountRow>();
    public DbSet<AccountTokenRow> AccountTokens => Set<AccountTokenRow>();
    public DbSet<JobTypeRow> JobTypes => Set<JobTypeRow>();
    public DbSet<JobTypeTagRow> JobTypeTags => Set<JobTypeTagRow>();
    public DbSet<JobTypeRevisionRow> JobTypeRevisions => Set<JobTypeRevisionRow>();
    public DbSet<ErrorRow> Errors => Set<ErrorRow>();
    public DbSet<SecretRow> Secrets => Set<SecretRow>();
    public DbSet<JobCountRow> JobCounts => Set<JobCountRow>();
    public DbSet<JobTotalRow> JobTotals => Set<JobTotalRow>();
    public DbSet<JobSourceCountRow> JobSourceCounts => Set<JobSourceCountRow>();
    public DbSet<JobSourceHoursRow> JobSourceHours => Set<JobSourceHoursRow>();
    public DbSet<RecipeTypeRow> RecipeTypes => Set<RecipeTypeRow>();
    public DbSet<RecipeTypeRevisionRow> RecipeTypeRevisions => Set<RecipeTypeRevisionRow>();
    public DbSet<RecipeTypeJobTypeRow> RecipeTypeJobTypes => Set<RecipeTypeJobTypeRow>();
    public DbSet<RecipeTypeSubRecipeTypeRow> RecipeTypeSubRecipeTypes => Set<RecipeTypeSubRecipeTypeRow>();
    public DbSet<WorkspaceRow> Workspaces => Set<WorkspaceRow>();
    public DbSet<FileRow> Files => Set<FileRow>();
    public DbSet<FileAncestryRow> FileAncestry => Set<FileAncestryRow>();
    public DbSet<EventRow> Events => Set<EventRow>();
    public DbSet<ScanRow> Scans => Set<ScanRow>();
    public DbSet<IngestRow> Ingests => Set<IngestRow>();
    public DbSet<IngestEventRow> IngestEvents => Set<IngestEventRow>();
    public DbSet<DatasetRow> Datasets => Set<DatasetRow>();
    public DbSet<DatasetMemberRow> DatasetMembers => Set<DatasetMemberRow>();
    public DbSet<DatasetFileRow> DatasetFiles => Set<DatasetFileRow>();
    public DbSet<BatchRow> Batches => Set<BatchRow>();
    public DbSet<BatchNodeRow> BatchNodes => Set<BatchNodeRow>();
    public DbSet<BatchItemRow> BatchItems => Set<BatchItemRow>();
    public DbSet<BatchDurationRow> BatchDurations => Set<BatchDurationRow>();
    public DbSet<RecipeRow> Recipes => Set<RecipeRow>();
    public DbSet<RecipeNodeRow> RecipeNodes => Set<RecipeNodeRow>();
    public DbSet<RecipeConditionRow> RecipeConditions => Set<RecipeConditionRow>();
    public DbSet<RecipeInputFileRow> RecipeInputFiles => Set<RecipeInputFileRow>();
    public DbSet<RecipeDirtyRow> DirtyRecipes => Set<RecipeDirtyRow>();
    public DbSet<JobRow> Jobs => Set<JobRow>();
    public DbSet<JobInputFileRow> JobInputFiles => Set<JobInputFileRow>();
    public DbSet<QueueClassRow> QueueClasses => Set<QueueClassRow>();
    public DbSet<QueueRow> Queue => Set<QueueRow>();
    public DbSet<JobLoadRow> JobLoads => Set<JobLoadRow>();
    public DbSet<JobExeRow> Executions => Set<JobExeRow>();
    public DbSet<NodeRow> Nodes => Set<NodeRow>();
    public DbSet<SchedulerRow> Scheduler => Set<SchedulerRow>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configuration) =>
        configuration.Properties<DateTime>().HaveConversion<StoredMoment>();

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<InstanceRow>().HasKey(r => r.Name);
        model.Entity<AccountTokenRow>().HasKey(r => r.TokenHash);
        model.Entity<JobTypeTagRow>().HasKey(r => new { r.JobTypeId, r.Tag });
        model.Entity<SecretRow>().HasKey(r => new { r.Owner, r.Name });
        model.Entity<RecipeTypeJobTypeRow>().HasKey(r => new { r.RecipeTypeId, r.JobTypeId });
        model.Entity<RecipeTypeSubRecipeTypeRow>().HasKey(r => new { r.RecipeTypeId, r.SubRecipeTypeId });
        model.Entity<BatchNodeRow>().HasKey(r => new { r.BatchId, r.NodeName });
        model.Entity<BatchItemRow>().HasKey(r => new { r.BatchId, r.Kind, r.SourceId });
        model.Entity<BatchDurationRow>().HasKey(r => new { r.BatchId, r.NodeName, r.Kind, r.Bucket });
        model.Entity<RecipeNodeRow>().HasKey(r => new { r.RecipeId, r.NodeName });
        model.Entity<RecipeInputFileRow>().HasKey(r => new { r.RecipeId, r.InputName, r.FileId });
        model.Entity<RecipeDirtyRow>().HasKey(r => r.Seq);
        model.Entity<JobInputFileRow>().HasKey(r => new { r.JobId, r.InputName, r.FileId });
        model.Entity<BatchRow>().HasOne(r => r.RootBatch).WithMany().HasForeignKey(r => r.RootBatchId);
        model.Entity<BatchRow>().HasOne(r => r.SupersededBatch).WithMany().HasForeignKey(r => r.SupersededBatchId);
        model.Entity<QueueRow>().HasKey(r => r.JobId);
        model.Entity<QueueRow>().Property(r => r.JobId).ValueGeneratedNever();

        // A stored time is already the number, so only its type changes; lets queries sort by a difference of times.
        model.HasDbFunction(() => Time.ToMicroseconds(default)).HasTranslation(arguments =>
            new SqlUnaryExpression(System.Linq.Expressions.ExpressionType.Convert, arguments[0], typeof(long), null));

        foreach (var entity in model.Model.GetEntityTypes())
        {
            entity.SetTableName(SnakeCase(entity.ClrType.Name[..^"Row".Length]));
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(SnakeCase(property.Name));
            }
        }
    }

    /// <summary><c>JobTypeRevId</c> as <c>job_type_rev_id</c>.</summary>
    internal static string SnakeCase(string name) =>
        string.Concat(name.Select((letter, at) => char.IsUpper(letter) ? (at == 0 ? "" : "_") + char.ToLowerInvariant(letter) : letter.ToString()));

    private sealed class StoredMoment() : ValueConverter<DateTime, long>(moment => Time.ToMicroseconds(moment), stored => Time.FromMicroseconds(stored));
}
