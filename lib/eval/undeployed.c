/* undeployed - see undeployed.h */
#include "eval/undeployed.h"

#include <string.h>

/* GitLab keeps its pages under "/-/" (docs.gitlab.com, "Compare revisions"); GitHub and the forges
 * that follow it do not. */
static const char *page_root(const char *web_url)
{
	const char *host = strstr(web_url, "://");
	g_autofree char *name = NULL;

	host = host ? host + strlen("://") : web_url;
	name = g_ascii_strdown(host, (gssize)strcspn(host, "/"));
	return strstr(name, "gitlab") ? "/-" : "";
}

static void fill_links(struct verdict_behind *behind, const char *web_url, const char *from,
		       const char *to)
{
	if (!web_url)
		return;
	behind->commit_url_prefix = g_strconcat(web_url, page_root(web_url), "/commit/", NULL);
	behind->compare_url =
		g_strconcat(web_url, page_root(web_url), "/compare/", from, "...", to, NULL);
}

static void copy_commits(struct verdict_behind *behind, const struct git_comparison *diff)
{
	behind->oldest = diff->oldest ? git_commit_copy(diff->oldest) : NULL;
	behind->newest = diff->newest ? git_commit_copy(diff->newest) : NULL;
	for (guint i = 0; diff->list && i < diff->list->len && i < GIT_LIST_MAX; i++)
		g_ptr_array_add(behind->list, git_commit_copy(diff->list->pdata[i]));
	for (guint i = 0; diff->authors && i < diff->authors->len; i++)
		g_ptr_array_add(behind->authors, g_strdup(diff->authors->pdata[i]));
}

static struct verdict_behind *make_behind(const struct eval_input *input,
					  const struct ruling *ruling)
{
	const struct git_comparison *diff = ruling->comparison;
	const struct git_commit *head = &input->head->head->commit;
	const struct git_commit *since = diff->oldest ? diff->oldest : head;
	struct verdict_behind *behind = verdict_behind_create();

	behind->commits = diff->behind_commits;
	behind->files = diff->files;
	behind->rolled_back = diff->later_seen;
	behind->basis_seen = since->first_seen_is_stored;
	behind->since_wall_ms = ruling->since_wall_ms;
	if (behind->since_wall_ms == 0)
		behind->since_wall_ms = since->first_seen_wall_ms > 0 ? since->first_seen_wall_ms
								      : since->committed_wall_ms;
	copy_commits(behind, diff);
	fill_links(behind, input->head->web_url, diff->sha, input->head->head->sha);
	return behind;
}

void undeployed_fill(struct verdict *verdict, const struct eval_input *input,
		     const struct ruling *worst)
{
	if (worst->relation == RELATION_BEHIND || worst->relation == RELATION_DIVERGED)
		verdict->behind = make_behind(input, worst);
	if (worst->relation == RELATION_AHEAD || worst->relation == RELATION_DIVERGED)
		verdict->ahead_commits = worst->comparison->ahead_commits;
}

static const char *resolved(const struct eval_input *input, const struct marker *marker)
{
	const struct git_resolution *resolution =
		input->answer && !input->answer->error && marker->commit
			? git_answer_resolution(input->answer, marker->commit)
			: NULL;

	return resolution && resolution->status == GIT_RESOLUTION_FOUND ? resolution->sha : NULL;
}

/* Where the source does not say since when, only a change that was seen tells: the first look at what had run already does
 * not. 0: not known. */
static int64_t deployed_since(const struct eval_input *input, const struct ruling *ruling)
{
	const GPtrArray *past = input->past;
	int64_t since_ms = input->observation->observed_wall_ms;

	if (ruling->revision->created_wall_ms > 0)
		return ruling->revision->created_wall_ms;
	if (!ruling->sha)
		return 0;
	for (guint i = 0; i < past->len; i++) {
		const struct past_deployment *deployment = past->pdata[i];

		if (g_strcmp0(deployment->sha, ruling->sha) != 0)
			return since_ms;
		since_ms = deployment->seen_wall_ms;
	}
	return 0;
}

void deployed_add(struct verdict *verdict, const struct eval_input *input,
		  const struct ruling *ruling)
{
	const struct revision_obs *revision = ruling->revision;
	struct verdict_deployed *deployed = verdict_deployed_create();

	deployed->revision = g_strdup(revision->name);
	deployed->percent = revision->percent;
	deployed->relation = ruling->relation;
	deployed->digest = g_strdup(revision->digest);
	deployed->deployed_wall_ms = deployed_since(input, ruling);
	deployed->committed_wall_ms =
		ruling->comparison ? ruling->comparison->commit.committed_wall_ms : 0;
	deployed->sha = g_strdup(ruling->sha      ? ruling->sha
				 : ruling->marker ? ruling->marker->commit
						  : NULL);
	for (guint i = 0; i < revision->markers->len; i++) {
		const struct marker *marker = revision->markers->pdata[i];

		verdict_add_evidence(deployed, marker->source, marker->value,
				     resolved(input, marker));
	}
	g_ptr_array_add(verdict->deployed, deployed);
}
