/* notification_view - messages as the API shows them, as JSON and as text. Pure: any thread. DESIGN 9. */
#ifndef DRIFT_NOTIFICATION_VIEW_H
#define DRIFT_NOTIFICATION_VIEW_H

#include "alert/notice.h"
#include "base.h"
#include "json.h"
#include "store/store.h"

/** Things that happened that one message is shown with; of more they are counted. */
#define NOTIFICATION_ITEMS_MAX 20

/** What it says; NULL: that is not kept, or was not read. Caller frees. */
struct notice *notification_view_notice(const struct store_notification *row);

/** Does it still wait to be sent? */
bool notification_view_waits(const struct store_notification *row);

/** Caller owns. */
json_object *notification_view_json(const struct store_notification *row);

/** A line for each of @p rows (struct store_notification *), with titles above. Caller frees. */
char *notification_view_table(const GPtrArray *rows);

#endif
