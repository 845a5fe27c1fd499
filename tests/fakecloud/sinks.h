/* sinks - what was posted to the stand-ins of Slack, of a webhook receiver and of GitHub's issues,
 * and the keys of the stand-in OIDC issuer. Under the cloud's lock, unless it says otherwise. */
#ifndef FAKECLOUD_SINKS_H
#define FAKECLOUD_SINKS_H

#include "tests/fakecloud/cloud.h"
#include "tests/fakecloud/reply.h"

struct issuer;

/** Something that arrived, as the control API shows it. */
struct record {
	int64_t seq;   /* 1, 2, … within its list */
	char *channel; /* whose it is */
	char *line;    /* JSON object on one line */
};

/** Records in the order of arrival; reset forgets them and goes on counting. */
struct records {
	GPtrArray *list; /* struct record * */
	int64_t last_seq;
};

struct sinks {
	struct records slack;    /* messages that Slack took */
	struct records webhooks; /* deliveries */
	struct records attempts; /* every request to a sink, taken or not, with what was answered */
	GHashTable *receivers;   /* NAME -> json_object * of control: {"secret","status"} */
	GHashTable *repos;       /* "O/R" -> struct github_repo * */
	struct issuer *issuer;   /* issuer.h */
};

struct sinks *sinks_create(void);
void sinks_free(struct sinks *sinks);
void sinks_reset(struct sinks *sinks);

/** Add @p taken as the next record of @p channel, with "seq", "channel", "at_ms" and "at". Borrowed. */
const struct record *records_add(struct records *records, const char *channel, json_object *taken);

/** {"count","last","items"} of those behind ?since=, of ?channel=, at most ?limit=; no items with
 * ?items=0. */
void records_reply(const struct records *records, const struct request *request,
		   struct reply *reply);

/** Is @p request one to a sink? Pure. */
bool sinks_is_path(const struct request *request);

/** Note what came of a request that arrived at @p at_ms; status 0: no answer. */
void sinks_note_attempt(struct sinks *sinks, const struct request *request,
			const struct reply *reply, int64_t at_ms);

#endif
