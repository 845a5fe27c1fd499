/* book_world - see book_world.h */
#include "book_world.h"

#include <check.h>
#include <string.h>

#include "dur.h"
#include "timefmt.h"

static void world_die(const char *step, const char *what)
{
	ck_abort_msg("book_world: \"%s\": %s", step, what);
}

static int64_t number_of(const char *text)
{
	gint64 number = 0;

	ck_assert_msg(g_ascii_string_to_signed(text, 10, 0, G_MAXINT64, &number, NULL),
		      "book_world: \"%s\" is no number", text);
	return number;
}

static int64_t ms_of(const char *text)
{
	int64_t ms = 0;

	ck_assert_msg(dur_parse(text, &ms, NULL), "book_world: \"%s\" is no duration", text);
	return ms;
}

static struct matcher *matcher_of(const char *text)
{
	struct matcher *matcher = matcher_parse(text, NULL);

	ck_assert_msg(matcher != NULL, "book_world: \"%s\" is no matcher", text);
	return matcher;
}

/* The words from @p from on. */
static struct matcher **matchers_of(char **words, guint from)
{
	guint count = g_strv_length(words);
	struct matcher **matchers = g_new0(struct matcher *, count + 1);

	for (guint i = from; i < count; i++)
		matchers[i - from] = matcher_of(words[i]);
	return matchers;
}

static void free_matchers(struct matcher **matchers)
{
	for (struct matcher **at = matchers; at && *at; at++)
		matcher_free(*at);
	g_free(matchers);
}

static void channel_free(gpointer data)
{
	struct config_channel *channel = data;

	g_free(channel->id);
	g_free(channel->name);
	free_matchers(channel->routes);
	schedule_free(channel->digest);
	g_free(channel);
}

static void window_free(gpointer data)
{
	struct config_window *window = data;

	g_free(window->name);
	schedule_free(window->start);
	free_matchers(window->matchers);
	g_free(window);
}

static void service_free(gpointer data)
{
	struct config_service *service = data;

	g_free(service->target.id);
	g_free(service->target.name);
	g_free(service->target.owner);
	g_strfreev(service->target.depends_on);
	g_free(service);
}

static void subject_free(gpointer data)
{
	struct book_subject *subject = data;

	g_free((char *)(uintptr_t)subject->id);
	g_free((char *)(uintptr_t)subject->repo_error);
	verdict_unref((struct verdict *)(uintptr_t)subject->verdict);
	g_free(subject);
}

static struct config_channel *add_channel(struct book_world *world, const char *id)
{
	struct config_channel *channel = g_new0(struct config_channel, 1);
	const char *slash = strchr(id, '/');

	ck_assert(slash != NULL);
	for (int kind = CHANNEL_KIND_SLACK; kind < CHANNEL_KIND_COUNT; kind++) {
		static const char *const words[] = {"", "slack", "webhook", "alertmanager",
						    "github"};

		if (strncmp(words[kind], id, (size_t)(slash - id)) == 0)
			channel->kind = (enum channel_kind)kind;
	}
	channel->id = g_strdup(id);
	channel->name = g_strdup(slash + 1);
	channel->routes = g_new0(struct matcher *, 1);
	channel->remind_every_ms = 4 * MS_PER_HOUR;
	g_ptr_array_add(world->config.channels, channel);
	return channel;
}

static struct config_channel *find_channel(struct book_world *world, const char *id)
{
	for (guint i = 0; i < world->config.channels->len; i++) {
		struct config_channel *channel = world->config.channels->pdata[i];

		if (strcmp(channel->id, id) == 0)
			return channel;
	}
	world_die(id, "no such channel");
	return NULL;
}

static char *full_id(const char *name)
{
	return strcmp(name, "@") == 0 ? g_strdup("repo/main") : g_strconcat("service/", name, NULL);
}

static struct book_subject *find_subject(struct book_world *world, const char *name)
{
	g_autofree char *id = full_id(name);

	return g_hash_table_lookup(world->subjects, id);
}

static void set_verdict(struct book_subject *subject, struct verdict *verdict)
{
	verdict_unref((struct verdict *)(uintptr_t)subject->verdict);
	subject->verdict = verdict;
}

static struct book_subject *add_subject(struct book_world *world, const char *name)
{
	struct book_subject *subject = g_new0(struct book_subject, 1);
	struct config_service *service;

	subject->id = full_id(name);
	subject->priority = PRIORITY_P1;
	subject->blind_for_ms = -1;
	subject->kind = strcmp(name, "@") == 0 ? "repo" : "service";
	g_hash_table_insert(world->subjects, (gpointer)(uintptr_t)subject->id, subject);
	g_ptr_array_add(world->order, subject);
	if (strcmp(name, "@") == 0)
		return subject;
	service = g_new0(struct config_service, 1);
	service->target.id = g_strdup(subject->id);
	service->target.name = g_strdup(name);
	service->target.kind = TARGET_KIND_SERVICE;
	service->target.priority = PRIORITY_P1;
	service->target.depends_on = g_new0(char *, 1);
	g_ptr_array_add(world->config.services, service);
	g_ptr_array_add(world->config.targets, service);
	g_hash_table_insert(world->config.by_id, service->target.id, service);
	subject->config = &service->target;
	set_verdict(subject, book_world_verdict(subject->id, STATE_OK, NULL, world->now_wall_ms));
	return subject;
}

static struct book_subject *need_subject(struct book_world *world, const char *name)
{
	struct book_subject *subject = find_subject(world, name);

	return subject ? subject : add_subject(world, name);
}

static struct config_target *target_of(struct book_subject *subject)
{
	return (struct config_target *)(uintptr_t)subject->config;
}

struct verdict *book_world_verdict(const char *id, enum state state, const char *const *codes,
				   int64_t since_wall_ms)
{
	struct verdict *verdict = verdict_create(id);

	verdict->kind = g_strdup("service");
	verdict->name = g_strdup(strchr(id, '/') + 1);
	verdict->priority = PRIORITY_P1;
	verdict->repo = g_strdup("main");
	verdict->state = state;
	verdict->since_wall_ms = since_wall_ms;
	for (const char *const *code = codes; code && *code; code++) {
		enum reason_code found = reason_code_from_text(*code);

		ck_assert_msg(found != REASON_NONE, "book_world: no code %s", *code);
		g_ptr_array_add(verdict->reasons,
				reason_create(found, state, "%s of %s", *code, id));
	}
	return verdict;
}

static void remove_subject(struct book_world *world, struct book_subject *subject)
{
	if (subject->config) {
		struct config_target *target = target_of(subject);

		g_hash_table_remove(world->config.by_id, target->id);
		g_ptr_array_remove(world->config.targets, target);
		g_ptr_array_remove(world->config.services, target);
	}
	g_ptr_array_remove(world->order, subject);
	g_hash_table_remove(world->subjects, subject->id);
}

static void set_repo(struct book_world *world, struct book_subject *subject, char **words)
{
	bool blind = strcmp(words[1], "ok") != 0;

	g_free((char *)(uintptr_t)subject->repo_error);
	subject->repo_error = blind ? g_strdup("fetch of main failed: timeout") : NULL;
	subject->blind_for_ms = blind ? (words[2] ? ms_of(words[2]) : MS_PER_HOUR) : -1;
	subject->blind_since_wall_ms = blind ? world->now_wall_ms - subject->blind_for_ms : 0;
}

static void set_state(struct book_world *world, char **words)
{
	static const char *const failed[] = {"fetch_failed", NULL};
	static const char *const behind[] = {"behind", NULL};
	struct book_subject *subject = need_subject(world, words[0]);
	bool blind = strcmp(words[1], "blind") == 0;
	enum state state = blind ? STATE_UNKNOWN : state_from_text(words[1]);
	const char *const *codes = (const char *const *)words + 2;

	if (strcmp(words[1], "gone") == 0) {
		remove_subject(world, subject);
		return;
	}
	if (!subject->config) {
		set_repo(world, subject, words);
		return;
	}
	ck_assert_msg(state != STATE_NONE || strcmp(words[1], "unseen") == 0,
		      "book_world: no state %s", words[1]);
	subject->blind_for_ms = blind ? (words[2] ? ms_of(words[2]) : MS_PER_HOUR)
				: state == STATE_UNKNOWN ? 0
							 : -1;
	if (strcmp(words[1], "unseen") == 0) {
		set_verdict(subject, NULL);
		subject->blind_for_ms = -1;
		return;
	}
	subject->blind_since_wall_ms =
		subject->blind_for_ms >= 0 ? world->now_wall_ms - subject->blind_for_ms : 0;
	if (blind || (!words[2] && state == STATE_UNKNOWN))
		codes = failed;
	else if (!words[2] && state == STATE_DRIFT)
		codes = behind;
	set_verdict(subject, book_world_verdict(subject->id, state, codes, world->now_wall_ms));
}

static void set_commits(struct book_world *world, char **words)
{
	const struct book_subject *subject = need_subject(world, words[1]);
	struct verdict *verdict = (struct verdict *)(uintptr_t)subject->verdict;

	verdict->relation = RELATION_BEHIND;
	if (!verdict->behind)
		verdict->behind = verdict_behind_create();
	verdict->behind->commits = number_of(words[2]);
	verdict->behind->since_wall_ms = world->now_wall_ms - ms_of(words[3]);
}

static void set_target(struct book_world *world, char **words)
{
	struct book_subject *subject = need_subject(world, words[1]);

	if (words[2])
		subject->priority = (enum priority)(words[2][1] - '0' + PRIORITY_P0);
	if (!subject->config || !words[2])
		return;
	target_of(subject)->priority = subject->priority;
	g_free(target_of(subject)->owner);
	target_of(subject)->owner = g_strdup(words[3]);
	subject->owner = target_of(subject)->owner;
}

static void set_depends(struct book_world *world, char **words)
{
	struct config_target *target = target_of(need_subject(world, words[1]));

	g_strfreev(target->depends_on);
	target->depends_on = g_strdupv(words + 2);
}

static void set_escalate(struct book_world *world, char **words)
{
	struct config_target *target = target_of(need_subject(world, words[1]));

	target->escalate_commits = number_of(words[2]);
	target->escalate_after_ms = ms_of(words[3]);
}

static struct schedule *schedule_of(char **words)
{
	g_autofree char *text = g_strjoinv(" ", words);
	struct schedule *schedule = schedule_create(text, "UTC", NULL, NULL);

	ck_assert_msg(schedule != NULL, "book_world: \"%s\" is no schedule", text);
	return schedule;
}

static void set_channel(struct book_world *world, char **words)
{
	struct config_channel *channel;

	if (!world->own_channels && !world->book)
		g_ptr_array_set_size(world->config.channels, 0);
	world->own_channels = true;
	channel = add_channel(world, words[1]);
	free_matchers(channel->routes);
	channel->routes = matchers_of(words, 2);
}

static void set_window(struct book_world *world, char **words)
{
	struct config_window *window = g_new0(struct config_window, 1);

	window->name = g_strdup(words[1]);
	window->duration_ms = ms_of(words[2]);
	window->matchers = g_new0(struct matcher *, 2);
	window->matchers[0] = matcher_of(words[3]);
	window->start = schedule_of(words + 4);
	g_ptr_array_add(world->config.windows, window);
}

static void keep(struct book_world *world, const struct book_round *round)
{
	GHashTableIter iter;
	gpointer name;
	gpointer value;

	world->incidents_written = round->incidents->len;
	for (guint i = 0; i < round->incidents->len; i++) {
		struct incident *copy = incident_copy(round->incidents->pdata[i]);

		g_hash_table_replace(world->stored, &copy->id, copy);
	}
	g_hash_table_iter_init(&iter, round->digests);
	while (g_hash_table_iter_next(&iter, &name, &value))
		g_hash_table_replace(world->digests, g_strdup(name),
				     g_memdup2(value, sizeof(int64_t)));
	for (guint i = 0; i < round->silences->len; i++)
		g_ptr_array_add(world->silences, silence_copy(round->silences->pdata[i]));
}

static struct book *book_of(struct book_world *world)
{
	struct book_input input = {.next_incident_id = 1, .next_silence_id = 1};

	if (!world->book)
		world->book = book_create(&input);
	return world->book;
}

static const char *letter_of(const struct notice_item *item)
{
	static const char *const letters[] = {"?", "F", "W", "C", "R", "D", "T"};

	return item->reopened ? "F*" : letters[item->kind];
}

static void say_round(struct book_world *world)
{
	if (world->said->len > 0)
		g_string_append(world->said, " | ");
	if (world->messages->len == 0)
		g_string_append(world->said, "-");
	for (guint i = 0; i < world->messages->len; i++) {
		const struct book_message *message = world->messages->pdata[i];
		const struct notice *notice = message->notice;

		g_string_append_printf(world->said, "%s%s:", i > 0 ? " " : "", message->channel);
		if (notice->digest)
			g_string_append_printf(world->said, "D(%" PRId64 ",%" PRId64 ")",
					       notice->digest->not_ok_total,
					       notice->digest->recovered_total);
		for (guint j = 0; j < notice->items->len; j++) {
			const struct notice_item *item = notice->items->pdata[j];

			g_string_append_printf(world->said, "%s%s(%s)", j > 0 ? "," : "",
					       letter_of(item), strrchr(item->target, '/') + 1);
		}
	}
}

static void run_round(struct book_world *world, bool complete)
{
	g_autoptr(GArray) subjects = g_array_new(FALSE, TRUE, sizeof(struct book_subject));
	g_autoptr(GPtrArray) verdicts = g_ptr_array_new();
	struct book_moment moment = {
		.config = &world->config, .now_wall_ms = world->now_wall_ms, .complete = complete};
	struct book_round *round;
	struct tally tally;

	for (guint i = 0; i < world->order->len; i++) {
		const struct book_subject *subject = world->order->pdata[i];

		g_array_append_val(subjects, *subject);
		if (subject->verdict)
			g_ptr_array_add(verdicts, (gpointer)(uintptr_t)subject->verdict);
	}
	tally = tally_make(verdicts);
	moment.tally = &tally;
	moment.subjects = &g_array_index(subjects, struct book_subject, 0);
	moment.subject_count = subjects->len;
	round = book_plan(book_of(world), &moment);
	if (world->lose) {
		world->lose = false;
		book_round_free(round);
		return;
	}
	book_apply(world->book, round);
	keep(world, round);
	g_ptr_array_unref(world->messages);
	world->messages = g_ptr_array_ref(round->messages);
	say_round(world);
	book_round_free(round);
}

static void take_round(struct book_world *world, struct book_round *round, const char *step)
{
	if (!round)
		world_die(step, "refused");
	book_apply(world->book, round);
	keep(world, round);
	ck_assert_uint_eq(round->messages->len, 0);
	book_round_free(round);
}

/* All that is not over, and of each target the last: as the store gives it. Told and codes go
 * through their JSON. */
static void restart(struct book_world *world)
{
	struct book_input input = {
		.incidents = g_ptr_array_new_with_free_func((GDestroyNotify)incident_free),
		.silences = g_ptr_array_ref(world->silences),
		.next_incident_id = g_hash_table_size(world->stored) + 1,
		.next_silence_id = 100,
		.digests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
	};
	GHashTableIter iter;
	gpointer name;
	gpointer value;

	g_hash_table_iter_init(&iter, world->digests); /* a memo of each */
	while (g_hash_table_iter_next(&iter, &name, &value))
		g_hash_table_insert(input.digests, g_strdup(name),
				    g_memdup2(value, sizeof(int64_t)));
	g_hash_table_iter_init(&iter, world->stored);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct incident *copy = incident_copy(value);
		g_autofree char *told = incident_told_json(copy);
		g_autofree char *codes = incident_codes_json(copy);

		copy->mark = 0; /* not stored */
		g_ptr_array_set_size(copy->told, 0);
		ck_assert(incident_set_told_json(copy, told, NULL));
		ck_assert(incident_set_codes_json(copy, codes, NULL));
		g_ptr_array_add(input.incidents, copy);
	}
	book_free(world->book);
	world->book = book_create(&input);
}

static void say(struct book_world *world, const char *format, ...) PRINTF_LIKE(2, 3);

static void say(struct book_world *world, const char *format, ...)
{
	va_list args;

	if (world->said->len > 0)
		g_string_append(world->said, " | ");
	va_start(args, format);
	g_string_append_vprintf(world->said, format, args);
	va_end(args);
}

static void say_due(struct book_world *world)
{
	int64_t due = book_due_wall_ms(book_of(world), &world->config, world->now_wall_ms);

	if (due == INT64_MAX)
		say(world, "never");
	else
		say(world, "%" PRId64, (due - world->now_wall_ms) / MS_PER_S);
}

static void say_incident(struct book_world *world, char **words)
{
	int64_t id = number_of(words[1]);
	const struct incident *incident = g_hash_table_lookup(world->stored, &id);

	if (!incident)
		say(world, "none");
	else if (strcmp(words[0], "held") == 0)
		say(world, "%s", incident->held_by ? incident->held_by : "free");
	else if (strcmp(words[0], "status") == 0)
		say(world, "%s %s %s", incident_status_text(incident->status),
		    incident_cause_text(incident->cause), priority_text(incident->priority));
	else
		say(world, "v%" PRId64, incident->version);
}

static bool run_clock(struct book_world *world, char **words)
{
	if (strcmp(words[0], "+") == 0)
		world->now_wall_ms += ms_of(words[1]);
	else if (strcmp(words[0], "-") == 0)
		world->now_wall_ms -= ms_of(words[1]);
	else if (strcmp(words[0], "at") == 0)
		ck_assert(timefmt_parse(words[1], &world->now_wall_ms, NULL));
	else if (strcmp(words[0], "!") == 0)
		run_round(world, true);
	else if (strcmp(words[0], "?") == 0)
		run_round(world, false);
	else if (strcmp(words[0], "restart") == 0)
		restart(world);
	else if (strcmp(words[0], "lose") == 0)
		world->lose = true;
	else if (strcmp(words[0], "due") == 0)
		say_due(world);
	else if (strcmp(words[0], "written") == 0)
		say(world, "%u", world->incidents_written);
	else
		return false;
	return true;
}

static bool run_config(struct book_world *world, char **words)
{
	if (strcmp(words[0], "channel") == 0)
		set_channel(world, words);
	else if (strcmp(words[0], "target") == 0)
		set_target(world, words);
	else if (strcmp(words[0], "depends") == 0)
		set_depends(world, words);
	else if (strcmp(words[0], "escalate") == 0)
		set_escalate(world, words);
	else if (strcmp(words[0], "window") == 0)
		set_window(world, words);
	else if (strcmp(words[0], "remind") == 0)
		find_channel(world, words[1])->remind_every_ms = ms_of(words[2]);
	else if (strcmp(words[0], "digest") == 0)
		find_channel(world, words[1])->digest = schedule_of(words + 2);
	else if (strcmp(words[0], "when-ok") == 0)
		find_channel(world, words[1])->digest_when_ok = true;
	else if (strcmp(words[0], "drop") == 0)
		g_ptr_array_remove(world->config.channels, find_channel(world, words[1]));
	else
		return false;
	return true;
}

static bool run_command(struct book_world *world, char **words, const char *step)
{
	if (strcmp(words[0], "ack") == 0)
		take_round(world,
			   book_acknowledge(book_of(world), number_of(words[1]), words[2], "busy",
					    world->now_wall_ms,
					    words[3] ? ms_of(words[3]) : MS_PER_DAY, NULL),
			   step);
	else if (strcmp(words[0], "silence") == 0)
		take_round(world,
			   book_add_silence(book_of(world), words[1],
					    world->now_wall_ms + ms_of(words[2]), "ann", NULL,
					    world->now_wall_ms, NULL),
			   step);
	else if (strcmp(words[0], "unsilence") == 0)
		take_round(world,
			   book_end_silence(book_of(world), number_of(words[1]), world->now_wall_ms,
					    NULL),
			   step);
	else if (strcmp(words[0], "held") == 0 || strcmp(words[0], "status") == 0 ||
		 strcmp(words[0], "version") == 0)
		say_incident(world, words);
	else
		return false;
	return true;
}

static void run_step(struct book_world *world, const char *step)
{
	g_auto(GStrv) words = g_strsplit(step, " ", -1);

	if (run_clock(world, words) || run_config(world, words) || run_command(world, words, step))
		return;
	if (strcmp(words[0], "commits") == 0)
		set_commits(world, words);
	else if (words[1])
		set_state(world, words);
	else
		world_die(step, "what?");
}

struct book_world *book_world_create(void)
{
	struct book_world *world = g_new0(struct book_world, 1);

	world->now_wall_ms = BOOK_WORLD_NOW_MS;
	world->config.repos = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(world->config.repos, g_new0(struct config_repo, 1));
	((struct config_repo *)world->config.repos->pdata[0])->name = g_strdup("main");
	world->config.services = g_ptr_array_new_with_free_func(service_free);
	world->config.targets = g_ptr_array_new();
	world->config.channels = g_ptr_array_new_with_free_func(channel_free);
	world->config.windows = g_ptr_array_new_with_free_func(window_free);
	world->config.by_id = g_hash_table_new(g_str_hash, g_str_equal);
	world->config.driftd.unknown_after_ms = 15 * MS_PER_MINUTE;
	world->config.driftd.reopen_within_ms = 10 * MS_PER_MINUTE;
	world->subjects = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, subject_free);
	world->order = g_ptr_array_new();
	world->said = g_string_new(NULL);
	world->messages = g_ptr_array_new();
	world->stored = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL,
					      (GDestroyNotify)incident_free);
	world->digests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	world->silences = g_ptr_array_new_with_free_func((GDestroyNotify)silence_free);
	(void)add_channel(world, "slack/x");
	return world;
}

void book_world_free(struct book_world *world)
{
	book_free(world->book);
	g_free(((struct config_repo *)world->config.repos->pdata[0])->name);
	g_hash_table_unref(world->config.by_id);
	g_ptr_array_unref(world->config.repos);
	g_ptr_array_unref(world->config.targets);
	g_ptr_array_unref(world->config.services);
	g_ptr_array_unref(world->config.channels);
	g_ptr_array_unref(world->config.windows);
	g_ptr_array_unref(world->order);
	g_hash_table_unref(world->subjects);
	g_hash_table_unref(world->stored);
	g_ptr_array_unref(world->silences);
	g_hash_table_unref(world->digests);
	g_string_free(world->said, TRUE);
	g_ptr_array_unref(world->messages);
	g_free(world);
}

void book_world_run(struct book_world *world, const char *script)
{
	g_auto(GStrv) steps = g_strsplit(script, ";", -1);

	for (char **step = steps; *step; step++) {
		if (*g_strstrip(*step))
			run_step(world, *step);
	}
}

char *book_world_said(const char *script)
{
	struct book_world *world = book_world_create();
	char *said;

	book_world_run(world, script);
	said = g_strdup(world->said->str);
	book_world_free(world);
	return said;
}

const struct incident *book_world_incident(const struct book_world *world, const char *target)
{
	const struct incident *newest = NULL;
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, world->stored);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct incident *incident = value;

		if (strcmp(incident->target, target) == 0 && (!newest || incident->id > newest->id))
			newest = incident;
	}
	return newest;
}

void book_row_check(const struct book_row *row)
{
	g_autofree char *said = book_world_said(row->script);

	ck_assert_msg(strcmp(said, row->want) == 0, "%s\n  script: %s\n  want: %s\n  said: %s",
		      row->name, row->script, row->want, said);
}
