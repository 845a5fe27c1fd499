/* render - the bodies of /status, /drift and /drift/{kind}/{name} from a snapshot, in both forms,
 * with entity tags over their facts. Pure: any thread. DESIGN 9. */
#ifndef DRIFT_RENDER_H
#define DRIFT_RENDER_H

#include "base.h"
#include "api/snapshot.h"
#include "json.h"

/** What is shown of the targets that were asked for. */
struct render_page {
	const GPtrArray *items;  /* const struct verdict *, in order */
	int64_t selected;        /* on all pages together */
	const char *next_cursor; /* NULL: this is the last page */
};

/** Every result is NUL-terminated; the caller frees it. */
char *render_status_json(const struct snapshot *snapshot);
char *render_status_text(const struct snapshot *snapshot);
char *render_drift_json(const struct snapshot *snapshot, const struct render_page *page);
char *render_drift_text(const struct snapshot *snapshot, const struct render_page *page);
char *render_target_json(const struct snapshot *snapshot, const struct verdict *verdict);
char *render_target_text(const struct snapshot *snapshot, const struct verdict *verdict);

/** W/"…": the same as long as the facts are. */
char *render_status_etag(const struct snapshot *snapshot, bool text);
char *render_drift_etag(const struct snapshot *snapshot, const struct render_page *page, bool text);
char *render_target_etag(const struct snapshot *snapshot, const struct verdict *verdict, bool text);

/** Sixteen hexadecimal digits of what pages show: facts as of the entity tags, and all incidents that
 * are not over. After the bodies are made. */
void render_fact(const struct snapshot *snapshot, char ret_fact[17]);

/** What /events tells of a snapshot with its fact: JSON of one line. */
char *render_event_json(const struct snapshot *snapshot);

/** "overall","score","evaluated","targets_total","counts": what every summary begins with. */
void render_add_tally(json_object *object, const struct tally *tally);

/** {"id","trigger","started_at","duration_ms","next_at"}. Caller owns. */
json_object *render_check_json(const struct check_status *check);

#endif
