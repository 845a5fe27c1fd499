/* fuzz_ini - lib/config/ini under libFuzzer. */
#include "config/ini.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What ini.h promises; not assert(), which says less. */
static void must(bool holds, const char *what)
{
	if (!holds) {
		(void)fprintf(stderr, "fuzz_ini: does not hold: %s\n", what);
		abort();
	}
}

static void check_text(const struct ini *ini, const char *text)
{
	must(text >= ini->text && text < ini->text + ini->text_bytes, "texts lie in the ini");
	must(g_utf8_validate(text, -1, NULL), "texts are UTF-8");
	must(strlen(text) <= INI_LINE_MAX_BYTES, "texts are bounded");
	for (; *text; text++)
		must((unsigned char)*text >= 0x20 || *text == '\t', "no control characters");
}

static void check_word(const char *word)
{
	must(g_ascii_islower(*word) && strlen(word) <= INI_KEY_MAX_BYTES, "a word is a word");
	must(strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(word), "of its bytes");
}

static void check_section(const struct ini *ini, const struct ini_section *section, int *last_line)
{
	check_text(ini, section->kind);
	check_word(section->kind);
	if (section->name)
		check_text(ini, section->name);
	must(section->line > *last_line, "sections are in order");
	*last_line = section->line;
	for (size_t i = 0; i < section->entry_count; i++) {
		const struct ini_entry *entry = &section->entries[i];

		check_text(ini, entry->key);
		check_word(entry->key);
		check_text(ini, entry->value);
		must(*entry->value != ' ' && *entry->value != '\t', "values are trimmed");
		must(entry->line > *last_line, "keys are in order");
		*last_line = entry->line;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ini *ini = ini_parse("fuzz", (const char *)(const void *)data, size);
	int last_line = 0;
	size_t entries = 0;

	must(ini->section_count <= INI_ENTRIES_MAX, "sections are bounded");
	must(ini->problem_count <= INI_PROBLEMS_MAX + 1, "problems are bounded");
	for (size_t i = 0; i < ini->section_count; i++) {
		check_section(ini, &ini->sections[i], &last_line);
		entries += ini->sections[i].entry_count;
	}
	must(entries <= INI_ENTRIES_MAX, "keys are bounded");
	for (size_t i = 0; i < ini->problem_count; i++)
		must(ini->problems[i].line >= 0 && *ini->problems[i].message, "problems say what");
	ini_free(ini);
	return 0;
}
