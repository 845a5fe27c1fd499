/* pages - the pages of the dashboard: each is the HTML form of a route, beside JSON and text. Any
 * thread; see router.h for what they get. */
#ifndef DRIFT_PAGES_H
#define DRIFT_PAGES_H

#include "base.h"
#include "api/request.h"
#include "api/response.h"

/* overview.c: GET / */
bool page_overview(const struct request *request, struct response *response, GError **error);

/* target_page.c: GET /drift/{kind}/{name} and /drift/{name} */
bool page_target(const struct request *request, struct response *response, GError **error);
bool page_target_name(const struct request *request, struct response *response, GError **error);

/** What their span= may be: how far back they look. NULL-terminated. */
extern const char *const target_page_spans[];

/* incidents_page.c, incident_page.c */
bool page_incidents(const struct request *request, struct response *response, GError **error);
bool page_incident(const struct request *request, struct response *response, GError **error);

/* notifications_page.c, silences_page.c, config_page.c, docs_page.c */
bool page_notifications(const struct request *request, struct response *response, GError **error);
bool page_silences(const struct request *request, struct response *response, GError **error);
bool page_config(const struct request *request, struct response *response, GError **error);
bool page_docs(const struct request *request, struct response *response, GError **error);

/** problem_page.c: what went wrong, where a browser asked. Replaces the answer that is in @p response. */
void page_problem(const struct request *request, struct response *response);

#endif
