/* parts - what the pages with lists are made of: filters, pagers, forms, incidents and messages in one
 * way everywhere. Pure but for the request they read: any thread. */
#ifndef DRIFT_DASHBOARD_PARTS_H
#define DRIFT_DASHBOARD_PARTS_H

#include "api/request.h"
#include "base.h"
#include "store/store.h"

/** The value of an href: this page with @p name as @p value (NULL: without it), all other filters as
 * they are, from the first row on. */
void parts_address(GString *to, const struct request *request, const char *name, const char *value);

/** A filter: a link that sets @p name to @p value (NULL: takes it away), marked where that is so. */
void parts_chip(GString *to, const struct request *request, const char *name, const char *value,
		const char *label);

/** Links to the newest rows and those behind @p cursor (NULL: nothing follows). */
void parts_pager(GString *to, const struct request *request, const char *cursor);

/** "open", "acknowledged", …, "sent", "failed": a word that stands out. */
void parts_word(GString *to, const char *word);

/** A term and what it is, of a list of facts; @p text from outside. NULL: nothing at all. */
void parts_fact(GString *to, const char *term, const char *text);
/** The same of an instant, how long ago, and the instant itself; 0: nothing at all. */
void parts_fact_time(GString *to, const char *term, int64_t wall_ms, int64_t now_wall_ms);

/** A cell of a table, which says on phones what it is: whatever comes between both is one thing. */
void parts_cell(GString *to, const char *label);
void parts_cell_end(GString *to);

/** Links to the incidents that a JSON array of ids names. */
void parts_incident_links(GString *to, const char *ids);

/** Hidden and visible fields: who, and, unless @p why is NULL, why, with that as its label. @p id makes
 * theirs unique. */
void parts_who(GString *to, const char *id);
void parts_why(GString *to, const char *id, const char *label, bool is_required);
/** How long, as a choice. */
void parts_duration(GString *to, const char *id);
/** The button, and the place where it is said what went wrong. */
void parts_submit(GString *to, const char *label, bool is_primary);

/** What can be done about @p incident: forms that scripts send. Nothing for what nothing can be done
 * about. */
void parts_respond(GString *to, const struct store_incident *incident);

/** A table of @p rows, struct store_notification *, each with its attempts and what it says, about the
 * incident @p about or, where that is 0, about all. */
void parts_messages(GString *to, const GPtrArray *rows, int64_t about, int64_t now_wall_ms);

#endif
