/* credentials_private - for google_call: credentials that stay while a call is under way. Scheduler
 * thread only. */
#ifndef DRIFT_CREDENTIALS_PRIVATE_H
#define DRIFT_CREDENTIALS_PRIVATE_H

#include "google/credentials.h"

/** After credentials_free() a get answers with FAULT_CANCELLED. */
struct credentials *credentials_ref(struct credentials *credentials);
void credentials_unref(struct credentials *credentials);

#endif
