/* handlers - what the stand-in cloud serves, one function per family of paths. Each sets the reply
 * and returns true, or returns false when the path is none of its own. Called without the lock. */
#ifndef FAKECLOUD_HANDLERS_H
#define FAKECLOUD_HANDLERS_H

#include "tests/fakecloud/cloud.h"
#include "tests/fakecloud/reply.h"

/** /_control/…: see control.c for its paths. */
bool serve_control(struct cloud *cloud, const struct request *request, struct reply *reply);

/** /token, /v1/token, …:generateAccessToken (API-FACTS A). */
bool serve_tokens(struct cloud *cloud, struct request *request, struct reply *reply);

/** /computeMetadata/v1/… (API-FACTS A.6). */
bool serve_metadata(struct cloud *cloud, struct request *request, struct reply *reply);

/** /v2/projects/… of Cloud Run and Cloud Functions (API-FACTS B). */
bool serve_run(struct cloud *cloud, struct request *request, struct reply *reply);

/** /storage/v1/… (API-FACTS E). */
bool serve_storage(struct cloud *cloud, struct request *request, struct reply *reply);

/** /bigquery/v2/… (API-FACTS C). */
bool serve_bigquery(struct cloud *cloud, struct request *request, struct reply *reply);

/** /v1/projects/P/databases/… of Firestore (API-FACTS D). */
bool serve_firestore(struct cloud *cloud, struct request *request, struct reply *reply);

/** /slack/services/T…/B…/… of Slack (API-FACTS G). */
bool serve_slack(struct cloud *cloud, struct request *request, struct reply *reply);

/** /webhook/NAME */
bool serve_webhooks(struct cloud *cloud, struct request *request, struct reply *reply);

/** /github/repos/O/R/issues… (API-FACTS H.2). */
bool serve_github(struct cloud *cloud, struct request *request, struct reply *reply);

/** /oidc/… (API-FACTS F). */
bool serve_oidc(struct cloud *cloud, struct request *request, struct reply *reply);

/** /target/NAME/… */
bool serve_targets(struct cloud *cloud, struct request *request, struct reply *reply);

/** /git/REPO.git/… by git http-backend. */
bool serve_git(struct cloud *cloud, struct request *request, struct reply *reply);

/**
 * Is the request allowed to call a Google API? Sets a 401 of shape A and returns false when not.
 * Takes the lock.
 */
bool auth_check(struct cloud *cloud, const struct request *request, struct reply *reply);

/** Register @p email with a PEM public key. Takes the lock. Returns false when it is no RSA key. */
bool auth_register(struct cloud *cloud, const char *email, const char *pem);

/** Make a key pair for @p email, register it, and return its service account key file. Caller
 * frees. */
char *auth_make_key_file(struct cloud *cloud, const char *email);

#endif
