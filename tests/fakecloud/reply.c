/* reply - see reply.h */
#include "tests/fakecloud/reply.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct reply *reply_create(void)
{
	struct reply *reply = g_new0(struct reply, 1);

	reply->status = 200;
	reply->headers = g_ptr_array_new_with_free_func(g_free);
	reply->body = g_string_new(NULL);
	reply->cut_bytes = -1;
	return reply;
}

void reply_stream_free(struct reply_stream *stream)
{
	if (!stream)
		return;
	(void)close(stream->fd); /* a pipe: nothing to lose */
	if (stream->child > 0) {
		(void)kill(stream->child, SIGKILL); /* already gone in the usual case */
		(void)waitpid(stream->child, NULL, 0);
	}
	g_string_free(stream->pending, TRUE);
	g_free(stream);
}

void reply_free(struct reply *reply)
{
	if (!reply)
		return;
	g_free(reply->content_type);
	g_ptr_array_unref(reply->headers);
	g_string_free(reply->body, TRUE);
	reply_stream_free(reply->stream);
	g_free(reply);
}

void reply_add_header(struct reply *reply, const char *name, const char *value)
{
	g_ptr_array_add(reply->headers, g_strdup_printf("%s: %s", name, value));
}

void reply_set_text(struct reply *reply, int status, const char *content_type, const char *text)
{
	reply->status = status;
	g_free(reply->content_type);
	reply->content_type = g_strdup(content_type);
	g_string_assign(reply->body, text);
}

void reply_set_json(struct reply *reply, int status, json_object *value)
{
	reply_set_text(reply, status, "application/json; charset=UTF-8",
		       json_object_to_json_string_ext(value, JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(value);
}

/** The HTTP status of each canonical code (google/rpc/code.proto). */
static int canonical_status(const char *word)
{
	static const struct {
		const char *word;
		int status;
	} table[] = {
		{"INVALID_ARGUMENT", 400}, {"UNAUTHENTICATED", 401},     {"PERMISSION_DENIED", 403},
		{"NOT_FOUND", 404},        {"RESOURCE_EXHAUSTED", 429},  {"UNAVAILABLE", 503},
		{"INTERNAL", 500},         {"FAILED_PRECONDITION", 400}, {"UNIMPLEMENTED", 501},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		if (g_str_equal(table[i].word, word))
			return table[i].status;
	}
	g_assert_not_reached();
}

static void add_text(json_object *object, const char *name, const char *text)
{
	if (text)
		json_object_object_add(object, name, json_object_new_string(text));
}

static json_object *error_details(const struct reply_error_info *info)
{
	json_object *detail = json_object_new_object(), *metadata = json_object_new_object();
	json_object *details = json_object_new_array();

	add_text(detail, "@type", "type.googleapis.com/google.rpc.ErrorInfo");
	add_text(detail, "reason", info->reason);
	add_text(detail, "domain", info->domain ? info->domain : "googleapis.com");
	add_text(metadata, "permission", info->permission);
	add_text(metadata, "resource", info->resource);
	add_text(metadata, "service", info->service);
	json_object_object_add(detail, "metadata", metadata);
	json_object_array_add(details, detail);
	return details;
}

static void set_error(struct reply *reply, int status, json_object *error)
{
	json_object *envelope = json_object_new_object();

	json_object_object_add(envelope, "error", error);
	reply_set_json(reply, status, envelope);
}

void reply_set_error_a(struct reply *reply, const char *status, const struct reply_error_info *info,
		       const char *message)
{
	json_object *error = json_object_new_object();
	int code = canonical_status(status);

	json_object_object_add(error, "code", json_object_new_int(code));
	add_text(error, "message", message);
	add_text(error, "status", status);
	if (info)
		json_object_object_add(error, "details", error_details(info));
	set_error(reply, code, error);
}

void reply_set_error_b(struct reply *reply, int status, const char *reason, const char *message)
{
	json_object *error = json_object_new_object(), *one = json_object_new_object();
	json_object *errors = json_object_new_array();

	add_text(one, "message", message);
	add_text(one, "domain", "global");
	add_text(one, "reason", reason);
	json_object_array_add(errors, one);
	json_object_object_add(error, "code", json_object_new_int(status));
	add_text(error, "message", message);
	json_object_object_add(error, "errors", errors);
	set_error(reply, status, error);
}

void reply_set_error_c(struct reply *reply, int status, const char *error, const char *description)
{
	json_object *object = json_object_new_object();

	add_text(object, "error", error);
	add_text(object, "error_description", description);
	reply_set_json(reply, status, object);
}
