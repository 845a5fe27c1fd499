/* fault_match - which requests are which API's. See faults.h. */
#include "tests/fakecloud/faults.h"

#include <fnmatch.h>
#include <string.h>

static const struct {
	const char *api;
	const char *method; /* NULL: any */
	const char *path;   /* glob; '*' matches '/' */
	const char *except; /* glob of paths that are another API's; NULL: none */
} apis[] = {
	{"bigquery", NULL, "/bigquery/*", NULL},
	{"bigquery.jobs.query", "POST", "/bigquery/v2/projects/*/queries", NULL},
	{"bigquery.jobs.getQueryResults", "GET", "/bigquery/v2/projects/*/queries/*", NULL},
	{"bigquery.jobs.insert", "POST", "/bigquery/v2/projects/*/jobs", NULL},
	{"bigquery.jobs.get", "GET", "/bigquery/v2/projects/*/jobs/*", NULL},
	{"bigquery.jobs.cancel", "POST", "/bigquery/v2/projects/*/jobs/*/cancel", NULL},
	{"bigquery.tables.get", "GET", "/bigquery/v2/projects/*/datasets/*/tables/*", NULL},
	{"bigquery.tables.list", "GET", "/bigquery/v2/projects/*/datasets/*/tables", NULL},
	{"bigquery.datasets.get", "GET", "/bigquery/v2/projects/*/datasets/*", "*/tables*"},
	{"firestore", NULL, "/v1/projects/*/databases/*", NULL},
	{"firestore.documents.batchGet", "POST", "/v1/projects/*/documents:batchGet", NULL},
	{"firestore.documents.get", "GET", "/v1/projects/*/documents/*", NULL},
	{"storage", NULL, "/storage/*", NULL},
	{"storage.objects.list", "GET", "/storage/v1/b/*/o", NULL},
	{"storage.objects.get", "GET", "/storage/v1/b/*/o/*", NULL},
	{"run", NULL, "/v2/projects/*/locations/*", "*/functions*"},
	{"functions", NULL, "/v2/projects/*/locations/*/functions*", NULL},
	{"token", NULL, "/token", NULL},
	{"slack", NULL, "/slack/*", NULL},
	{"webhook", NULL, "/webhook/*", NULL},
	{"github", NULL, "/github/*", NULL},
	{"github.issues.list", "GET", "/github/repos/*/issues", NULL},
	{"github.issues.create", "POST", "/github/repos/*/issues", NULL},
	{"github.issues.get", "GET", "/github/repos/*/issues/*", "*/comments"},
	{"github.issues.update", "PATCH", "/github/repos/*/issues/*", NULL},
	{"github.comments.create", "POST", "/github/repos/*/issues/*/comments", NULL},
	{"github.comments.list", "GET", "/github/repos/*/issues/*/comments", NULL},
	{"oidc", NULL, "/oidc/*", NULL},
};

bool fault_knows_api(const char *api)
{
	for (size_t i = 0; i < G_N_ELEMENTS(apis); i++) {
		if (g_str_equal(apis[i].api, api))
			return true;
	}
	return false;
}

bool fault_fits_api(const struct request *request, const char *api)
{
	for (size_t i = 0; i < G_N_ELEMENTS(apis); i++) {
		if (!g_str_equal(apis[i].api, api))
			continue;
		if (apis[i].method && !g_str_equal(apis[i].method, request->method))
			return false;
		if (apis[i].except && fnmatch(apis[i].except, request->path, 0) == 0)
			return false;
		return fnmatch(apis[i].path, request->path, 0) == 0;
	}
	return false;
}
