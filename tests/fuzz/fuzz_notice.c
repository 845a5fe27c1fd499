/* fuzz_notice - messages of the outbox, as a damaged database would hold them: refused, or read
 * into something that is written and read again without change, and that can be folded, grouped and
 * told. What was told and which codes an incident has had, likewise. libFuzzer. */
#include <assert.h>
#include <string.h>

#include "alert/notice.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_stable(const struct notice *notice)
{
	g_autofree char *json = notice_to_json(notice);
	g_autofree char *again = NULL;
	struct notice *back = notice_from_json(json, NULL);

	assert(back);
	again = notice_to_json(back);
	assert(strcmp(json, again) == 0);
	notice_free(back);
}

static void use(struct notice *notice)
{
	g_autoptr(GPtrArray) notices = g_ptr_array_new();
	g_autoptr(GPtrArray) groups = notice_groups(notice);
	g_autofree char *text = notice_text(notice);
	g_autofree char *incidents = notice_incidents_json(notice);
	struct notice *folded;
	guint grouped = 0;

	g_ptr_array_add(notices, notice);
	g_ptr_array_add(notices, notice);
	folded = notice_fold(notices);
	for (guint i = 0; i < groups->len; i++)
		grouped += ((const GPtrArray *)groups->pdata[i])->len;
	assert(grouped == notice->items->len);
	assert(g_utf8_validate(text, -1, NULL) && incidents[0] == '[');
	check_stable(folded);
	notice_free(folded);
}

static void try_incident(const char *text)
{
	struct incident *incident = incident_create();
	g_autofree char *told = NULL;
	g_autofree char *codes = NULL;

	if (incident_set_told_json(incident, text, NULL)) {
		told = incident_told_json(incident);
		assert(incident_set_told_json(incident, told, NULL));
	}
	if (incident_set_codes_json(incident, text, NULL)) {
		codes = incident_codes_json(incident);
		assert(incident_set_codes_json(incident, codes, NULL));
	}
	incident_free(incident);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	g_autofree char *text = g_strndup((const char *)bytes, length);
	g_autoptr(GError) error = NULL;
	struct notice *notice = notice_from_json(text, &error);

	assert((notice != NULL) == (error == NULL));
	try_incident(text);
	if (!notice)
		return 0;
	check_stable(notice);
	use(notice);
	notice_free(notice);
	return 0;
}
