/* fuzz_verdict_json - stored verdicts, as a damaged database would hold them: refused, or read into
 * something that is written and read again without change. libFuzzer. */
#include <assert.h>
#include <string.h>

#include "eval/verdict_json.h"
#include "eval/verdict_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_stable(const struct verdict *verdict)
{
	g_autofree char *facts = verdict_facts_json(verdict);
	g_autofree char *again = NULL;
	struct verdict *back = verdict_from_facts_json(facts, NULL);

	assert(back);
	again = verdict_facts_json(back);
	assert(strcmp(facts, again) == 0);
	verdict_unref(back);
}

/* Whatever was read can be shown, and grows old. */
static void show(const struct verdict *verdict)
{
	struct verdict *later = verdict_at(verdict, INT64_MAX / 2, INT64_MAX / 2);
	g_autofree char *text = verdict_text_detail(later, INT64_MAX / 2, true);

	assert(g_utf8_validate(text, -1, NULL));
	verdict_unref(later);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	g_autofree char *text = g_strndup((const char *)bytes, length);
	g_autoptr(GError) error = NULL;
	struct verdict *verdict = verdict_from_facts_json(text, &error);

	assert((verdict != NULL) == (error == NULL));
	if (!verdict)
		return 0;
	check_stable(verdict);
	show(verdict);
	verdict_unref(verdict);
	return 0;
}
