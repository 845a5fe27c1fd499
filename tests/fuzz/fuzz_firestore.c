/* fuzz_firestore - answers about documents and backups: the first byte says whether it is documents:batchGet (what is decoded is also
 * judged), a page of objects (also grouped), or a backup's metadata. */
#include <stdint.h>
#include <string.h>

#include "data/backups.h"
#include "data/completions.h"
#include "google/firestore.h"
#include "google/storage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const struct firestore_answer *answer)
{
	static char key[] = "a";
	static char other[] = "b";
	static char mode[] = "same_day";
	static char field[] = "_mode";
	static char done[] = "status";
	static char value[] = "success";
	static struct config_completion_key expects[] = {{NULL, key}, {mode, other}};
	static char *values[] = {value, NULL};
	struct config_completion config = {.expects = expects,
					   .expect_count = 2,
					   .mode_field = field,
					   .done_field = done,
					   .done_values = values};
	struct completion_obs *seen = completion_obs_create();

	if (!answer->damage)
		(void)!completions_judge(&config, answer, seen, NULL); /* both are fine */
	completion_obs_free(seen);
}

static void fuzz_batch(const char *bytes, size_t size)
{
	struct firestore_batch *batch = firestore_batch_decode(bytes, size, NULL);
	GHashTableIter iter;
	gpointer answer = NULL;

	if (!batch)
		return;
	g_hash_table_iter_init(&iter, batch->answers);
	while (g_hash_table_iter_next(&iter, NULL, &answer))
		judge(answer);
	if (batch->error)
		fault_unref(firestore_stream_fault("read", batch->error));
	firestore_batch_free(batch);
}

static void fuzz_page(const char *bytes, size_t size)
{
	static char file[] = "a";
	static char metadata[] = "m.json";
	static char format[] = "%Y-%m-%d";
	static char prefix[] = "p/";
	static char *files[] = {file, NULL};
	struct config_backup config = {
		.prefix = prefix, .folder_format = format, .files = files, .metadata = metadata};
	g_autoptr(GPtrArray) objects = g_ptr_array_new_with_free_func(storage_object_free);
	g_autofree char *token = NULL;

	if (storage_page_decode(bytes, size, prefix, objects, &token, NULL))
		backup_obs_free(backups_group(&config, objects));
}

static void fuzz_metadata(const char *bytes, size_t size)
{
	GPtrArray *tables = backups_parse_metadata(bytes, size, NULL);

	if (tables)
		g_ptr_array_unref(tables);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data + 1;

	if (size < 2)
		return 0;
	switch (data[0] % 3) {
	case 0:
		fuzz_batch(bytes, size - 1);
		break;
	case 1:
		fuzz_page(bytes, size - 1);
		break;
	default:
		fuzz_metadata(bytes, size - 1);
		break;
	}
	return 0;
}
