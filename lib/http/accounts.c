/* accounts - see accounts.h */
#include "http/accounts.h"

#include "http/client.h"

#include <string.h>

/** Longest key: both parts are words of ours, never text from outside. */
#define KEY_MAX_BYTES 128

struct accounts_line {
	char *api;
	char *outcome;
	int64_t calls;
	int64_t time_us; /* in microseconds: most calls on loopback take less than 1 ms */
	int64_t bytes;
};

static void line_free(void *data)
{
	struct accounts_line *line = data;

	g_free(line->api);
	g_free(line->outcome);
	g_free(line);
}

void accounts_init(struct accounts *accounts)
{
	accounts->lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, line_free);
}

void accounts_done(struct accounts *accounts)
{
	g_hash_table_unref(accounts->lines);
	accounts->lines = NULL;
}

void accounts_add(struct accounts *accounts, const char *api, const char *outcome, int64_t time_us,
		  int64_t bytes)
{
	char key[KEY_MAX_BYTES] = {0};
	struct accounts_line *line = NULL;

	(void)g_snprintf(key, sizeof(key), "%s\n%s", api, outcome); /* cut is good enough */
	line = g_hash_table_lookup(accounts->lines, key);
	if (!line) {
		line = g_new0(struct accounts_line, 1);
		line->api = g_strdup(api);
		line->outcome = g_strdup(outcome);
		g_hash_table_insert(accounts->lines, g_strdup(key), line);
	}
	line->calls++;
	line->time_us += time_us;
	line->bytes += bytes;
}

static void account_free(void *data)
{
	struct http_account *account = data;

	g_free(account->api);
	g_free(account->outcome);
	g_free(account);
}

static int compare_accounts(const void *left, const void *right)
{
	const struct http_account *a = *(struct http_account *const *)left;
	const struct http_account *b = *(struct http_account *const *)right;
	int order = strcmp(a->api, b->api);

	return order != 0 ? order : strcmp(a->outcome, b->outcome);
}

GPtrArray *accounts_copy(const struct accounts *accounts)
{
	GPtrArray *copies = g_ptr_array_new_with_free_func(account_free);
	GHashTableIter iter;
	void *value = NULL;

	g_hash_table_iter_init(&iter, accounts->lines);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct accounts_line *line = value;
		struct http_account *account = g_new0(struct http_account, 1);

		account->api = g_strdup(line->api);
		account->outcome = g_strdup(line->outcome);
		account->calls = line->calls;
		account->time_ms = line->time_us / 1000;
		account->bytes = line->bytes;
		g_ptr_array_add(copies, account);
	}
	g_ptr_array_sort(copies, compare_accounts);
	return copies;
}
