/* gcp_access - see gcp_access.h */
#include "source/gcp_access.h"

#include <sys/stat.h>

static void access_clear(void *data)
{
	struct gcp_access *access = data;

	credentials_free(access->credentials); /* before what it borrows */
	g_free(access->gcp.name);
	g_free(access->gcp.project);
	g_strfreev(access->gcp.regions);
	g_free(access->gcp.credentials_file);
	g_free(access->gcp.credentials_token);
	g_free(access->gcp.run_endpoint);
	g_free(access->gcp.functions_endpoint);
	g_free(access->gcp.storage_endpoint);
	g_free(access->gcp.token_endpoint);
	g_free(access->file_state);
}

static void access_unref(void *data)
{
	g_rc_box_release_full(data, access_clear);
}

/* A key that was replaced under its old name is another key. */
static char *file_state(const struct config_gcp *gcp)
{
	struct stat status = {0};

	if (!gcp->credentials_file || stat(gcp->credentials_file, &status) != 0)
		return NULL;
	return g_strdup_printf("%ju:%ju:%jd:%jd.%09ld", (uintmax_t)status.st_dev,
			       (uintmax_t)status.st_ino, (intmax_t)status.st_size,
			       (intmax_t)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

static struct gcp_access *access_create(struct http_client *client, const struct config_gcp *gcp)
{
	struct gcp_access *access = g_rc_box_new0(struct gcp_access);

	access->gcp.name = g_strdup(gcp->name);
	access->gcp.project = g_strdup(gcp->project);
	access->gcp.regions = g_strdupv(gcp->regions);
	access->gcp.credentials = gcp->credentials;
	access->gcp.credentials_file = g_strdup(gcp->credentials_file);
	access->gcp.credentials_token = g_strdup(gcp->credentials_token);
	access->gcp.report_unwatched = gcp->report_unwatched;
	access->gcp.run_endpoint = g_strdup(gcp->run_endpoint);
	access->gcp.functions_endpoint = g_strdup(gcp->functions_endpoint);
	access->gcp.storage_endpoint = g_strdup(gcp->storage_endpoint);
	access->gcp.token_endpoint = g_strdup(gcp->token_endpoint);
	access->file_state = file_state(gcp);
	access->credentials = credentials_create(client, &access->gcp);
	return access;
}

static struct gcp_access *find(const GPtrArray *list, const char *name)
{
	for (guint i = 0; list && i < list->len; i++) {
		struct gcp_access *access = list->pdata[i];

		if (g_strcmp0(access->gcp.name, name) == 0)
			return access;
	}
	return NULL;
}

/* Would credentials made from gcp be the same? Project and endpoints of the APIs do not matter. */
static bool still_fits(const struct gcp_access *access, const struct config_gcp *gcp)
{
	g_autofree char *state = file_state(gcp);

	return access->gcp.credentials == gcp->credentials &&
	       g_strcmp0(access->gcp.credentials_file, gcp->credentials_file) == 0 &&
	       g_strcmp0(access->gcp.credentials_token, gcp->credentials_token) == 0 &&
	       g_strcmp0(access->gcp.token_endpoint, gcp->token_endpoint) == 0 &&
	       g_strcmp0(access->file_state, state) == 0;
}

GPtrArray *gcp_access_list(struct http_client *client, const struct config *config,
			   const GPtrArray *before)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(access_unref);

	for (guint i = 0; i < config->gcps->len; i++) {
		const struct config_gcp *gcp = config->gcps->pdata[i];
		struct gcp_access *old = find(before, gcp->name);

		g_ptr_array_add(list, old && still_fits(old, gcp) ? g_rc_box_acquire(old)
								  : access_create(client, gcp));
	}
	return list;
}

struct credentials *gcp_access_find(const GPtrArray *list, const char *name)
{
	struct gcp_access *access = find(list, name);

	return access ? access->credentials : NULL;
}
