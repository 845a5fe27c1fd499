/* incident_step - what one moment does to an incident; see incident.h. Finds out first whether
 * anything changes, so that a quiet moment costs no memory. */
#include "alert/incident.h"

#include <string.h>

#include "text.h"

/* What is to be done to an open incident. */
struct finding {
	bool drift;       /* blindness has become drift */
	bool codes;       /* there are codes it has not had */
	bool summary;     /* it reads otherwise now */
	bool ack_expired; /* nobody looks after it any more */
	enum priority priority;
};

static bool has_code(const struct incident *incident, const char *code)
{
	for (guint i = 0; i < incident->codes->len; i++) {
		if (strcmp(incident->codes->pdata[i], code) == 0)
			return true;
	}
	return false;
}

static bool has_new_code(const struct incident *incident, const struct incident_facts *facts)
{
	for (const char *const *code = facts->codes; code && *code; code++) {
		if (incident->codes->len < INCIDENT_CODES_MAX && !has_code(incident, *code))
			return true;
	}
	return false;
}

static void add_codes(struct incident *incident, const struct incident_facts *facts,
		      GString *ret_new)
{
	for (const char *const *code = facts->codes; code && *code; code++) {
		if (incident->codes->len >= INCIDENT_CODES_MAX || has_code(incident, *code))
			continue;
		g_ptr_array_add(incident->codes, g_strdup(*code));
		if (ret_new)
			g_string_append_printf(ret_new, "%s%s", ret_new->len > 0 ? ", " : "",
					       *code);
	}
}

static enum priority configured(const struct incident_facts *facts)
{
	return facts->priority == PRIORITY_NONE ? PRIORITY_P1 : facts->priority;
}

static bool escalates_by_commits(const struct incident_facts *facts)
{
	return facts->escalate_commits > 0 && facts->undeployed > facts->escalate_commits;
}

static bool escalates_by_age(const struct incident_facts *facts, int64_t now_wall_ms)
{
	return facts->escalate_after_ms > 0 && facts->oldest_wall_ms > 0 &&
	       now_wall_ms - facts->oldest_wall_ms > facts->escalate_after_ms;
}

enum priority incident_priority(const struct incident_facts *facts, int64_t now_wall_ms)
{
	enum priority priority = configured(facts);

	/* what is pending, a rollout say, is on its way already */
	if (facts->state != STATE_DRIFT || priority == PRIORITY_P0 ||
	    (!escalates_by_commits(facts) && !escalates_by_age(facts, now_wall_ms)))
		return priority;
	return priority == PRIORITY_P2 ? PRIORITY_P1 : PRIORITY_P0;
}

static enum incident_cause confirmed_cause(const struct incident_facts *facts,
					   const struct incident_rules *rules)
{
	if (facts->state == STATE_DRIFT)
		return INCIDENT_CAUSE_DRIFT;
	if (facts->state == STATE_UNKNOWN && facts->blind_for_ms >= 0 &&
	    facts->blind_for_ms >= rules->unknown_after_ms)
		return INCIDENT_CAUSE_BLIND;
	return INCIDENT_CAUSE_NONE;
}

bool incident_time_passed(int64_t at_wall_ms, int64_t after_ms, int64_t now_wall_ms)
{
	return now_wall_ms - at_wall_ms >= after_ms || at_wall_ms - now_wall_ms > after_ms;
}

static bool ack_has_expired(const struct incident *incident, int64_t now_wall_ms)
{
	return incident->status == INCIDENT_STATUS_ACKNOWLEDGED &&
	       incident->ack_expires_wall_ms > 0 &&
	       incident_time_passed(incident->acknowledged_wall_ms,
				    incident->ack_expires_wall_ms - incident->acknowledged_wall_ms,
				    now_wall_ms);
}

static enum incident_cause cause_of_state(enum state state)
{
	if (state == STATE_DRIFT)
		return INCIDENT_CAUSE_DRIFT;
	return state == STATE_UNKNOWN ? INCIDENT_CAUSE_BLIND : INCIDENT_CAUSE_NONE;
}

static bool reads_otherwise(const struct incident *incident, const struct incident_facts *facts)
{
	if (facts->mark != 0)
		return facts->mark != incident->mark;
	return facts->summary && g_strcmp0(facts->summary, incident->summary) != 0;
}

/* False: nothing. */
static bool find(const struct incident *incident, const struct incident_facts *facts,
		 int64_t now_wall_ms, struct finding *ret_finding)
{
	enum incident_cause cause = cause_of_state(facts->state);
	enum priority priority = incident_priority(facts, now_wall_ms);
	struct finding finding = {
		.drift = cause == INCIDENT_CAUSE_DRIFT && incident->cause == INCIDENT_CAUSE_BLIND,
		.codes = cause == incident->cause && has_new_code(incident, facts),
		.summary = reads_otherwise(incident, facts),
		.ack_expired = ack_has_expired(incident, now_wall_ms),
		.priority = priority < incident->priority ? priority : PRIORITY_NONE,
	};

	*ret_finding = finding;
	return finding.drift || finding.codes || finding.summary || finding.ack_expired ||
	       finding.priority != PRIORITY_NONE;
}

static void replace(char **text, char *with)
{
	g_free(*text);
	*text = with;
}

static void say(GString *worse, const char *format, ...) PRINTF_LIKE(2, 3);

static void say(GString *worse, const char *format, ...)
{
	va_list args;

	if (worse->len > 0)
		g_string_append(worse, "; ");
	va_start(args, format);
	g_string_append_vprintf(worse, format, args);
	va_end(args);
}

static void raise_priority(struct incident *next, const struct incident_facts *facts,
			   enum priority priority, int64_t now_wall_ms, GString *worse)
{
	g_autofree char *age = text_age(facts->escalate_after_ms);

	next->priority = priority;
	if (priority == configured(facts))
		say(worse, "%s now", priority_text(priority));
	else if (escalates_by_commits(facts))
		say(worse, "%s now: more than %" PRId64 " undeployed commit%s",
		    priority_text(priority), facts->escalate_commits,
		    facts->escalate_commits == 1 ? "" : "s");
	else if (escalates_by_age(facts, now_wall_ms))
		say(worse, "%s now: undeployed for more than %s", priority_text(priority), age);
}

static void forget_ack(struct incident *next)
{
	next->status = INCIDENT_STATUS_OPEN;
	next->acknowledged_wall_ms = 0;
	next->ack_expires_wall_ms = 0;
	replace(&next->acknowledged_by, NULL);
	replace(&next->why, NULL);
}

static void expire_ack(struct incident *next, int64_t now_wall_ms, GString *worse)
{
	g_autofree char *age = text_age(now_wall_ms - next->acknowledged_wall_ms);

	say(worse, "acknowledged by %s %s ago, still there",
	    next->acknowledged_by ? next->acknowledged_by : "somebody", age);
	forget_ack(next);
}

static void take_codes(struct incident *next, const struct incident_facts *facts,
		       const struct finding *finding, GString *worse)
{
	g_autoptr(GString) fresh = g_string_new(NULL);

	if (finding->drift) {
		next->cause = INCIDENT_CAUSE_DRIFT;
		g_ptr_array_set_size(next->codes, 0);
		add_codes(next, facts, NULL);
		say(worse, "drift found where it could not be told before");
	} else if (finding->codes) {
		add_codes(next, facts, fresh);
		/* blind is blind: a timeout that becomes a refusal, or expires, is no news */
		if (next->cause == INCIDENT_CAUSE_DRIFT)
			say(worse, "also %s", fresh->str);
	}
}

static void take_summary(struct incident *next, const struct incident_facts *facts)
{
	next->mark = facts->mark;
	if (facts->summary)
		replace(&next->summary, g_strdup(facts->summary));
}

static void set_worse(struct incident *next, GString *worse)
{
	next->version++;
	replace(&next->worse, g_strdup(worse->str));
}

static enum incident_change change_open(const struct incident *now_is,
					const struct incident_facts *facts, int64_t now_wall_ms,
					struct incident **ret_incident)
{
	g_autoptr(GString) worse = NULL;
	struct finding finding = {0};
	struct incident *next;
	bool is_worse;

	if (!find(now_is, facts, now_wall_ms, &finding))
		return INCIDENT_CHANGE_NONE;
	worse = g_string_new(NULL);
	next = incident_copy(now_is);
	take_codes(next, facts, &finding, worse);
	if (finding.priority != PRIORITY_NONE)
		raise_priority(next, facts, finding.priority, now_wall_ms, worse);
	is_worse = worse->len > 0;
	if (finding.summary)
		take_summary(next, facts);
	if (finding.ack_expired)
		expire_ack(next, now_wall_ms, worse);
	if (worse->len > 0)
		set_worse(next, worse);
	*ret_incident = next;
	if (is_worse)
		return INCIDENT_CHANGE_WORSE;
	return finding.ack_expired ? INCIDENT_CHANGE_ACK_EXPIRED : INCIDENT_CHANGE_UPDATED;
}

static enum incident_change end(const struct incident *now_is, enum incident_status status,
				int64_t now_wall_ms, struct incident **ret_incident)
{
	struct incident *next = incident_copy(now_is);

	next->status = status;
	/* a clock that was set back: nothing ends before it was there */
	next->ended_wall_ms = MAX(now_wall_ms, next->detected_wall_ms);
	next->ack_expires_wall_ms = 0;
	replace(&next->held_by, NULL);
	*ret_incident = next;
	return status == INCIDENT_STATUS_RESOLVED ? INCIDENT_CHANGE_RESOLVED
						  : INCIDENT_CHANGE_WITHDRAWN;
}

static enum incident_change step_open(const struct incident *now_is,
				      const struct incident_facts *facts, int64_t now_wall_ms,
				      struct incident **ret_incident)
{
	switch (facts->state) {
	case STATE_NONE:
	case STATE_PAUSED:
		return end(now_is, INCIDENT_STATUS_WITHDRAWN, now_wall_ms, ret_incident);
	case STATE_OK:
		return end(now_is, INCIDENT_STATUS_RESOLVED, now_wall_ms, ret_incident);
	case STATE_PENDING:
	case STATE_UNKNOWN:
	case STATE_DRIFT:
		break;
	}
	return change_open(now_is, facts, now_wall_ms, ret_incident);
}

static enum incident_change open_new(const struct incident_facts *facts, enum incident_cause cause,
				     int64_t now_wall_ms, struct incident **ret_incident)
{
	struct incident *next = incident_create();

	next->target = g_strdup(facts->id);
	next->priority = incident_priority(facts, now_wall_ms);
	next->cause = cause;
	next->status = INCIDENT_STATUS_OPEN;
	next->version = 1;
	next->detected_wall_ms = now_wall_ms;
	next->opened_wall_ms =
		facts->began_wall_ms > 0 ? MIN(facts->began_wall_ms, now_wall_ms) : now_wall_ms;
	add_codes(next, facts, NULL);
	take_summary(next, facts);
	if (!next->summary)
		next->summary = g_strdup("");
	*ret_incident = next;
	return INCIDENT_CHANGE_OPENED;
}

/* Those who were told have been told of its end as well: version 0 says that they know it from
 * before only. */
static void forget_told(struct incident *next)
{
	for (guint i = 0; i < next->told->len; i++)
		((struct incident_told *)next->told->pdata[i])->version = 0;
}

static enum incident_change reopen(const struct incident *now_is,
				   const struct incident_facts *facts, enum incident_cause cause,
				   int64_t now_wall_ms, struct incident **ret_incident)
{
	struct incident *next = incident_copy(now_is);

	forget_ack(next);
	forget_told(next);
	next->ended_wall_ms = 0;
	next->reopened++;
	next->version++;
	replace(&next->worse, NULL);
	next->priority = MIN(next->priority, incident_priority(facts, now_wall_ms));
	if (next->cause != cause)
		g_ptr_array_set_size(next->codes, 0);
	next->cause = cause;
	add_codes(next, facts, NULL);
	take_summary(next, facts);
	*ret_incident = next;
	return INCIDENT_CHANGE_REOPENED;
}

static bool may_reopen(const struct incident *now_is, const struct incident_rules *rules,
		       int64_t now_wall_ms)
{
	int64_t age_ms = now_wall_ms - now_is->ended_wall_ms;

	return now_is->status == INCIDENT_STATUS_RESOLVED && age_ms < rules->reopen_within_ms &&
	       age_ms > -rules->reopen_within_ms;
}

enum incident_change incident_step(const struct incident *now_is,
				   const struct incident_facts *facts,
				   const struct incident_rules *rules, int64_t now_wall_ms,
				   struct incident **ret_incident)
{
	enum incident_cause cause;

	*ret_incident = NULL;
	if (now_is && !incident_is_over(now_is))
		return step_open(now_is, facts, now_wall_ms, ret_incident);
	cause = confirmed_cause(facts, rules);
	if (cause == INCIDENT_CAUSE_NONE)
		return INCIDENT_CHANGE_NONE;
	if (now_is && may_reopen(now_is, rules, now_wall_ms))
		return reopen(now_is, facts, cause, now_wall_ms, ret_incident);
	return open_new(facts, cause, now_wall_ms, ret_incident);
}

enum incident_change incident_tick(const struct incident *now_is, int64_t now_wall_ms,
				   struct incident **ret_incident)
{
	g_autoptr(GString) worse = NULL;
	struct incident *next;

	*ret_incident = NULL;
	if (incident_is_over(now_is) || !ack_has_expired(now_is, now_wall_ms))
		return INCIDENT_CHANGE_NONE;
	worse = g_string_new(NULL);
	next = incident_copy(now_is);
	expire_ack(next, now_wall_ms, worse);
	set_worse(next, worse);
	*ret_incident = next;
	return INCIDENT_CHANGE_ACK_EXPIRED;
}
