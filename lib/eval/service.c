/* service - see service.h. The steps, in order: what each serving revision comes to (ruling), other
 * findings (checks), the rules that hold them down (deploying, confirm), and what follows. */
#include "eval/service.h"

#include <string.h>

#include "eval/checks.h"
#include "eval/undeployed.h"

/* Everything while one verdict is made. */
struct making {
	const struct eval_input *input;
	struct finding_sink sink;
	struct ruling *rulings; /* one per serving revision; borrowed */
	guint ruling_count;
	const struct ruling *worst; /* of them; NULL: none */
};

static void add_git_trouble(struct making *making)
{
	struct git_trouble trouble = ruling_git(making->input);
	struct reason *reason;

	if (trouble.code == REASON_NONE)
		return;
	reason = reason_create(trouble.code, STATE_UNKNOWN, "repository %s: %s",
			       making->input->service->repo->name, trouble.why);
	reason_add_text(reason, "class", "git");
	reason_add_text(reason, "repo", making->input->service->repo->name);
	finding_add(&making->sink, reason);
}

static void make_rulings(struct making *making)
{
	const GPtrArray *revisions = making->sink.seen->revisions;
	bool pinned = ruling_pin_holds(making->input) && revisions->len > 0;

	making->ruling_count = revisions->len;
	for (guint i = 0; i < revisions->len; i++) {
		struct ruling *ruling = &making->rulings[i];

		ruling_make(making->input, revisions->pdata[i], ruling);
		if (!making->worst || ruling_is_worse(ruling, making->worst))
			making->worst = ruling;
		making->sink.floor = state_worse(making->sink.floor, ruling->state);
		pinned = pinned && ruling->relation == RELATION_PINNED;
		finding_changes_at(&making->sink, ruling->change_wall_ms);
	}
	making->sink.pin_in_force = pinned;
	if (making->worst)
		making->sink.verdict->relation = making->worst->relation;
}

/* Revisions that run the same commit have the same thing to say. */
static bool is_said(const struct making *making, guint index)
{
	const struct ruling *ruling = &making->rulings[index];

	for (guint i = 0; i < index; i++) {
		const struct ruling *earlier = &making->rulings[i];

		if (earlier->code == ruling->code && ruling->marker && earlier->marker &&
		    ruling->marker->commit &&
		    g_strcmp0(earlier->marker->commit, ruling->marker->commit) == 0)
			return true;
	}
	return false;
}

/* The worst ruling's reason comes first: sorting keeps the order among equals. */
static void add_rulings(struct making *making)
{
	guint worst = making->worst ? (guint)(making->worst - making->rulings) : 0;

	if (making->worst)
		finding_add(&making->sink, ruling_reason(making->input, making->worst));
	for (guint i = 0; i < making->ruling_count; i++) {
		const struct ruling *ruling = &making->rulings[i];
		bool same = making->rulings[worst].code == ruling->code &&
			    making->rulings[worst].sha && ruling->sha &&
			    strcmp(making->rulings[worst].sha, ruling->sha) == 0;

		if (i != worst && !same && !is_said(making, i))
			finding_add(&making->sink, ruling_reason(making->input, ruling));
	}
}

static void add_missing_path(struct making *making, const struct git_missing_path *missing)
{
	const char *before = "unknown";
	const char *text = "what it matched before is not known";
	struct reason *reason;

	if (missing->existed_at_deployed) {
		before = "removed_or_renamed";
		text = "it did at the deployed commit: removed or renamed since";
	} else if (missing->deployed_known) {
		before = "never";
		text = "nor does it at the deployed commit: it never did, or is misspelt";
	}
	reason = reason_create(REASON_PATHS_MISSING, STATE_UNKNOWN,
			       "paths = %s matches nothing at %.8s; %s. Correct the pattern",
			       missing->pattern, making->input->head->head->sha, text);
	reason_add_text(reason, "pattern", missing->pattern);
	reason_add_text(reason, "before", before);
	finding_add(&making->sink, reason);
}

static void add_missing_paths(struct making *making)
{
	const struct git_answer *answer = making->input->answer;

	if (ruling_git(making->input).code != REASON_NONE)
		return;
	for (guint i = 0; i < answer->missing_paths->len; i++)
		add_missing_path(making, answer->missing_paths->pdata[i]);
}

static void add_no_traffic(struct making *making)
{
	if (making->sink.seen->revisions->len > 0)
		return;
	finding_add(&making->sink,
		    reason_create(REASON_NO_TRAFFIC, STATE_UNKNOWN,
				  "no revision of %s gets traffic: what would serve cannot be told",
				  making->input->service->target.name));
}

static void check_build_of_each(struct making *making)
{
	for (guint i = 0; i < making->ruling_count; i++)
		checks_build(&making->sink, &making->rulings[i]);
}

static void make_found(struct making *making)
{
	bool deploying;

	add_no_traffic(making);
	add_git_trouble(making);
	make_rulings(making);
	add_rulings(making);
	for (guint i = 0; i < making->ruling_count; i++)
		deployed_add(making->sink.verdict, making->input, &making->rulings[i]);
	add_missing_paths(making);
	checks_pin(&making->sink, making->rulings, making->ruling_count);
	check_build_of_each(making);
	deploying = checks_rollout(&making->sink);
	checks_settings(&making->sink);
	checks_env(&making->sink);
	checks_manifest(&making->sink);
	checks_identity(&making->sink);
	if (making->worst)
		undeployed_fill(making->sink.verdict, making->input, making->worst);
	if (deploying)
		frame_cap(&making->sink, STATE_UNKNOWN, STATE_PENDING);
}

static void make_missing(struct making *making)
{
	const struct config_service *service = making->input->service;
	struct reason *reason =
		reason_create(REASON_SERVICE_MISSING, STATE_DRIFT, "%s has no %s named %s in %s",
			      service->project ? service->project : "the source",
			      service->source == CONFIG_SOURCE_CLOUD_FUNCTION ? "Cloud Function"
									      : "Cloud Run service",
			      service->service ? service->service : service->target.name,
			      service->region ? service->region : "any region");

	reason_add_text(reason, "project", service->project);
	reason_add_text(reason, "region", service->region);
	reason_add_text(reason, "service", service->service);
	finding_add(&making->sink, reason);
}

static void make_observed(struct making *making)
{
	const struct observation *observation = making->input->observation;

	making->sink.seen = observation ? observation->service : NULL;
	if (!observation)
		finding_add(&making->sink,
			    reason_create(REASON_NOT_EVALUATED, STATE_UNKNOWN,
					  "not observed yet: wait for the next check"));
	else if (observation->fault)
		finding_add(&making->sink, finding_of_fault(observation->fault, NULL));
	else if (!observation->service->found)
		make_missing(making);
	else
		make_found(making);
}

static guint count_revisions(const struct observation *observation)
{
	return observation && observation->service ? observation->service->revisions->len : 0;
}

struct verdict *eval_service(const struct eval_input *input)
{
	g_autoptr(GArray) rulings = g_array_new(FALSE, TRUE, sizeof(struct ruling));
	struct making making = {.input = input};
	struct verdict *paused;

	if (!frame_begin(&making.sink, input, &paused))
		return paused;
	(void)g_array_set_size(rulings, count_revisions(input->observation)); /* itself */
	making.rulings = &g_array_index(rulings, struct ruling, 0);
	make_observed(&making);
	return frame_end(&making.sink);
}

bool eval_service_needs_newer_head(const struct eval_input *input)
{
	const struct observation *observation = input->observation;

	if (config_target_is_paused(input->target, input->now_wall_ms) || !observation ||
	    observation->fault || !observation->service->found)
		return false;
	for (guint i = 0; i < observation->service->revisions->len; i++) {
		struct ruling ruling;

		ruling_make(input, observation->service->revisions->pdata[i], &ruling);
		if (ruling.head_too_old)
			return true;
	}
	return false;
}
