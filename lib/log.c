/* log - see log.h */
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clk.h"
#include "text.h"
#include "timefmt.h"

#ifdef HAVE_SYSTEMD
#define SD_JOURNAL_SUPPRESS_LOCATION 1 /* it would name log.c every time */
#include <systemd/sd-journal.h>
#endif

static atomic_int current_level = LOG_LEVEL_INFO;

static const struct {
	const char *name;
	enum log_level level;
	int priority; /* syslog(3) */
} levels[] = {
	{"error", LOG_LEVEL_ERROR, 3},
	{"warn", LOG_LEVEL_WARN, 4},
	{"info", LOG_LEVEL_INFO, 6},
	{"debug", LOG_LEVEL_DEBUG, 7},
};

enum log_level log_level_from_text(const char *text)
{
	for (size_t i = 0; text && i < G_N_ELEMENTS(levels); i++)
		if (strcmp(levels[i].name, text) == 0)
			return levels[i].level;
	return LOG_LEVEL_NONE;
}

void log_set_level(enum log_level level)
{
	atomic_store(&current_level, (int)level);
}

static void append_quoted_char(GString *out, char c)
{
	if (c == '"' || c == '\\')
		g_string_append_printf(out, "\\%c", c);
	else if (c == '\n')
		g_string_append(out, "\\n");
	else if (c == '\t')
		g_string_append(out, "\\t");
	else if (c == '\r')
		g_string_append(out, "\\r");
	else if (g_ascii_iscntrl(c))
		g_string_append_printf(out, "\\x%02x", (unsigned)(unsigned char)c);
	else
		g_string_append_c(out, c);
}

static bool needs_quotes(const char *text)
{
	if (!*text)
		return true;
	for (; *text; text++)
		if (*text == ' ' || *text == '=' || *text == '"' || *text == '\\' ||
		    g_ascii_iscntrl(*text))
			return true;
	return false;
}

char *log_quote(const char *text)
{
	g_autofree char *clean = text_to_utf8(text, text ? strlen(text) : 0, LOG_LINE_MAX_BYTES);
	GString *out = NULL;

	if (!needs_quotes(clean))
		return g_steal_pointer(&clean);
	out = g_string_new("\"");
	for (const char *p = clean; *p; p++)
		append_quoted_char(out, *p);
	g_string_append_c(out, '"');
	return g_string_free(out, FALSE);
}

/* One line without control characters, of at most max_bytes. */
static char *make_line(const char *text, size_t max_bytes)
{
	g_autofree char *clean = text_to_utf8(text, strlen(text), LOG_LINE_MAX_BYTES);
	g_autofree char *escaped = text_escape_terminal(clean);

	return text_to_utf8(escaped, strlen(escaped), max_bytes);
}

static void write_stderr(const char *level_name, const char *event, const char *message)
{
	char when[TIMEFMT_BYTES];
	g_autofree char *all =
		g_strdup_printf("time=%s level=%s event=%s%s%s", timefmt_utc(clk_wall_ms(), when),
				level_name, event, *message ? " " : "", message);
	g_autofree char *line = make_line(all, LOG_LINE_MAX_BYTES - 1);
	size_t length = strlen(line);
	ssize_t written = -1;

	line[length] = '\n'; /* in place of the NUL: what is written is bytes and a length */
	do
		written = write(STDERR_FILENO, line, length + 1);
	while (written < 0 && errno == EINTR);
	/* any other failure has nobody left to be told */
}

#ifdef HAVE_SYSTEMD
/* systemd.exec(5), JOURNAL_STREAM: device and inode of the stream the service was started with. */
static bool stderr_is_journal(void)
{
	const char *stream = g_getenv("JOURNAL_STREAM");
	struct stat st = {0};
	g_autofree char *mine = NULL;

	if (!stream || fstat(STDERR_FILENO, &st) != 0)
		return false;
	mine = g_strdup_printf("%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(stream, mine) == 0;
}

static bool write_journal(int priority, const char *event, const char *message)
{
	g_autofree char *line = NULL;
	g_autofree char *all = NULL;

	/* without its socket sd_journal_send() says "done" and drops the message */
	if (!stderr_is_journal() || access("/run/systemd/journal/socket", W_OK) != 0)
		return false;
	all = g_strdup_printf("%s%s%s", event, *message ? " " : "", message);
	line = make_line(all, LOG_LINE_MAX_BYTES - 1);
	return sd_journal_send("MESSAGE=%s", line, "PRIORITY=%d", priority, "DRIFTD_EVENT=%s",
			       event, (char *)NULL) >= 0;
}
#else
static bool write_journal(int priority, const char *event, const char *message)
{
	(void)priority;
	(void)event;
	(void)message;
	return false;
}
#endif

void log_write(enum log_level level, const char *event, const char *format, ...)
{
	int saved_errno = errno; /* logging is no reason to lose it */
	g_autofree char *message = NULL;
	va_list arguments;

	if (level == LOG_LEVEL_NONE || (int)level > atomic_load(&current_level))
		return;
	va_start(arguments, format);
	message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	for (size_t i = 0; i < G_N_ELEMENTS(levels); i++)
		if (levels[i].level == level && !write_journal(levels[i].priority, event, message))
			write_stderr(levels[i].name, event, message);
	errno = saved_errno;
}
