using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Api.V6.References;
using Scale.Engine.JobTypes;
using Scale.Engine.Leadership;
using Scale.Model.Documents;
using Scale.Model.JobTypes;
using Scale.Model.JobTypes.Seed;
using Scale.Store.Databases;
using Scale.Store.JobTypes;

namespace Scale.Api.V6.JobTypes;

/// <summary>Job types and their revisions (job-types-and-seed.md §3).</summary>
internal static class JobTypeEndpoints
{
    // Names that would hide the list of versions behind a service of the same path.
    private static readonly string[] ReservedNames = ["validation", "status", "pending", "running", "system-failures"];

    private static readonly Parameter[] Filters =
    [
        Parameter.Text("keyword", "Part of a name or tag; any of several.", repeatable: true),
        Parameter.Integer("id", "Only these job types.", repeatable: true),
        Parameter.Boolean("is_active", "Only active or only deprecated ones."),
        Parameter.Boolean("is_system", "Only those of the system, or only others."),
    ];

    private static readonly Parameter[] Editable =
    [
        Parameter.Object("configuration", "Mounts, output workspaces, priority and settings; replaces the stored one. Addition: `reuse`, whether jobs take over the outputs of equal completed ones."),
        Parameter.Text("icon_code", "Font-awesome code."),
        Parameter.Boolean("is_published", "For searches only."),
        Parameter.Boolean("is_active", "False deprecates it and the recipe types that contain it."),
        Parameter.Boolean("is_paused", "No new executions start."),
        Parameter.Integer("max_scheduled", "How many executions may run at once; null or 0 for no limit."),
        Parameter.Boolean("auto_update", "Whether recipe types move to the new revision; default true."),
        Parameter.Boolean("dry_run", "Addition: only tells what the same call would do; nothing is saved, and a new job type answers 200 with the warnings."),
    ];

    public static void MapJobTypes(this IEndpointRouteBuilder v6)
    {
        v6.MapGet("/job-type-names/", Names).WithTags("Job types").WithName("ListJobTypeNames").WithSummary("One row per name, told by its latest version.")
            .Query(Parameter.Paging).Query(Filters);
        var types = v6.MapGroup("/job-types").WithTags("Job types");
        types.MapGet("/", List).WithName("ListJobTypes").WithSummary("One row per version.").Query(Parameter.Paging).Query(Filters).Query(Parameter.Order(JobTypeList.Order.Names));
        types.MapPost("/", Create).WithName("CreateJobType").WithSummary("Creates a job type, or edits the one with the manifest's name and version.")
            .WithDescription(Answer.CreationWarnings)
            .Fields([Parameter.Object("manifest", "Seed manifest 1.0.0.", required: true), Parameter.Text("docker_image", "Image reference, or dir:PATH for processes.", required: true), .. Editable]);
        types.MapPost("/validation/", Validate).WithName("ValidateJobType").WithSummary("Says what is wrong with a manifest and configuration; saves nothing.")
            .Fields(Parameter.Object("manifest", "Seed manifest 1.0.0.", required: true), Parameter.Object("configuration", "Job configuration."));
        types.MapJobTypeStatistics();
        types.MapGet("/{name}/", Versions).WithName("ListJobTypeVersions").WithSummary("Versions of one name, newest first.")
            .Query(Parameter.Paging).Query(Parameter.Boolean("is_active", "Only active or only deprecated ones."));
        types.MapGet("/{name}/{version}/", Details).WithName("GetJobType").WithSummary("One version with manifest, configuration and recipe types.");
        types.MapPatch("/{name}/{version}/", Edit).WithName("EditJobType").WithSummary("Changes what is given; a new manifest or image makes a new revision.")
            .Fields([Parameter.Object("manifest", "Seed manifest of the same name and version."), Parameter.Text("docker_image", "Image of the next revision."), .. Editable]);
        types.MapGet("/{name}/{version}/revisions/", Revisions).WithName("ListJobTypeRevisions").WithSummary("Revisions, newest first.").Query(Parameter.Paging);
        types.MapGet("/{name}/{version}/revisions/{revisionNum:id}/", Revision).WithName("GetJobTypeRevision").WithSummary("One revision with its manifest.");
    }

    private static async Task<IResult> List(RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        return Answer.Ok(await JobTypeList.All(session, request));
    }

    private static async Task<IResult> Names(RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        return Answer.Ok(await JobTypeList.Names(session, request));
    }

    private static async Task<IResult> Versions(string name, RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        return Answer.Ok(await JobTypeList.Versions(session, request, name));
    }

    private static async Task<IResult> Details(string name, string version, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        return Answer.Ok((await JobTypeDetails.Of(session, [await Find(session, name, version)]))[0]);
    }

    private static async Task<IResult> Create(RequestParameters request, JobTypeRegistration registration, Database database, EngineSignal engine, CancellationToken cancel)
    {
        request.AllowOnly(["manifest", "docker_image", .. Editable.Select(f => f.Name)]);
        var image = request.RequiredText("docker_image");
        var (given, notes) = ReadManifest(request);
        var manifest = given ?? throw ApiProblem.BadRequest("Missing required parameter: 'manifest'.");
        if (ReservedNames.Contains(manifest.Name))
        {
            throw ApiProblem.BadRequest($"A job type can't be named '{manifest.Name}': a service has that path.");
        }

        var asked = ReadRequest(request, manifest, image);
        await using var session = await database.Write(cancel);
        var result = Checked(await Guarded(() => registration.Save(session, manifest, asked, request.Now)));
        IReadOnlyList<Problem> warnings = [.. result.Warnings, .. notes];
        if (request.OptionalBool("dry_run") == true)
        {
            return Answer.Validation([], warnings);
        }

        await session.Commit();
        engine.Wake();
        if (!result.IsCreated)
        {
            Forget(result, database);
            return Answer.Validation([], warnings);
        }

        await using var reader = await database.Read(cancel);
        var details = (await JobTypeDetails.Of(reader, [await Find(reader, manifest.Name, manifest.JobVersion)]))[0];
        return Answer.Created(request.Link($"job-types/{Uri.EscapeDataString(manifest.Name)}/{Uri.EscapeDataString(manifest.JobVersion)}/"), details, warnings);
    }

    private static async Task<IResult> Edit(
        string name, string version, RequestParameters request, JobTypeRegistration registration, Database database, EngineSignal engine, CancellationToken cancel)
    {
        request.AllowOnly(["manifest", "docker_image", .. Editable.Select(f => f.Name)]);
        var (manifest, notes) = ReadManifest(request);
        if (manifest is not null && (manifest.Name != name || manifest.JobVersion != version))
        {
            throw ApiProblem.BadRequest($"Seed Manifest invalid: it is of {manifest.Name} {manifest.JobVersion}, the path says {name} {version}; name and version never change.");
        }

        var asked = ReadRequest(request, manifest, request.OptionalText("docker_image"));
        await using var session = await database.Write(cancel);
        var known = await JobTypeWriter.FindForEdit(session, name, version) ?? throw ApiProblem.NotFound();
        var result = Checked(await Guarded(() => registration.Edit(session, known, asked, request.Now)));
        if (request.OptionalBool("dry_run") != true)
        {
            await session.Commit();
            engine.Wake();
            Forget(result, database);
        }

        return Answer.Validation([], [.. result.Warnings, .. notes]);
    }

    private static async Task<IResult> Validate(RequestParameters request, Database database, CancellationToken cancel)
    {
        var parsed = SeedManifest.Parse(ManifestOf(request) ?? throw ApiProblem.BadRequest("Missing required parameter: 'manifest'."));
        if (!parsed.IsValid)
        {
            return Answer.Validation(parsed.Errors, []);
        }

        // Whatever the configuration is, an answer says what is wrong with it.
        var configuration = JobConfiguration.Parse(request.Body.TryGetProperty("configuration", out var given) ? given : default);
        if (!configuration.IsValid)
        {
            return Answer.Validation(configuration.Errors, []);
        }

        await using var session = await database.Read(cancel);
        var (errors, warnings) = configuration.Required().Check(parsed.Required(), await JobTypeWriter.Workspaces(session));
        return Answer.Validation(errors, [.. configuration.Warnings, .. warnings, .. parsed.Warnings]);
    }

    private static async Task<IResult> Revisions(string name, string version, RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        var type = Reference(await Find(session, name, version));
        var order = new ColumnOrdering("id", "-revision_num").By("revision_num", "revision_num").By("created", "created");
        return Answer.Ok(await new RowList<JobTypeRevisionAnswer>(
                "id, revision_num, docker_image, created", "job_type_revision", r => new JobTypeRevisionAnswer(r.GetInt64(0), type, r.GetInt32(1), r.GetString(2), r.Moment(3)))
            .Where("job_type_id = @type", "type", type.Id)
            .Page(session, request, order, r => r));
    }

    private static async Task<IResult> Revision(string name, string version, long revisionNum, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        var type = Reference(await Find(session, name, version));
        return Answer.Ok(await session.QueryFirst(
            "SELECT id, revision_num, docker_image, created, manifest FROM job_type_revision WHERE job_type_id = @type AND revision_num = @number",
            r => new JobTypeRevisionDetails(r.GetInt64(0), type, r.GetInt32(1), r.GetString(2), r.Moment(3), AnswerJson.Document(r.GetString(4))!.Value),
            ("type", type.Id), ("number", revisionNum)) ?? throw ApiProblem.NotFound());
    }

    private static async Task<StoredJobType> Find(Session session, string name, string version) => await JobTypeWriter.Find(session, name, version) ?? throw ApiProblem.NotFound();

    private static JobTypeReference Reference(StoredJobType t) =>
        new(t.Id, t.Name, t.Version, t.Title, t.Description, t.IsActive, t.IsSystem, t.IsPaused, t.IsPublished, t.IconCode, t.UnmetResources, t.RevisionNum);

    /// <summary>An object, or the text of one as image labels hold it.</summary>
    private static JsonElement? ManifestOf(RequestParameters request) =>
        request.Body.TryGetProperty("manifest", out var value) && value.ValueKind == JsonValueKind.String ? value : request.OptionalObject("manifest");

    private static (SeedManifest? Manifest, IReadOnlyList<Problem> Warnings) ReadManifest(RequestParameters request)
    {
        if (ManifestOf(request) is not { } json)
        {
            return (null, []);
        }

        var parsed = SeedManifest.Parse(json);
        return (Valid("Seed Manifest invalid", parsed), parsed.Warnings);
    }

    private static JobTypeRequest ReadRequest(RequestParameters request, SeedManifest? manifest, string? image)
    {
        if (image is not null && string.IsNullOrWhiteSpace(image))
        {
            throw RequestParameters.Bad("docker_image", "must not be blank");
        }

        var configuration = request.OptionalObject("configuration") is { } json && json.EnumerateObject().Any()
            ? Valid("Job type configuration invalid", JobConfiguration.Parse(json))
            : null;
        var limit = request.OptionalInt("max_scheduled");
        if (limit < 0)
        {
            throw RequestParameters.Bad("max_scheduled", $"must be at least 0, not {limit}; null or 0 is no limit");
        }

        return new JobTypeRequest(
            manifest, image, configuration, request.OptionalText("icon_code"), request.OptionalBool("is_published"), request.OptionalBool("is_active"), request.OptionalBool("is_paused"),
            request.Has("max_scheduled") || request.IsNull("max_scheduled"), limit, request.OptionalBool("auto_update") ?? true);
    }

    private static T Valid<T>(string what, Parsed<T> parsed)
        where T : class => parsed.IsValid ? parsed.Required() : throw ApiProblem.BadDocument(what, parsed.Errors);

    private static JobTypeResult Checked(JobTypeResult result) =>
        result.Configuration.Count == 0 ? result : throw ApiProblem.BadDocument("Job type configuration invalid", result.Configuration);

    private static async Task<JobTypeResult> Guarded(Func<Task<JobTypeResult>> save)
    {
        try
        {
            return await save();
        }
        catch (SystemJobTypeException refused)
        {
            throw ApiProblem.BadRequest(refused.Message);
        }
        catch (SecretVaultException unusable)
        {
            throw new ApiProblem(StatusCodes.Status503ServiceUnavailable, $"Secrets can't be stored. {unusable.Message}");
        }
    }

    private static void Forget(JobTypeResult result, Database database)
    {
        if (result.HasMovedSecrets)
        {
            database.ForgetReplaced();
        }
    }
}
