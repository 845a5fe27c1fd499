/* data_usage - see data_usage.h */
#include "tests/faults/data_usage.h"

#include "tests/integration/harness.h"

#include <string.h>

static int64_t count_entries(pid_t pid, const char *name)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/%s", (int)pid, name);
	GDir *directory = g_dir_open(path, 0, NULL);
	int64_t count = 0;

	ck_assert_msg(directory, "%s cannot be read", path);
	while (g_dir_read_name(directory))
		count++;
	g_dir_close(directory);
	return count;
}

/** "VmRSS:     1234 kB" */
static int64_t resident_bytes(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/status", (int)pid);
	g_autofree char *text = NULL;
	const char *at = NULL;

	ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "%s cannot be read", path);
	at = strstr(text, "VmRSS:");
	ck_assert_msg(at, "%s: %s", path, text);
	return (int64_t)g_ascii_strtoull(at + strlen("VmRSS:"), NULL, 10) * 1024;
}

struct usage usage_of(pid_t pid)
{
	return (struct usage){.files = count_entries(pid, "fd"),
			      .threads = count_entries(pid, "task"),
			      .bytes = resident_bytes(pid)};
}

static void expect_at_most(const char *what, int64_t before, int64_t now, int64_t room)
{
	ck_assert_msg(now <= before + room, "%s: %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT " before",
		      what, now, before);
}

void usage_expect_no_growth(struct usage before, struct usage now, struct usage room)
{
	expect_at_most("open files", before.files, now.files, room.files);
	expect_at_most("threads", before.threads, now.threads, room.threads);
	if (!HARNESS_SANITIZED) /* freed memory is kept aside there */
		expect_at_most("bytes", before.bytes, now.bytes, room.bytes);
}
