/* book_scope - to whom an incident belongs: routes, who was told, when it is time for a reminder. */
#include "alert/book_private.h"

#include <string.h>

#define REPO_PREFIX "repo/"

/* Without the subject the kind is what its id begins with. */
static const char *kind_of_id(const char *id)
{
	for (int kind = TARGET_KIND_SERVICE; kind < TARGET_KIND_COUNT; kind++) {
		const char *text = target_kind_text((enum target_kind)kind);

		if (g_str_has_prefix(id, text) && id[strlen(text)] == '/')
			return text;
	}
	return g_str_has_prefix(id, REPO_PREFIX) ? "repo" : "";
}

struct matcher_subject book_scope(const struct incident *incident,
				  const struct book_subject *subject,
				  const struct book_entry *entry)
{
	return (struct matcher_subject){
		.id = incident->target,
		.kind = subject ? subject->kind : kind_of_id(incident->target),
		.priority = priority_text(incident->priority),
		.owner = subject ? subject->owner
			 : entry ? entry->owner
				 : NULL,
	};
}

static bool has_repo(const struct config *config, const char *name)
{
	for (guint i = 0; i < config->repos->len; i++) {
		if (strcmp(((const struct config_repo *)config->repos->pdata[i])->name, name) == 0)
			return true;
	}
	return false;
}

bool book_scope_by_config(const struct incident *incident, const struct config *config,
			  struct matcher_subject *ret_scope)
{
	const struct config_target *target = config_find_target(config, incident->target);
	bool is_repo = g_str_has_prefix(incident->target, REPO_PREFIX);

	if (!target && (!is_repo || !has_repo(config, incident->target + strlen(REPO_PREFIX))))
		return false;
	*ret_scope = book_scope(incident, NULL, NULL);
	ret_scope->owner = target ? target->owner : NULL;
	return true;
}

bool book_is_routed(const struct config_channel *channel, const struct matcher_subject *scope)
{
	if (!channel->routes[0])
		return true;
	for (struct matcher *const *route = channel->routes; *route; route++) {
		if (matcher_matches(*route, scope))
			return true;
	}
	return false;
}

bool book_was_told(const struct incident *incident, const char *channel)
{
	for (guint i = 0; i < incident->told->len; i++) {
		const struct incident_told *told = incident->told->pdata[i];

		if (told->version > 0 && (!channel || strcmp(told->channel, channel) == 0))
			return true;
	}
	return false;
}

/* When anybody was told last; -1: nobody was. */
static int64_t told_last(const struct incident *incident)
{
	int64_t last = -1;

	for (guint i = 0; i < incident->told->len; i++) {
		const struct incident_told *told = incident->told->pdata[i];

		if (told->version > 0)
			last = MAX(last, told->wall_ms);
	}
	return last;
}

bool book_keeps_state(const struct config_channel *channel)
{
	return channel->kind == CHANNEL_KIND_ALERTMANAGER || channel->kind == CHANNEL_KIND_GITHUB;
}

int64_t book_reminder_due(const struct incident *incident, const struct config_channel *channel,
			  int64_t now_wall_ms)
{
	const struct incident_told *told = incident_find_told(incident, channel->id);
	bool was_told = told && told->version > 0;
	int64_t from = was_told ? told->wall_ms : told_last(incident);

	if (incident->status != INCIDENT_STATUS_OPEN || from < 0 || channel->remind_every_ms <= 0)
		return INT64_MAX;
	if (book_keeps_state(channel) && was_told)
		return INT64_MAX;
	if (incident_time_passed(from, channel->remind_every_ms, now_wall_ms))
		return MIN(from + channel->remind_every_ms, now_wall_ms);
	return from + channel->remind_every_ms;
}
