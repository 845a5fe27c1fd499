/* sources_lab - sources, a configuration and the HTTP server they ask, for tests of collections. */
#ifndef TEST_SOURCES_LAB_H
#define TEST_SOURCES_LAB_H

#include <check.h>
#include <microhttpd.h>
#include <pthread.h>

#include "source/sources.h"

/** A wait that is only ever used up when something is broken. */
#define LAB_PATIENCE_MS (20 * MS_PER_S)

/** An answer to one path with its query. */
struct answer {
	unsigned status;
	char *body;
	int hits;
	bool hang; /* not answered while the lab is open */
};

struct lab {
	struct MHD_Daemon *daemon;
	pthread_mutex_t lock; /* guards answers to closing */
	GHashTable *answers;  /* "PATH?QUERY" to struct answer * */
	int unknown_hits;     /* requests for other paths: those get a 404 */
	int wrong_requests;   /* no GET, or with a token where there should be none, or the other
				 way round: lab_close() wants none */
	GPtrArray *hanging;   /* struct MHD_Connection *, suspended */
	bool closing;
	int port;
	char *directory;
	struct config *config;
	struct http_client *client;
	struct sources *sources;
	struct collection *collection; /* the last one; NULL while one is under way */
	int ended;
};

/** @p text is the configuration behind [driftd], [repo] and an open [gcp]; HOST in it becomes the
 * server's address. */
void lab_open(struct lab *lab, const char *text);
void lab_close(struct lab *lab);
/** Answer what hangs, and hang no more. */
void lab_resume(struct lab *lab);
void lab_configure(struct lab *lab, const char *text);

/** Answer requests for @p path so from now on. */
struct answer *lab_answer(struct lab *lab, const char *path, unsigned status, const char *body);
/** How often @p path was asked for; -1: it has no answer. */
int lab_hits(struct lab *lab, const char *path);

/** One collection of all services; lab_start() and lab_wait() are its halves. */
void lab_collect(struct lab *lab);
void lab_start(struct lab *lab, int64_t deadline_ms);
void lab_wait(struct lab *lab);
/** A sources_done_fn whose data is the lab. */
void lab_on_done(void *data, struct collection *collection);

/** The observation of a service; the test fails when there is none, or it is not of the kind asked
 * for. */
const struct observation *lab_find(const struct lab *lab, const char *name);
const struct service_obs *lab_find_service(const struct lab *lab, const char *name);
const struct fault *lab_find_fault(const struct lab *lab, const char *name);

/** The commit of the first marker of the revision with the largest share; NULL: no hit. */
const char *lab_commit_of(const struct service_obs *service);

/* --- answers as Google gives them --- */

/** As Google says that something is not there; any other 404 says nothing about it. */
#define NOT_FOUND "{\"error\":{\"code\":404,\"message\":\"gone\",\"status\":\"NOT_FOUND\"}}"

#define RUN(name) "[service \"" name "\"]\nsource = cloud-run\n"
#define FUNCTION(name) "[service \"" name "\"]\nsource = cloud-function\n"
#define HTTP(name) "[service \"" name "\"]\nsource = http\nurl = HOST/" name "\n"

#define LIST "/v2/projects/acme/locations/r1/services"
#define FIRST_PAGE LIST "?pageSize=200"
#define FUNCTIONS_PAGE "/v2/projects/acme/locations/-/functions?pageSize=500"

#define NAMED(name) "\"name\":\"projects/acme/locations/r1/services/" name "\""
#define READY(name)                                                                                \
	"\"generation\":\"1\",\"observedGeneration\":\"1\",\"latestReadyRevision\":\"" name        \
	"-1\",\"latestCreatedRevision\":\"" name "-1\""
#define ALL_TO_LATEST                                                                              \
	"\"trafficStatuses\":[{\"type\":\"TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST\","                \
	"\"percent\":100}]"
#define SERVICE(name, commit)                                                                      \
	"{" NAMED(name) "," READY(name) "," ALL_TO_LATEST                                          \
					",\"template\":{\"labels\":{\"commit-sha\":\"" commit      \
					"\"}}}"
#define PAGE(services) "{\"services\":[" services "]}"

#define SPLIT                                                                                      \
	"{" NAMED("a") "," READY("a") ",\"uid\":\"u\",\"trafficStatuses\":["                       \
				      "{\"revision\":\"a-0\",\"percent\":100}],"                   \
				      "\"template\":{\"labels\":{\"commit-sha\":\"aaaaaaa\"}}}"
#define MANIFEST "/storage/v1/b/models/o/manifest.json?alt=media"

#endif
