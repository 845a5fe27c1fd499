/* lists - pages of incidents, messages and silences: read in one way, whether they are shown as JSON,
 * as text or as a page of the dashboard. The parameters are those of the route. Any thread. DESIGN 9. */
#ifndef DRIFT_LISTS_H
#define DRIFT_LISTS_H

#include "base.h"
#include "api/request.h"

/** Rows of a page where no limit is given. */
#define LISTS_PAGE_DEFAULT 100

/** Longest notification that is shown with what it says; and of one page together. */
#define LISTS_CONTENT_MAX_BYTES ((size_t)256 * 1024)
#define LISTS_CONTENTS_MAX_BYTES ((size_t)4 * 1024 * 1024)

/** Messages shown with an incident. */
#define LISTS_MESSAGES_MAX 50

/** Start with {0}; end with list_page_done(). */
struct list_page {
	GPtrArray *rows; /* struct store_incident *, store_notification * or store_silence * */
	char *cursor;    /* of what follows; NULL: nothing does */
};
void list_page_done(struct list_page *page);

/** status=, target=, limit=, cursor=. DRIFT_ERROR_INVALID: there is no such target, or cursor. */
MUST_CHECK bool lists_read_incidents(const struct request *request, struct list_page *page,
				     GError **error);

/** channel=, state=, limit=, cursor=. With attempts, and what they say, where that is kept. */
MUST_CHECK bool lists_read_notifications(const struct request *request, struct list_page *page,
					 GError **error);

/** all=, limit=, cursor=. */
MUST_CHECK bool lists_read_silences(const struct request *request, struct list_page *page,
				    GError **error);

/** The newest notifications about @p incident, at most LISTS_MESSAGES_MAX, as above. Caller unrefs. */
MUST_CHECK GPtrArray *lists_read_messages(const struct request *request,
					  const struct store_incident *incident, GError **error);

/** Does it hold messages back now? */
bool lists_silence_is_active(const struct store_silence *silence);

/** struct snapshot_window *: borrowed; NULL: none. @p snapshot may be NULL. */
const GPtrArray *lists_windows(const struct snapshot *snapshot);

#endif
