/* metrics - the text of GET /metrics: Prometheus text format 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). Labels are bounded by the number
 * of targets, repositories and APIs; never a commit id. Any thread. */
#ifndef DRIFT_METRICS_H
#define DRIFT_METRICS_H

#include "base.h"
#include "api/app.h"
#include "api/snapshot.h"

/** What a snapshot says. Caller frees. */
char *metrics_render(const struct snapshot *snapshot);

/** What is measured when it is asked for: this process, who waits, what was refused. Caller frees. */
char *metrics_render_process(struct app *app);

/** Value of a label, escaped. Appends. */
void metrics_append_label(GString *to, const char *value);

#endif
