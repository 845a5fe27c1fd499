/* overview_cards - what is beside the targets: open incidents, repositories, channels, services that
 * nobody watches; see overview.h */
#include "api/dashboard/overview.h"

#include <string.h>

#include "api/dashboard/html.h"
#include "text.h"

/* Lines of a card that are always shown, and that can be unfolded. */
#define LINES_SHOWN 5
#define LINES_MAX 100

#define SUBJECT_MAX_BYTES 120
#define ERROR_MAX_BYTES 240

/* A card: what it lists, and how a line of it looks. */
struct card {
	const char *id, *title;
	const char *href; /* of the page that has them all; NULL: none */
	GPtrArray *lines;
	void (*add_line)(GString *to, const struct overview *overview, const void *line);
	const char *nothing; /* said where there is none */
};

static void add_cut(GString *to, const char *text, size_t max_bytes)
{
	g_autofree char *cut = text ? text_to_utf8(text, strlen(text), max_bytes) : NULL;

	html_text(to, cut);
}

static void add_incident(GString *to, const struct overview *overview, const void *line)
{
	const struct incident *incident = line;

	g_string_append(to, "<li><span class=\"line-main\">");
	html_priority(to, incident->priority);
	html_add(to, " <a href=\"/incidents/%" PRId64 "\">", incident->id);
	add_cut(to, incident->target, SUBJECT_MAX_BYTES);
	g_string_append(to, "</a></span><span class=\"line-side\">");
	html_time(to, incident->opened_wall_ms, overview->now_wall_ms);
	g_string_append(to, "</span><span class=\"line-more\">");
	if (incident->acknowledged_by) {
		g_string_append(to, "acknowledged by ");
		add_cut(to, incident->acknowledged_by, SUBJECT_MAX_BYTES);
	} else {
		g_string_append(to, "not acknowledged");
	}
	g_string_append(to, "</span></li>\n");
}

static void add_repo_more(GString *to, const struct repo_status *repo)
{
	if (repo->error) {
		g_string_append(to, "<span class=\"line-more is-bad\">");
		add_cut(to, repo->error, ERROR_MAX_BYTES);
	} else {
		g_string_append(to, "<span class=\"line-more\">");
		if (repo->head)
			add_cut(to, repo->head->subject, SUBJECT_MAX_BYTES);
		else
			g_string_append(to, "no head yet");
	}
	g_string_append(to, "</span>");
	if (repo->note) {
		g_string_append(to, "<span class=\"line-more\">");
		add_cut(to, repo->note, ERROR_MAX_BYTES);
		g_string_append(to, "</span>");
	}
}

static const char *web_url(const struct overview *overview, const char *name)
{
	const GPtrArray *repos = overview->snapshot->input.config->repos;

	for (guint i = 0; i < repos->len; i++) {
		const struct config_repo *repo = repos->pdata[i];

		if (strcmp(repo->name, name) == 0)
			return repo->web_url;
	}
	return NULL;
}

static void add_repo(GString *to, const struct overview *overview, const void *line)
{
	const struct repo_status *repo = line;
	const char *web = web_url(overview, repo->name);
	const char *sha = repo->head ? repo->head->sha : NULL;
	g_autofree char *url = web && sha ? g_strconcat(web, "/commit/", sha, NULL) : NULL;
	struct overview_change change = {.add = "repo", .value = repo->name};
	g_autofree char *href = overview_link(&(struct query){0}, &change);

	html_add(to, "<li><span class=\"line-main\"><a href=\"%s\">", href);
	add_cut(to, repo->name, SUBJECT_MAX_BYTES);
	g_string_append(to, "</a> <span class=\"muted\">");
	add_cut(to, repo->branch, SUBJECT_MAX_BYTES);
	g_string_append(to, "</span> ");
	html_commit(to, sha, url);
	g_string_append(to, "</span><span class=\"line-side\">fetched ");
	if (repo->fetched_wall_ms > 0)
		html_time(to, repo->fetched_wall_ms, overview->now_wall_ms);
	else
		g_string_append(to, "never");
	g_string_append(to, "</span>");
	add_repo_more(to, repo);
	g_string_append(to, "</li>\n");
}

static void add_channel(GString *to, const struct overview *overview, const void *line)
{
	const struct channel_status *channel = line;

	g_string_append(to, "<li><span class=\"line-main\">");
	html_state_icon(to, channel->failing ? STATE_DRIFT : STATE_OK);
	g_string_append_c(to, ' ');
	add_cut(to, channel->id, SUBJECT_MAX_BYTES);
	g_string_append(to, channel->failing ? " fails" : "");
	g_string_append(to, "</span><span class=\"line-side\">");
	if (channel->last_sent_wall_ms > 0) {
		g_string_append(to, "sent ");
		html_time(to, channel->last_sent_wall_ms, overview->now_wall_ms);
	} else {
		g_string_append(to, "nothing sent since driftd started");
	}
	g_string_append(to, "</span>");
	if (channel->waiting > 0 || channel->failed > 0)
		html_add(to,
			 "<span class=\"line-more\">%" PRId64 " waiting, %" PRId64
			 " given up</span>",
			 channel->waiting, channel->failed);
	if (channel->failing) {
		g_string_append(to, "<span class=\"line-more is-bad\">");
		add_cut(to, channel->last_error, ERROR_MAX_BYTES);
		g_string_append(to, "</span>");
	}
	g_string_append(to, "</li>\n");
}

static void add_unwatched(GString *to, const struct overview *overview, const void *line)
{
	const struct unwatched *unwatched = line;

	(void)overview; /* nothing of it moves with time */
	g_string_append(to, "<li><span class=\"line-main\">");
	add_cut(to, unwatched->service, SUBJECT_MAX_BYTES);
	g_string_append(to, "</span><span class=\"line-side\">");
	add_cut(to, unwatched->kind, SUBJECT_MAX_BYTES);
	g_string_append(to, "</span><span class=\"line-more\">");
	add_cut(to, unwatched->project, SUBJECT_MAX_BYTES);
	g_string_append(to, " / ");
	add_cut(to, unwatched->region, SUBJECT_MAX_BYTES);
	g_string_append(to, "</span></li>\n");
}

/* Nobody has taken the first; then by priority, the newest first. */
static int compare_incidents(gconstpointer a, gconstpointer b)
{
	const struct incident *first = *(const struct incident *const *)a;
	const struct incident *second = *(const struct incident *const *)b;
	bool first_taken = first->status == INCIDENT_STATUS_ACKNOWLEDGED;
	bool second_taken = second->status == INCIDENT_STATUS_ACKNOWLEDGED;

	if (first_taken != second_taken)
		return first_taken ? 1 : -1;
	if (first->priority != second->priority)
		return first->priority < second->priority ? -1 : 1;
	if (first->opened_wall_ms != second->opened_wall_ms)
		return first->opened_wall_ms > second->opened_wall_ms ? -1 : 1;
	return first->id < second->id ? 1 : -1;
}

/* What cannot be fetched first, then as configured. */
static int compare_repos(gconstpointer a, gconstpointer b)
{
	const struct repo_status *first = *(const struct repo_status *const *)a;
	const struct repo_status *second = *(const struct repo_status *const *)b;

	if (!first->error != !second->error)
		return first->error ? -1 : 1;
	return strcmp(first->name, second->name);
}

static int compare_channels(gconstpointer a, gconstpointer b)
{
	const struct channel_status *first = *(const struct channel_status *const *)a;
	const struct channel_status *second = *(const struct channel_status *const *)b;

	if (first->failing != second->failing)
		return first->failing ? -1 : 1;
	return strcmp(first->id, second->id);
}

/* The snapshot is shared: its arrays are never sorted in place. Caller unrefs. */
static GPtrArray *sorted(const GPtrArray *from, GCompareFunc compare)
{
	GPtrArray *copy = g_ptr_array_sized_new(from->len);

	for (guint i = 0; i < from->len; i++)
		g_ptr_array_add(copy, from->pdata[i]);
	if (compare)
		g_ptr_array_sort(copy, compare);
	return copy;
}

static void add_lines(GString *to, const struct overview *overview, const struct card *card)
{
	guint count = card->lines->len;

	g_string_append(to, "<ul class=\"lines\">\n");
	for (guint i = 0; i < MIN(count, LINES_SHOWN); i++)
		card->add_line(to, overview, card->lines->pdata[i]);
	g_string_append(to, "</ul>\n");
	if (count <= LINES_SHOWN)
		return;
	html_add(to, "<details id=\"more-%s\"><summary>%u more</summary><ul class=\"lines\">\n",
		 card->id, count - LINES_SHOWN);
	for (guint i = LINES_SHOWN; i < MIN(count, LINES_MAX); i++)
		card->add_line(to, overview, card->lines->pdata[i]);
	if (count > LINES_MAX)
		html_add(to, "<li class=\"muted\">and %u more</li>\n", count - LINES_MAX);
	g_string_append(to, "</ul></details>\n");
}

/* Takes what it lists. */
static void add_card(GString *to, const struct overview *overview, const struct card *card)
{
	html_add(to, "<section class=\"card\" aria-labelledby=\"%s\"><h2 id=\"%s\">", card->id,
		 card->id);
	if (card->href)
		html_add(to, "<a href=\"%s\">%s</a>", card->href, card->title);
	else
		html_add(to, "%s", card->title);
	html_add(to, " <span class=\"muted\">%u</span></h2>\n", card->lines->len);
	if (card->lines->len > 0)
		add_lines(to, overview, card);
	else
		html_add(to, "<p class=\"muted\">%s</p>\n", card->nothing);
	g_string_append(to, "</section>\n");
	g_ptr_array_unref(card->lines);
}

void overview_add_cards(GString *to, const struct overview *overview)
{
	const struct snapshot_input *input = &overview->snapshot->input;

	add_card(to, overview,
		 &(struct card){"incidents", "Open incidents", "/incidents",
				sorted(input->incidents, compare_incidents), add_incident,
				"No incident is open."});
	add_card(to, overview,
		 &(struct card){"repositories", "Repositories", NULL,
				sorted(input->repos, compare_repos), add_repo,
				"No repository is configured."});
	add_card(to, overview,
		 &(struct card){"channels", "Channels", "/notifications",
				sorted(input->channels, compare_channels), add_channel,
				"No channel is configured: nobody is told of anything."});
	if (input->unwatched->len > 0)
		add_card(to, overview,
			 &(struct card){"unwatched", "Unwatched services", NULL,
					sorted(input->unwatched, NULL), add_unwatched, ""});
}
