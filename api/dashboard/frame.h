/* frame - what is around every page: head, navigation, the state of everything, warnings. Any thread. */
#ifndef DRIFT_FRAME_H
#define DRIFT_FRAME_H

#include "base.h"
#include "api/request.h"
#include "api/response.h"

/** Content-Security-Policy of the pages: their own scripts, styles, images and requests, nothing
 * inline, nothing from elsewhere. */
extern const char frame_policy[];

struct frame {
	const char *title; /* plain text of whoever: "service/billing"; NULL: the overview */
	const char *
		section; /* which entry of the navigation this is: "/", "/incidents" …; NULL: none */
	struct snapshot *snapshot; /* borrowed; NULL: no check has finished since driftd was made */
	bool hides_state;          /* who asks may not see how things are: nothing is said of it */
	int status;                /* of HTTP */
	GString *main;             /* what stands in <main>; taken */
};

/** Answer with the page. */
void frame_respond(const struct request *request, const struct frame *frame,
		   struct response *response);

#endif
