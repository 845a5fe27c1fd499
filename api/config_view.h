/* config_view - the configuration in force as the API and its page show it. Any thread. DESIGN 5. */
#ifndef DRIFT_CONFIG_VIEW_H
#define DRIFT_CONFIG_VIEW_H

#include "api/request.h"
#include "base.h"
#include "json.h"

/** Start with config_view_open(), end with config_view_done(). */
struct config_view {
	struct config *config;     /* in force; a reference */
	struct snapshot *snapshot; /* NULL: none yet */
	const char *error; /* why the files, as they are now, are not in force; NULL. Borrowed */
	const char *part;  /* q=; NULL. Borrowed of the request */
};
struct config_view config_view_open(const struct request *request);
void config_view_done(struct config_view *view);

/**
 * {"files","loaded_at","error","warnings","sections"}: what driftd config --json prints, and more.
 * Secrets are not in it.
 *
 * @param max           sections; 0: all.
 * @param ret_left_out  how many there are beyond; may be NULL.
 * @return caller owns.
 */
json_object *config_view_json(const struct config_view *view, size_t max, size_t *ret_left_out);

/** What driftd config prints, below what is wrong. Caller frees. */
char *config_view_text(const struct config_view *view);

#endif
