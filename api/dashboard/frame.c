/* frame - see frame.h */
#include "api/dashboard/frame.h"

#include <string.h>

#include "api/dashboard/assets.h"
#include "api/dashboard/html.h"
#include "clk.h"
#include "timefmt.h"
#include "version.h"

const char frame_policy[] =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
	"require-trusted-types-for 'script'; trusted-types 'none'";

/* Banners of one kind; of more only how many. */
#define BANNERS_MAX 4

/* A check is overdue when nothing came so long after the moment at which it must have ended. */
#define OVERDUE_MS (30 * MS_PER_S)

static const struct {
	const char *href, *name;
} sections[] = {
	{"/", "Overview"},
	{"/incidents", "Incidents"},
	{"/notifications", "Notifications"},
	{"/silences", "Silences"},
	{"/config", "Configuration"},
	{"/docs", "API"},
};

/* What the pieces are made of. */
struct making {
	const struct request *request;
	const struct frame *frame;
	const struct snapshot_input *input; /* NULL: no snapshot */
	struct tally tally;
	int64_t now_wall_ms;
};

static enum state overall_of(const struct making *making)
{
	return making->input ? making->tally.overall : STATE_UNKNOWN;
}

/* "2 drift": the worst there is, and how many. Caller frees. */
static char *state_words(const struct making *making)
{
	enum state state = overall_of(making);

	if (!making->input)
		return g_strdup("no check yet");
	if (state == STATE_OK || making->tally.count[state] == 0)
		return g_strdup(state_text(state));
	return g_strdup_printf("%" PRId64 " %s", making->tally.count[state], state_text(state));
}

static void add_title(GString *to, const struct making *making)
{
	g_autofree char *words = state_words(making);

	if (!making->frame->hides_state)
		html_add(to, "%s \xc2\xb7 ", words);
	if (making->frame->title) {
		html_attribute(to, making->frame->title);
		g_string_append(to, " \xc2\xb7 ");
	}
	g_string_append(to, "driftd");
}

static void add_icon(GString *to, const struct making *making)
{
	g_string_append(to, state_text(overall_of(making)));
}

static void add_assets(GString *to, const struct making *making)
{
	(void)making; /* they are the same for all */
	html_add(to, "/assets/%s", assets_hash);
}

static void add_moment(GString *to, const char *name, int64_t wall_ms)
{
	char utc[TIMEFMT_BYTES];

	html_add(to, " %s=\"%s\"", name, wall_ms > 0 ? timefmt_utc(wall_ms, utc) : "");
}

/* When the first verdict expires, by whichever clock decides it; 0: none does. */
static int64_t valid_until(const struct snapshot *snapshot)
{
	int64_t until = snapshot->valid_until_wall_ms;

	if (snapshot->valid_until_mono_ms != INT64_MAX)
		until = MIN(until, snapshot->input.generated_wall_ms +
					   snapshot->valid_until_mono_ms -
					   snapshot->input.generated_mono_ms);
	return until == INT64_MAX ? 0 : until;
}

static void add_body(GString *to, const struct making *making)
{
	const struct snapshot_input *input = making->input;

	html_add(to, "data-state=\"%s\" data-fact=\"%s\"", state_text(overall_of(making)),
		 input ? making->frame->snapshot->fact : "");
	if (making->frame->hides_state)
		return;
	add_moment(to, "data-generated-at", input ? input->generated_wall_ms : 0);
	add_moment(to, "data-valid-until", input ? valid_until(making->frame->snapshot) : 0);
	html_add(to, " data-check-interval-s=\"%" PRId64 "\"",
		 (input ? input->config : making->request->config)->driftd.check_interval_ms /
			 MS_PER_S);
	add_moment(to, "data-next-at", input ? input->check.next_wall_ms : 0);
}

static void add_nav(GString *to, const struct making *making)
{
	for (size_t i = 0; i < G_N_ELEMENTS(sections); i++) {
		bool is_here = g_strcmp0(making->frame->section, sections[i].href) == 0;
		guint open = making->input ? making->input->incidents->len : 0;

		html_add(to, "<a href=\"%s\"", sections[i].href);
		g_string_append(to, is_here ? " aria-current=\"page\">" : ">");
		g_string_append(to, sections[i].name);
		if (open > 0 && strcmp(sections[i].href, "/incidents") == 0)
			html_add(to,
				 "<span class=\"count\">%u<span class=\"visually-hidden\"> "
				 "open</span></span>",
				 open);
		g_string_append(to, "</a>\n");
	}
}

/* "2 drift, 1 unknown" in the order of badness. */
static void add_counts(GString *to, const struct tally *tally)
{
	static const enum state worst_first[] = {STATE_DRIFT, STATE_UNKNOWN, STATE_PENDING,
						 STATE_OK};
	const char *between = "";

	for (size_t i = 0; i < G_N_ELEMENTS(worst_first); i++) {
		enum state state = worst_first[i];

		if (tally->count[state] == 0)
			continue;
		g_string_append(to, between);
		html_number(to, tally->count[state]);
		html_add(to, " %s", state_text(state));
		between = ", ";
	}
	if (*between == '\0')
		g_string_append(to, "no targets");
}

static void add_headline(GString *to, const struct making *making)
{
	enum state state = overall_of(making);

	html_add(to,
		 "<div class=\"headline state-%s\"><svg class=\"icon\" aria-hidden=\"true\">"
		 "<use href=\"#i-%s\"/></svg><div><p class=\"headline-word\">%s</p>"
		 "<p class=\"headline-text\">",
		 state_text(state), state_text(state), state_text(state));
	if (!making->input) {
		g_string_append(to, "no check has finished yet</p></div></div>\n");
		return;
	}
	add_counts(to, &making->tally);
	g_string_append(to, " <span class=\"muted\">\xc2\xb7 evaluated ");
	html_number(to, making->tally.evaluated);
	g_string_append(to, " of ");
	html_number(to, making->tally.targets_total);
	g_string_append(to, "</span></p></div></div>\n");
}

static void add_score(GString *to, const struct making *making)
{
	g_string_append(to, "<div><dt>Score</dt><dd class=\"score\">");
	if (making->tally.score < 0)
		g_string_append(to, "<span title=\"nothing was evaluated\">none</span>");
	else
		g_string_append_printf(to, "%d<span class=\"muted\"> / 100</span>",
				       making->tally.score);
	g_string_append(to, "</dd></div>\n");
}

static void add_check_facts(GString *to, const struct making *making)
{
	const struct check_status *check = &making->input->check;

	g_string_append(to, "<div><dt>Last check</dt><dd>");
	html_time(to, check->started_wall_ms, making->now_wall_ms);
	g_string_append(to, "</dd></div>\n<div><dt>Next check</dt><dd>");
	html_time(to, check->next_wall_ms, making->now_wall_ms);
	g_string_append(to, "</dd></div>\n");
}

/* The check that runs now, if one does; its trigger is the caller's. */
static bool find_running(const struct making *making, struct check_status *ret_status)
{
	int64_t last = making->input ? making->input->check.id : 0;
	struct check_status status = {0};

	if (!app_get_running(making->request->app, last + 1, &status))
		return false;
	*ret_status = status;
	return true;
}

static void add_check_button(GString *to, const struct making *making)
{
	struct check_status status = {0};
	bool is_running = find_running(making, &status);
	bool is_known = is_running && status.total > 0;

	g_string_append(to,
			"<div class=\"headline-check\"><span id=\"check-status\" role=\"status\">");
	if (is_known)
		g_string_append_printf(to, "%" PRId64 " of %" PRId64, status.done, status.total);
	else if (is_running)
		g_string_append(to, "checking");
	g_string_append(
		to, "</span><progress id=\"check-progress\" aria-label=\"Progress of the check\"");
	if (is_known)
		g_string_append_printf(to, " value=\"%" PRId64 "\" max=\"%" PRId64 "\"",
				       status.done, status.total);
	g_string_append(to, is_running ? "></progress>" : " hidden></progress>");
	g_string_append(to, "<button type=\"button\" id=\"check-button\" class=\"button "
			    "button-primary js-only\" data-check><svg class=\"icon\" "
			    "aria-hidden=\"true\"><use href=\"#i-refresh\"/></svg>"
			    "<span>Check now</span></button></div>\n");
	g_free(status.trigger);
}

static void add_top(GString *to, const struct making *making)
{
	if (making->frame->hides_state)
		return;
	add_headline(to, making);
	if (making->input) {
		g_string_append(to, "<dl class=\"headline-facts\">\n");
		add_score(to, making);
		add_check_facts(to, making);
		g_string_append(to, "</dl>\n");
	}
	add_check_button(to, making);
}

static void open_banner(GString *to, const char *class)
{
	html_add(to,
		 "<div class=\"banner %s\"><svg class=\"icon\" aria-hidden=\"true\">"
		 "<use href=\"#i-warn\"/></svg><p>",
		 class);
}

static void close_banner(GString *to)
{
	g_string_append(to, "</p></div>\n");
}

/* @p what is ours, @p text of whoever said it; NULL: nothing to warn of. */
static void add_error(GString *to, const char *what, const char *text)
{
	if (!text)
		return;
	open_banner(to, "banner-error");
	html_add(to, "<strong>%s</strong> ", what);
	html_text(to, text);
	close_banner(to);
}

static void add_repo(GString *to, const struct making *making, const struct repo_status *repo)
{
	open_banner(to, "banner-error");
	g_string_append(to, "<strong>Repository ");
	html_text(to, repo->name);
	g_string_append(to, " cannot be fetched</strong>, last fetched ");
	if (repo->fetched_wall_ms > 0)
		html_time(to, repo->fetched_wall_ms, making->now_wall_ms);
	else
		g_string_append(to, "never");
	g_string_append(to, ": ");
	html_text(to, repo->error);
	close_banner(to);
}

static void add_channel(GString *to, const struct making *making,
			const struct channel_status *channel)
{
	open_banner(to, "banner-error");
	g_string_append(to, "<strong>Channel ");
	html_text(to, channel->id);
	g_string_append(to, " fails</strong>, ");
	html_count(to, channel->waiting, "message waits", "messages wait");
	g_string_append(to, ", last sent ");
	if (channel->last_sent_wall_ms > 0)
		html_time(to, channel->last_sent_wall_ms, making->now_wall_ms);
	else
		g_string_append(to, "never");
	g_string_append(to, ": ");
	html_text(to, channel->last_error);
	g_string_append(to, " <a href=\"/notifications\">notifications</a>");
	close_banner(to);
}

static void add_rest(GString *to, guint count, const char *what)
{
	if (count <= BANNERS_MAX)
		return;
	open_banner(to, "banner-error");
	html_add(to, "<strong>%u more %s</strong>", count - BANNERS_MAX, what);
	close_banner(to);
}

static void add_repos(GString *to, const struct making *making)
{
	guint count = 0;

	for (guint i = 0; i < making->input->repos->len; i++) {
		const struct repo_status *repo = making->input->repos->pdata[i];

		if (repo->error && count++ < BANNERS_MAX)
			add_repo(to, making, repo);
	}
	add_rest(to, count, "repositories cannot be fetched");
}

static void add_channels(GString *to, const struct making *making)
{
	guint count = 0;

	for (guint i = 0; i < making->input->channels->len; i++) {
		const struct channel_status *channel = making->input->channels->pdata[i];

		if (channel->failing && count++ < BANNERS_MAX)
			add_channel(to, making, channel);
	}
	add_rest(to, count, "channels fail");
}

static bool is_expired(const struct verdict *verdict)
{
	for (guint i = 0; i < verdict->reasons->len; i++)
		if (((const struct reason *)verdict->reasons->pdata[i])->code == REASON_EXPIRED)
			return true;
	return false;
}

static void add_expired(GString *to, const struct making *making)
{
	int64_t count = 0;

	for (guint i = 0; i < making->input->verdicts->len; i++)
		count += is_expired(making->input->verdicts->pdata[i]);
	if (count == 0)
		return;
	open_banner(to, "banner-error");
	g_string_append(to, "<strong>");
	html_count(to, count, "verdict has expired", "verdicts have expired");
	g_string_append(to, "</strong>: not looked at for too long, shown as <a "
			    "href=\"/?state=unknown\">unknown</a>");
	close_banner(to);
}

static void add_overdue(GString *to, const struct making *making)
{
	const struct config_driftd *driftd = &making->input->config->driftd;
	const struct check_status *check = &making->input->check;
	int64_t next_wall_ms = check->next_wall_ms > 0
				       ? check->next_wall_ms
				       : check->started_wall_ms + driftd->check_interval_ms;

	if (making->now_wall_ms <= next_wall_ms + driftd->cycle_timeout_ms + OVERDUE_MS)
		return;
	open_banner(to, "banner-error");
	g_string_append(to, "<strong>The next check is overdue</strong>: it was due ");
	html_time(to, next_wall_ms, making->now_wall_ms);
	g_string_append(to, "; what is shown here may be old. See driftd's log.");
	close_banner(to);
}

static void add_banners(GString *to, const struct making *making)
{
	if (!making->input)
		return;
	add_overdue(to, making);
	add_error(to, "The new configuration is not in use:", making->input->config_error);
	add_error(to, "The database cannot be written:", making->input->store_error);
	add_expired(to, making);
	add_repos(to, making);
	add_channels(to, making);
}

static void add_main(GString *to, const struct making *making)
{
	g_string_append_len(to, making->frame->main->str, (gssize)making->frame->main->len);
}

static void add_version(GString *to, const struct making *making)
{
	(void)making; /* it is the same for all */
	html_add(to, "%s", version_number);
	if (*version_commit)
		html_add(to, " <span class=\"mono\">%.8s%s</span>", version_commit,
			 version_dirty ? "+" : "");
}

/* What stands for the marks of frame.html. */
static const struct {
	const char *mark;
	void (*add)(GString *to, const struct making *making);
} pieces[] = {
	{"@TITLE@", add_title},     {"@ICON@", add_icon}, {"@ASSETS@", add_assets},
	{"@BODY@", add_body},       {"@NAV@", add_nav},   {"@TOP@", add_top},
	{"@BANNERS@", add_banners}, {"@MAIN@", add_main}, {"@VERSION@", add_version},
};

/* Behind the mark that @p at begins with, after what stands for it; NULL: there is none. */
static const char *add_piece(GString *to, const char *at, const struct making *making)
{
	for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++)
		if (g_str_has_prefix(at, pieces[i].mark)) {
			pieces[i].add(to, making);
			return at + strlen(pieces[i].mark);
		}
	return NULL;
}

/* Only the frame is searched for marks, never what is put into it. */
static GString *make_page(const struct making *making)
{
	GString *to = g_string_sized_new(making->frame->main->len + 16384);
	const char *at = assets_frame;

	while (*at) {
		size_t plain = strcspn(at, "@");
		const char *behind = NULL;

		g_string_append_len(to, at, (gssize)plain);
		at += plain;
		behind = *at ? add_piece(to, at, making) : NULL;
		if (*at && !behind)
			g_string_append_c(to, *at++); /* just this character */
		else if (behind)
			at = behind;
	}
	return to;
}

void frame_respond(const struct request *request, const struct frame *frame,
		   struct response *response)
{
	struct making making = {.request = request, .frame = frame, .now_wall_ms = clk_wall_ms()};
	GString *page = NULL;

	if (frame->snapshot) {
		making.input = &frame->snapshot->input;
		making.tally = frame->snapshot->tally;
	}
	page = make_page(&making);
	response_set(response, frame->status, response_html, g_string_free(page, FALSE));
	response->policy = frame_policy;
	g_string_free(frame->main, TRUE);
}
