/* fault - see fault.h */
#include "source/fault.h"

#include "text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

/** The public struct comes first, so that both have one address. */
struct fault_box {
	struct fault fault;
	atomic_int refs;
};

static struct fault_box *box_of(struct fault *fault)
{
	return (struct fault_box *)(void *)fault; /* always made by fault_create() */
}

struct fault *fault_create(enum fault_class class, int status, const char *permission,
			   const char *format, ...)
{
	struct fault_box *box = g_new0(struct fault_box, 1);
	g_autofree char *text = NULL;
	va_list arguments;

	assert(class != FAULT_NONE);
	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	box->fault.class = class;
	box->fault.status = status;
	box->fault.permission = g_strdup(permission);
	box->fault.message = text_to_line(text, FAULT_MESSAGE_MAX_BYTES);
	atomic_init(&box->refs, 1);
	return &box->fault;
}

struct fault *fault_ref(struct fault *fault)
{
	if (fault)
		(void)atomic_fetch_add(&box_of(fault)->refs, 1); /* the old count is of no use */
	return fault;
}

void fault_unref(struct fault *fault)
{
	int before = 0;

	if (!fault)
		return;
	before = atomic_fetch_sub(&box_of(fault)->refs, 1);
	assert(before > 0);
	if (before > 1)
		return;
	g_free(fault->message);
	g_free(fault->permission);
	g_free(box_of(fault));
}

const char *fault_class_text(enum fault_class class)
{
	switch (class) {
	case FAULT_NONE:
		return "none";
	case FAULT_HTTP_4XX:
		return "4xx";
	case FAULT_HTTP_5XX:
		return "5xx";
	case FAULT_TIMEOUT:
		return "timeout";
	case FAULT_RESET:
		return "reset";
	case FAULT_RESOLVE:
		return "resolve";
	case FAULT_TLS:
		return "tls";
	case FAULT_BAD_ANSWER:
		return "bad_answer";
	case FAULT_TOO_LARGE:
		return "too_large";
	case FAULT_REDIRECT:
		return "redirect";
	case FAULT_QUOTA:
		return "quota";
	case FAULT_DENIED:
		return "denied";
	case FAULT_CREDENTIALS:
		return "credentials";
	case FAULT_DISABLED:
		return "disabled";
	case FAULT_NOT_FOUND:
		return "not_found";
	case FAULT_BROKEN:
		return "broken";
	case FAULT_OVER_BUDGET:
		return "over_budget";
	case FAULT_CANCELLED:
		return "cancelled";
	}
	return "none";
}
