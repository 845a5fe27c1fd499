/* shape - Services, Revisions and Functions in the shape of API-FACTS B, from short descriptions.
 * Pure but for the clock it is given: any thread.
 *
 * A service:
 *   {"labels":{},"annotations":{},"generation":"7","observed_generation":"7","reconciling":false,
 *    "min_instances":0,"traffic":"latest|revisions","revisions":[REVISION…],"raw":{…}}
 * A revision, oldest first:
 *   {"name":"S-00001-abc","labels":{},"annotations":{},"env":{"K":"V"},"secret_env":{"K":"secret"},
 *    "image":"…","created":"RFC 3339","percent":100,"tag":"…","min_instances":0,"max_instances":0,
 *    "cpu_idle":true,"memory":"512Mi","cpu":"1","concurrency":80,"timeout":"300s",
 *    "service_account":"…","failed":"message","pending":false}
 * Everything may be left out. Without any percent the newest ready revision gets all traffic.
 * "raw" replaces members of the finished service. The template is that of the newest revision. */
#ifndef FAKECLOUD_SHAPE_H
#define FAKECLOUD_SHAPE_H

#include "base.h"
#include <json-c/json.h>

/** Where a service lives. */
struct place {
	const char *project, *region, *name;
};

/** The service. Caller owns. */
json_object *shape_service(const struct place *place, json_object *spec);

/** Its revision @p index; @p ret_name (caller frees) is its short name. NULL past the end. Caller
 * owns. */
json_object *shape_revision(const struct place *place, json_object *spec, size_t index,
			    char **ret_name);

/**
 * A function: {"state":"ACTIVE","environment":"GEN_2","labels":{},"env":{},"service":"run
 * name","revision":"…","raw":{…}}. Caller owns.
 */
json_object *shape_function(const struct place *place, json_object *spec);

#endif
