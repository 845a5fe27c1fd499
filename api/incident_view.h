/* incident_view - incidents as the API shows them, as JSON and as text. Pure: any thread. DESIGN 9. */
#ifndef DRIFT_INCIDENT_VIEW_H
#define DRIFT_INCIDENT_VIEW_H

#include "alert/incident.h"
#include "base.h"
#include "json.h"
#include "store/store.h"

/** What is a list in @p row, its codes and whom was told, and nothing else of it: empty where the text
 * says nothing. Caller frees. */
struct incident *incident_view_lists(const struct store_incident *row);

/** Caller owns. */
json_object *incident_view_json(const struct store_incident *incident);

/** A line for each of @p incidents (struct store_incident *), with titles above. Caller frees. */
char *incident_view_table(const GPtrArray *incidents);

/** One in full. Caller frees. */
char *incident_view_text(const struct store_incident *incident);

#endif
