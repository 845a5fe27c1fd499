/* handle_asset - GET /assets/{hash}/{file}: what the pages of the dashboard load. */
#include "api/handlers.h"

#include <string.h>

#include "api/dashboard/assets.h"
#include "drift_error.h"

bool handle_asset(const struct request *request, struct response *response, GError **error)
{
	const struct asset *asset =
		strcmp(request->parts[0], assets_hash) == 0 ? assets_find(request->parts[1]) : NULL;

	if (!asset) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
			    "there is no file %s of this build of the dashboard: load the page "
			    "again",
			    request->parts[1]);
		return false;
	}
	response->status = 200;
	response->content_type = asset->content_type;
	response->asset = asset;
	return true;
}
