/* reply - an answer as handlers build it, and the error shapes of Google's APIs (API: A for Run,
 * Functions, IAM; B for Storage; C for token endpoints). One thread at a time: the connection's. */
#ifndef FAKECLOUD_REPLY_H
#define FAKECLOUD_REPLY_H

#include "base.h"
#include <json-c/json.h>
#include <sys/types.h>

/** A body that comes out of a child process. */
struct reply_stream {
	int fd;           /* read until its end */
	pid_t child;      /* killed and waited for when the stream is freed */
	GString *pending; /* bytes already read */
	size_t taken;     /* of pending */
	int64_t left;     /* break the connection after so many bytes; -1: never */
};

struct reply {
	int status;
	char *content_type;          /* NULL: none */
	GPtrArray *headers;          /* char * "Name: value" */
	GString *body;               /* unless stream */
	struct reply_stream *stream; /* NULL: the body is body */
	int64_t cut_bytes;           /* break the connection after so many; -1: never */
	int drip_ms;                 /* one byte in so many milliseconds; 0: at once */
	int64_t filler_bytes;        /* so many bytes of filler instead of body; 0: none */
	bool raw;                    /* body is the whole answer, status line and all */
	bool reset;                  /* no answer: the connection is reset */
};

struct reply *reply_create(void);
void reply_free(struct reply *reply);
void reply_stream_free(struct reply_stream *stream);

void reply_add_header(struct reply *reply, const char *name, const char *value);
void reply_set_text(struct reply *reply, int status, const char *content_type, const char *text);
/** Takes @p value. */
void reply_set_json(struct reply *reply, int status, json_object *value);

/** What an ErrorInfo says (google.rpc.ErrorInfo); NULL members are left out. */
struct reply_error_info {
	const char *reason;
	const char *domain;
	const char *permission;
	const char *resource;
	const char *service;
};

/** Shape A. @p status is the word ("PERMISSION_DENIED"); the HTTP status follows from it; @p info
 * may be NULL. */
void reply_set_error_a(struct reply *reply, const char *status, const struct reply_error_info *info,
		       const char *message);

/** Shape B. */
void reply_set_error_b(struct reply *reply, int status, const char *reason, const char *message);

/** Shape C. */
void reply_set_error_c(struct reply *reply, int status, const char *error, const char *description);

#endif
