/* handle_config - GET /config: the configuration in force, without secrets. DESIGN 5. */
#include "api/handlers.h"

#include "api/config_view.h"

bool handle_config(const struct request *request, struct response *response, GError **error)
{
	struct config_view view = config_view_open(request);

	(void)error; /* there is always one in force */
	if (request->wants_text)
		response_set(response, 200, response_text, config_view_text(&view));
	else
		handle_set_json(response, 200, config_view_json(&view, 0, NULL));
	config_view_done(&view);
	return true;
}
