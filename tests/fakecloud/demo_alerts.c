/* demo_alerts - see demo_alerts.h */
#include "tests/fakecloud/demo_alerts.h"

void demo_alerts_driftd(GString *text)
{
	g_string_append(text, "public-url = http://localhost:8080\n"
			      "timezone = America/New_York\n"
			      "unknown-after = 1m\n");
}

void demo_alerts_config(GString *text, const char *origin)
{
	g_string_append_printf(text,
			       "[slack \"team\"]\n"
			       "webhook = %s/slack/services/T0ACME/B0DEMO/team\n"
			       "route = kind=service\n"
			       "route = kind=repo\n"
			       "remind-every = 30m\n\n",
			       origin);
	g_string_append_printf(text,
			       "[slack \"data\"]\n"
			       "webhook = %s/slack/services/T0ACME/B0DEMO/data\n"
			       "route = kind=table\n"
			       "route = kind=completion\n"
			       "route = kind=inventory\n"
			       "route = kind=assert\n"
			       "route = kind=backup\n"
			       "digest = 0 6 * * *\n"
			       "digest-when-ok = true\n\n",
			       origin);
	g_string_append(text, "[window \"night-loads\"]\n"
			      "start = 0 2 * * * America/New_York\n"
			      "duration = 90m\n"
			      "matcher = kind=table\n"
			      "matcher = kind=completion\n\n");
}
