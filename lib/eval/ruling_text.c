/* ruling_text - how a ruling is said: message and data of its reason. See ruling.h. */
#include "eval/ruling.h"

#include <inttypes.h>
#include <string.h>

#include "timefmt.h"

char *ruling_revision_name(const struct eval_input *input, const struct revision_obs *revision)
{
	if (!revision->name)
		return g_strdup(input->service->target.name);
	if (revision->percent == 100)
		return g_strdup_printf("revision %s", revision->name);
	return g_strdup_printf("revision %s (%d %%)", revision->name, revision->percent);
}

static const char *plural(int64_t count)
{
	return count == 1 ? "" : "s";
}

/* What about: everything a message is made of. */
struct subject {
	const struct eval_input *input;
	const struct ruling *ruling;
	const char *name;   /* of the revision */
	const char *commit; /* what the marker says; never NULL */
	const char *marker; /* its source; never NULL */
	const char *value;  /* its value; never NULL */
	const char *repo;
	const char *why; /* of the resolution or comparison; never NULL */
};

static struct reason *say_behind(const struct subject *about, enum state state)
{
	const struct git_comparison *diff = about->ruling->comparison;
	struct reason *reason = reason_create(
		REASON_BEHIND, state,
		"%s runs %.8s, %" PRId64 " commit%s behind %.8s under its paths (%" PRId64
		" file%s)%s",
		about->name, diff->sha, diff->behind_commits, plural(diff->behind_commits),
		about->input->head->head->sha, diff->files, plural(diff->files),
		diff->later_seen ? "; a later commit ran before: rolled back" : "");

	reason_add_number(reason, "commits", diff->behind_commits);
	reason_add_number(reason, "files", diff->files);
	return reason;
}

static struct reason *say_ahead(const struct subject *about, enum state state)
{
	const struct git_comparison *diff = about->ruling->comparison;
	struct reason *reason = reason_create(
		REASON_AHEAD, state,
		"%s runs %.8s, %" PRId64 " commit%s that %s does not have yet: push or merge what "
		"was deployed",
		about->name, diff->sha, diff->ahead_commits, plural(diff->ahead_commits),
		about->input->head->head->branch);

	reason_add_number(reason, "ahead_commits", diff->ahead_commits);
	return reason;
}

static struct reason *say_diverged(const struct subject *about, enum state state)
{
	const struct git_comparison *diff = about->ruling->comparison;
	struct reason *reason = reason_create(
		REASON_DIVERGED, state,
		"%s runs %.8s, which is not on %s: it lacks %" PRId64 " commit%s under its paths "
		"and has %" PRId64 " of its own",
		about->name, diff->sha, about->input->head->head->branch, diff->behind_commits,
		plural(diff->behind_commits), diff->ahead_commits);

	reason_add_number(reason, "commits", diff->behind_commits);
	reason_add_number(reason, "ahead_commits", diff->ahead_commits);
	reason_add_number(reason, "files", diff->files);
	return reason;
}

static struct reason *say_by_time(const struct subject *about, enum state state)
{
	const struct git_commit *change = about->input->answer->last_change;
	bool late = state != STATE_OK;
	struct reason *reason = reason_create(
		REASON_BY_TIME, state,
		"no commit marker: by time only, a weak basis, %s was created %s its last change "
		"%.8s; label it with its commit",
		about->name, late ? "before" : "after", change->sha);
	char text[TIMEFMT_BYTES];

	reason_add_text(reason, "last_change", change->sha);
	reason_add_text(reason, "changed_at", timefmt_utc(change->committed_wall_ms, text));
	reason_add_text(reason, "basis", "committer_time");
	return reason;
}

static struct reason *say_no_creation(const struct subject *about)
{
	return reason_create(REASON_COMMIT_UNREADABLE, STATE_UNKNOWN,
			     "%s has no commit marker and %s: give it a commit label, or say where "
			     "the commit is with commit-from",
			     about->name,
			     about->ruling->revision->created_wall_ms > 0
				     ? "no commit is known to have changed its paths"
				     : "no creation time");
}

static struct reason *say_not_there(const struct subject *about)
{
	g_autofree char *wanted = g_strjoinv(", ", about->input->service->commit_from);
	struct reason *reason = reason_create(
		REASON_COMMIT_UNREADABLE, STATE_UNKNOWN,
		"%s has none of what commit-from names (%s): set it when deploying, or correct "
		"commit-from",
		about->name, wanted);

	reason_add_text(reason, "commit_from", wanted);
	return reason;
}

/* The marker is there and is of no use. */
static struct reason *say_unreadable(const struct subject *about)
{
	if (!about->ruling->marker->commit)
		return reason_create(REASON_COMMIT_UNREADABLE, STATE_UNKNOWN,
				     "%s says \"%s\" in %s, which is no commit id (7 to 40 hex "
				     "digits): set it when building",
				     about->name, about->value, about->marker);
	return reason_create(REASON_COMMIT_UNREADABLE, STATE_UNKNOWN,
			     "%s says it was built from %s (%s), which repository %s does not "
			     "have%s%s: push it, or deploy from a commit that is pushed",
			     about->name, about->commit, about->marker, about->repo,
			     about->why[0] ? ", " : "", about->why);
}

static struct reason *say_commit_unreadable(const struct subject *about)
{
	if (about->ruling->marker)
		return say_unreadable(about);
	if (about->input->service->commit_from && about->input->service->commit_from[0] &&
	    about->input->service->source != CONFIG_SOURCE_HTTP)
		return say_not_there(about);
	return say_no_creation(about);
}

/* What an old head would conclude must wait for a new one. */
static struct reason *say_too_old(const struct subject *about)
{
	const struct head_state *head = about->input->head;
	char fetched[TIMEFMT_BYTES];
	struct reason *reason = reason_create(
		REASON_FETCH_FAILED, STATE_UNKNOWN,
		"%s runs %.8s, which may be newer than the last fetch of %s (%s)%s%s: judged when "
		"it has been fetched again",
		about->name, about->commit, about->repo,
		head->fetched_wall_ms > 0 ? timefmt_utc(head->fetched_wall_ms, fetched) : "never",
		head->fetch_error ? "; fetching fails: " : "",
		head->fetch_error ? head->fetch_error : "");

	reason_add_text(reason, "class", "head_too_old");
	reason_add_text(reason, "instead_of", reason_code_text(about->ruling->instead));
	return reason;
}

static struct reason *say_fetch_failed(const struct subject *about)
{
	struct reason *reason;

	if (about->ruling->head_too_old)
		return say_too_old(about);
	reason = reason_create(REASON_FETCH_FAILED, STATE_UNKNOWN,
			       "commit %.8s of %s could not be looked up in repository %s: %s",
			       about->commit, about->name, about->repo,
			       about->why[0] ? about->why : "no answer");
	reason_add_text(reason, "class", "git");
	return reason;
}

static struct reason *say_absent(const struct subject *about, enum state state)
{
	return reason_create(
		REASON_COMMIT_NOT_IN_REPO, state,
		"%s runs %.8s (%s), and repository %s has no such commit: it was built "
		"from work that was never pushed, or from another repository",
		about->name, about->commit, about->marker, about->repo);
}

static struct reason *say_shallow(const struct subject *about)
{
	return reason_create(REASON_SHALLOW_REPO, STATE_UNKNOWN,
			     "repository %s is a shallow clone and its history ends before the "
			     "answer for %s%s%s: git fetch --unshallow",
			     about->repo, about->name, about->why[0] ? ", " : "", about->why);
}

static struct reason *say_ambiguous(const struct subject *about)
{
	return reason_create(
		REASON_AMBIGUOUS_COMMIT, STATE_UNKNOWN,
		"several commits of repository %s begin with %s (%s of %s): write more "
		"digits of the id when building",
		about->repo, about->commit, about->marker, about->name);
}

static struct reason *say(const struct subject *about)
{
	enum state state = about->ruling->state;

	switch (about->ruling->code) {
	case REASON_BEHIND:
		return say_behind(about, state);
	case REASON_AHEAD:
		return say_ahead(about, state);
	case REASON_DIVERGED:
		return say_diverged(about, state);
	case REASON_BY_TIME:
		return say_by_time(about, state);
	case REASON_COMMIT_NOT_IN_REPO:
		return say_absent(about, state);
	case REASON_COMMIT_UNREADABLE:
		return say_commit_unreadable(about);
	case REASON_AMBIGUOUS_COMMIT:
		return say_ambiguous(about);
	case REASON_SHALLOW_REPO:
		return say_shallow(about);
	case REASON_FETCH_FAILED:
		return say_fetch_failed(about);
	default: /* other codes are not a revision's */
		return reason_create(REASON_NOT_EVALUATED, STATE_UNKNOWN,
				     "repository %s was not asked about commit %.8s of %s yet",
				     about->repo, about->commit, about->name);
	}
}

static const char *why_of(const struct ruling *ruling)
{
	if (ruling->comparison && ruling->comparison->why)
		return ruling->comparison->why;
	return ruling->resolution && ruling->resolution->why ? ruling->resolution->why : "";
}

static void add_since(struct reason *reason, const struct ruling *ruling)
{
	char since[TIMEFMT_BYTES];

	if (ruling->since_wall_ms > 0)
		reason_add_text(reason, "change_seen_at",
				timefmt_utc(ruling->since_wall_ms, since));
}

struct reason *ruling_reason(const struct eval_input *input, const struct ruling *ruling)
{
	const struct marker *marker = ruling->marker;
	g_autofree char *name = ruling_revision_name(input, ruling->revision);
	struct subject about = {
		.input = input,
		.ruling = ruling,
		.name = name,
		.commit = marker && marker->commit ? marker->commit : "",
		.marker = marker ? marker->source : "",
		.value = marker && marker->value ? marker->value : "",
		.repo = input->service->repo->name,
		.why = why_of(ruling),
	};
	struct reason *reason;

	if (ruling->code == REASON_NONE)
		return NULL;
	reason = say(&about);
	reason_add_text(reason, "revision", ruling->revision->name);
	reason_add_number(reason, "percent", ruling->revision->percent);
	reason_add_text(reason, "sha",
			ruling->sha ? ruling->sha : (about.commit[0] ? about.commit : NULL));
	reason_add_text(reason, "marker", marker ? marker->source : NULL);
	add_since(reason, ruling);
	return reason;
}
