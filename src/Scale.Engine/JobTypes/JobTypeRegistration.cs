using System.Collections.Immutable;
using Scale.Engine.RecipeTypes;
using Scale.Model.Documents;
using Scale.Model.JobTypes;
using Scale.Model.JobTypes.Seed;
using Scale.Store.Databases;
using Scale.Store.JobTypes;
using Scale.Store.RecipeTypes;

namespace Scale.Engine.JobTypes;

/// <summary>What is asked of a job type. Null leaves a thing as it is, or takes its default on creation.</summary>
/// <param name="HasMaxScheduled">Whether <paramref name="MaxScheduled"/> was given; then null removes the limit.</param>
public sealed record JobTypeRequest(
    SeedManifest? Manifest, string? Image, JobConfiguration? Configuration, string? IconCode, bool? IsPublished, bool? IsActive, bool? IsPaused,
    bool HasMaxScheduled, int? MaxScheduled, bool AutoUpdate);

/// <param name="Configuration">Problems of the configuration; with any error nothing was written.</param>
/// <param name="Warnings">What the person who edits should know.</param>
public sealed record JobTypeResult(bool IsCreated, IReadOnlyList<Problem> Configuration, IReadOnlyList<Problem> Warnings)
{
    /// <summary>A value that was readable in the database is a secret now: after the commit, what is left of it should go.</summary>
    public bool HasMovedSecrets { get; init; }
}

/// <summary>Something other than the pause of a system job type was to be changed.</summary>
public sealed class SystemJobTypeException(string message) : Exception(message);

/// <summary>Creates and edits job types (job-types-and-seed.md §3.6, §3.7, §6, §7), each in the caller's transaction.</summary>
public sealed class JobTypeRegistration(SecretVault vault)
{
    /// <summary>Creates the job type of a manifest, or edits the one that has its name and version.</summary>
    /// <exception cref="SystemJobTypeException">It is a system job type.</exception>
    /// <exception cref="SecretVaultException">Its secrets can't be encrypted.</exception>
    public async Task<JobTypeResult> Save(Session session, SeedManifest manifest, JobTypeRequest request, DateTime now)
    {
        if (await JobTypeWriter.FindForEdit(session, manifest.Name, manifest.JobVersion) is { } known)
        {
            return await Edit(session, known, request, now);
        }

        var configuration = request.Configuration ?? JobConfiguration.Empty;
        var (errors, warnings) = configuration.Check(manifest, await JobTypeWriter.Workspaces(session));
        if (errors.Count > 0)
        {
            return new JobTypeResult(false, errors, []);
        }

        var flags = new JobTypeFlags(request.IsActive ?? true, request.IsPaused ?? false, request.IsPublished ?? false, request.IconCode, Limit(request.MaxScheduled));
        if (await JobTypeWriter.Insert(session, manifest, request.Image!, configuration.WithoutSecrets(manifest), flags, now) is not { } id)
        {
            // Somebody else created it since it was looked for.
            return await Edit(session, (await JobTypeWriter.FindForEdit(session, manifest.Name, manifest.JobVersion))!, request, now);
        }

        await JobTypeWriter.SaveErrors(session, manifest, now);
        await SaveSecrets(session, id, manifest, configuration, now);
        return new JobTypeResult(true, [], warnings);
    }

    /// <exception cref="SystemJobTypeException">More than the pause of a system job type is to be changed.</exception>
    /// <exception cref="SecretVaultException">Its secrets can't be encrypted.</exception>
    public async Task<JobTypeResult> Edit(Session session, StoredJobType jobType, JobTypeRequest request, DateTime now)
    {
        if (jobType.IsSystem && request is not { Manifest: null, Image: null, Configuration: null, IconCode: null, IsPublished: null, IsActive: null, HasMaxScheduled: false })
        {
            throw new SystemJobTypeException($"{jobType.Name} {jobType.Version} is a system job type: only is_paused can be modified");
        }

        var current = SeedManifest.FromText(jobType.Manifest);
        var manifest = request.Manifest ?? current;
        var stored = JobConfiguration.FromText(jobType.Configuration);
        var configuration = request.Configuration ?? stored;
        var (errors, warnings) = jobType.IsSystem ? ([], []) : await Check(session, jobType.Id, manifest, configuration);
        if (errors.Count > 0)
        {
            return new JobTypeResult(false, errors, []);
        }

        var notes = request.Configuration is null && request.Manifest is null ? [] : warnings.ToList();
        notes.AddRange(await Revise(session, jobType, manifest, request, now));

        var hasMoved = stored.SecretsOf(manifest).Count > 0;
        if (hasMoved)
        {
            // It has become secret with this manifest: nothing of it stays behind in the file.
            await SecretStore.OverwriteWhatIsReplaced(session);
        }

        await SaveSecrets(session, jobType.Id, manifest, configuration, now);
        var flags = new JobTypeFlags(
            request.IsActive ?? jobType.IsActive, request.IsPaused ?? jobType.IsPaused, request.IsPublished ?? jobType.IsPublished, request.IconCode ?? jobType.IconCode,
            request.HasMaxScheduled ? Limit(request.MaxScheduled) : jobType.MaxScheduled);
        await JobTypeWriter.Update(session, jobType.Id, configuration.WithoutSecrets(manifest), flags, now);
        if (jobType.IsActive && !flags.IsActive)
        {
            notes.AddRange(await RecipeTypeUpdates.Deprecate(session, await RecipeTypeQueries.ContainingJobType(session, jobType.Id), $"job type {jobType.Name} {jobType.Version}", now));
        }

        return new JobTypeResult(false, [], notes) { HasMovedSecrets = hasMoved };
    }

    private static async Task<(IReadOnlyList<Problem> Errors, IReadOnlyList<Problem> Warnings)> Check(Session session, long jobTypeId, SeedManifest manifest, JobConfiguration configuration)
    {
        // Secrets that keep their stored value are as good as given.
        var declared = manifest.SecretSettings;
        var kept = (await SecretStore.Names(session, SecretStore.OwnerOf(jobTypeId))).Intersect(declared).Except(configuration.ClearedSettings);
        var settings = configuration.Settings ?? ImmutableSortedDictionary<string, string>.Empty;
        var complete = configuration with { Settings = settings.SetItems(kept.Where(n => !settings.ContainsKey(n)).Select(n => KeyValuePair.Create(n, ""))) };
        return complete.Check(manifest, await JobTypeWriter.Workspaces(session));
    }

    /// <summary>Adds a revision when manifest or image differ from the current one, and moves recipe types to it.</summary>
    private static async Task<IReadOnlyList<Problem>> Revise(Session session, StoredJobType jobType, SeedManifest manifest, JobTypeRequest request, DateTime now)
    {
        var image = request.Image ?? jobType.DockerImage;
        if (image == jobType.DockerImage && SeedManifest.SameNormalForm(manifest.NormalForm, jobType.Manifest))
        {
            return [];
        }

        await JobTypeWriter.SaveErrors(session, manifest, now);
        var revision = await JobTypeWriter.AddRevision(session, jobType, manifest, image, now);
        return request.AutoUpdate ? await RecipeTypeUpdates.RaiseJobNodes(session, jobType.Id, jobType.Name, jobType.Version, revision, now) : [];
    }

    /// <summary>Merges by setting name: secrets that are not named keep their value, those that are null go (§6).</summary>
    private async Task SaveSecrets(Session session, long jobTypeId, SeedManifest manifest, JobConfiguration configuration, DateTime now)
    {
        var owner = SecretStore.OwnerOf(jobTypeId);
        await SecretStore.Save(session, [.. configuration.SecretsOf(manifest).Select(s => new StoredSecret(owner, s.Key, vault.Encrypt(owner, s.Key, s.Value)))], now);
        await SecretStore.Remove(session, owner, configuration.ClearedSettings);
    }

    private static int? Limit(int? maxScheduled) => maxScheduled is > 0 ? maxScheduled : null;
}
