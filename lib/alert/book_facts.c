/* book_facts - what a verdict, or a repository's error, means for an incident. */
#include "alert/book_private.h"

#include <string.h>

/* FNV-1a, 64 bits, by eight bytes at a time: it is made of every open incident in every round. */
#define HASH_START UINT64_C(0xcbf29ce484222325)
#define HASH_PRIME UINT64_C(0x100000001b3)

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
	hash = (hash ^ number) * HASH_PRIME;
	return hash ^ hash >> 32; /* what the product has above comes down again */
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
	size_t length = strlen(text);

	for (size_t at = 0; at < length; at += sizeof(uint64_t)) {
		uint64_t part = 0;

		memcpy(&part, text + at, MIN(length - at, sizeof(part)));
		hash = hash_number(hash, part);
	}
	return hash_number(hash, length);
}

uint64_t book_facts_mark(const struct book_subject *subject)
{
	const struct verdict *verdict = subject->verdict;
	uint64_t hash = HASH_START;

	if (!verdict) {
		hash = subject->repo_error ? hash_text(hash, subject->repo_error) : hash;
		return MAX(hash, 1);
	}
	hash = hash_number(hash, (uint64_t)verdict->state);
	hash = hash_number(hash, (uint64_t)verdict->relation);
	hash = hash_number(hash, verdict->behind ? (uint64_t)verdict->behind->commits : 0);
	for (guint i = 0; i < verdict->reasons->len; i++) {
		const struct reason *reason = verdict->reasons->pdata[i];

		hash = hash_number(hash, (uint64_t)reason->code);
		hash = hash_number(hash, (uint64_t)reason->state);
		hash = hash_text(hash, reason->message);
	}
	return MAX(hash, 1);
}

static bool lags(const struct verdict *verdict)
{
	return verdict->behind &&
	       (verdict->relation == RELATION_BEHIND || verdict->relation == RELATION_DIVERGED);
}

static struct incident_facts repo_facts(const struct book_subject *subject)
{
	return (struct incident_facts){
		.id = subject->id,
		.priority = subject->priority,
		.state = subject->repo_error ? STATE_UNKNOWN : STATE_OK,
		.began_wall_ms = subject->blind_since_wall_ms,
		.blind_for_ms = subject->repo_error ? subject->blind_for_ms : -1,
	};
}

struct incident_facts book_facts(const struct book_subject *subject)
{
	const struct verdict *verdict = subject->verdict;
	struct incident_facts facts = {
		.id = subject->id,
		.priority = subject->priority,
		.state = STATE_UNKNOWN, /* a target nobody has looked at yet */
		.blind_for_ms = subject->blind_for_ms,
		.escalate_commits = subject->config ? subject->config->escalate_commits : 0,
		.escalate_after_ms = subject->config ? subject->config->escalate_after_ms : 0,
	};

	if (!verdict && !subject->config)
		return repo_facts(subject);
	if (!verdict)
		return facts;
	if (verdict->state != STATE_NONE) /* none would read as removed */
		facts.state = verdict->state;
	facts.began_wall_ms = facts.state == STATE_UNKNOWN && subject->blind_since_wall_ms > 0
				      ? subject->blind_since_wall_ms
				      : verdict->since_wall_ms;
	if (!lags(verdict))
		return facts;
	facts.undeployed = verdict->behind->commits;
	facts.oldest_wall_ms = verdict->behind->since_wall_ms;
	if (facts.state == STATE_DRIFT && verdict->behind->since_wall_ms > 0)
		facts.began_wall_ms = MIN(facts.began_wall_ms, verdict->behind->since_wall_ms);
	return facts;
}

const char **book_facts_codes(const struct book_subject *subject)
{
	const struct verdict *verdict = subject->verdict;
	g_autoptr(GPtrArray) codes = g_ptr_array_new();

	if (!verdict && subject->repo_error)
		g_ptr_array_add(codes, (gpointer)(uintptr_t)reason_code_text(REASON_FETCH_FAILED));
	for (guint i = 0; verdict && i < verdict->reasons->len; i++) {
		const struct reason *reason = verdict->reasons->pdata[i];

		/* words are static: nobody writes through the array */
		if (reason->state == verdict->state && reason->code != REASON_NONE)
			g_ptr_array_add(codes, (gpointer)(uintptr_t)reason_code_text(reason->code));
	}
	g_ptr_array_add(codes, NULL);
	return (const char **)(void *)g_ptr_array_free(g_steal_pointer(&codes), FALSE);
}

char *book_facts_summary(const struct book_subject *subject, int64_t now_wall_ms)
{
	if (subject->verdict)
		return verdict_summary(subject->verdict, now_wall_ms);
	return g_strdup(subject->repo_error ? subject->repo_error : "");
}
