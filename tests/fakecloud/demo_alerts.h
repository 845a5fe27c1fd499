/* demo_alerts - where the demo's messages go: two Slack channels of the stand-in, and a maintenance
 * window. */
#ifndef FAKECLOUD_DEMO_ALERTS_H
#define FAKECLOUD_DEMO_ALERTS_H

#include "base.h"

/** Keys of [driftd] that alerts need. */
void demo_alerts_driftd(GString *text);

/** Sections of the configuration. @p origin: of the stand-in, "http://127.0.0.1:PORT". */
void demo_alerts_config(GString *text, const char *origin);

#endif
