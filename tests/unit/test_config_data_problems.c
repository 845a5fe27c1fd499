/* Unit tests of lib/config: everything that can be wrong with sections about data, and how it is
 * said. */
#include "config/config.h"
#include "postgres/pg.h"
#include "tests/unit/config_world.h"

#include <check.h>
#include <string.h>

Suite *config_data_problems_suite(void);

/* Lines 1 and 2; the section is line 3. */
#define GCP "[gcp]\nproject = p\n"
/* Lines 1 to 4. */
#define TABLE GCP "[table \"d.t\"]\nwarn-after = 1h\n"
/* Lines 1 to 5. */
#define COMPLETION GCP "[completion \"c\"]\ndocument = a/{date}\nexpect = k\n"
/* Lines 1 to 6, all three. */
#define INVENTORY GCP "[inventory \"i\"]\nsource = bigquery\nexpect-file = f\ndataset = d\n"
#define ASSERT GCP "[assert \"a\"]\nsource = bigquery\nsql-file = q.sql\nexpect = rows = 0\n"
#define ASSERT_PG                                                                                  \
	"[assert \"a\"]\nsource = postgresql\ndsn = env:DSN\nsql-file = q.sql\nexpect = value = "  \
	"0\n"
/* Lines 1 to 7. */
#define BACKUP                                                                                     \
	GCP "[backup \"b\"]\nbucket = bu\nfolder-format = %Y%m%d\nfiles = x.gz\nmax-age = 1d\n"

static void set_up(void)
{
	config_world_set_up();
	ck_assert(g_setenv("DSN", "host=db.example.com password=hunter2", TRUE));
	ck_assert(g_setenv("BAD_DSN", "hunter2 is no dsn", TRUE));
	config_world_put_only("q.sql", "SELECT 1\n");
	config_world_put_only("holidays.txt", "2026-11-26\n");
	config_world_put_only("bad-holidays.txt", "2026-11-26\n2026-11-31\n");
	config_world_put_only("two.sql", "SELECT 1; DROP TABLE x");
	config_world_put_only("empty.sql", "-- nothing\n");
	config_world_put_only("latin1.sql", "SELECT '\xe9'");
	config_world_put_only("open.sql", "SELECT 'x");
	config_world_put_only("dollar.sql", "SELECT $$;$$");
}

static const struct {
	const char *text;
	const char *want; /* problems; NULL: it loads */
} cases[] = {
	{TABLE, NULL},
	{COMPLETION, NULL},
	{INVENTORY, NULL},
	{ASSERT, NULL},
	{BACKUP, NULL},
	/* which table */
	{GCP "[table \"games\"]\nmin-rows = 1\n",
	 "driftd.ini:3: [table \"games\"]: table is missing: the section's name is not "
	 "DATASET.TABLE "
	 "or PROJECT.DATASET.TABLE\n"},
	{GCP "[table \"my-data.games\"]\nmin-rows = 1\n",
	 "driftd.ini:3: [table \"my-data.games\"]: table is missing: the section's name is not "
	 "DATASET.TABLE or PROJECT.DATASET.TABLE\n"},
	{GCP "[table \"a.b.c.d\"]\nmin-rows = 1\n",
	 "driftd.ini:3: [table \"a.b.c.d\"]: table is missing: the section's name is not "
	 "DATASET.TABLE or PROJECT.DATASET.TABLE\n"},
	{TABLE "table = example.com:my-p.d_1.t-2\n", NULL},
	{TABLE "table = d.t\xc3\xa4 b\n", NULL},
	{TABLE "table = games\n",
	 "driftd.ini:5: [table \"d.t\"] table = games: write DATASET.TABLE or "
	 "PROJECT.DATASET.TABLE\n"},
	{TABLE "table = d.\n", "driftd.ini:5: [table \"d.t\"] table = d.: write DATASET.TABLE or "
			       "PROJECT.DATASET.TABLE\n"},
	{TABLE "table = d.a`b\n",
	 "driftd.ini:5: [table \"d.t\"] table = d.a`b: write DATASET.TABLE or "
	 "PROJECT.DATASET.TABLE\n"},
	{TABLE "table = `d.a`\n",
	 "driftd.ini:5: [table \"d.t\"] table = `d.a`: write DATASET.TABLE or "
	 "PROJECT.DATASET.TABLE\n"},
	{TABLE "table = d-1.a\n",
	 "driftd.ini:5: [table \"d.t\"] table = d-1.a: write DATASET.TABLE or "
	 "PROJECT.DATASET.TABLE: a dataset is letters, digits and '_', a project id lower-case "
	 "letters, digits and '-'\n"},
	{TABLE "table = P.d.a\n",
	 "driftd.ini:5: [table \"d.t\"] table = P.d.a: write DATASET.TABLE or "
	 "PROJECT.DATASET.TABLE: a dataset is letters, digits and '_', a project id lower-case "
	 "letters, digits and '-'\n"},
	{TABLE "table = d.events_*\n",
	 "driftd.ini:5: [table \"d.t\"] table = d.events_*: one whole table is needed: no * and no "
	 "$PARTITION\n"},
	{TABLE "table = d.t$20260101\n", "driftd.ini:5: [table \"d.t\"] table = d.t$20260101: one "
					 "whole table is needed: no * and no "
					 "$PARTITION\n"},
	/* what goes with which method */
	{TABLE "method = columns\n", "driftd.ini:5: [table \"d.t\"] method = columns: must be "
				     "metadata, column or partition; did "
				     "you mean column?\n"},
	{TABLE "method = columns\nloaded-at-field = a\nfilter = b\nvolume = 5%\n",
	 "driftd.ini:5: [table \"d.t\"] method = columns: must be metadata, column or partition; "
	 "did "
	 "you mean column?\n"},
	{TABLE "method = column\n",
	 "driftd.ini:3: [table \"d.t\"]: loaded-at-field is missing: method = column needs it\n"},
	{TABLE "method = column\nloaded-at-field = a.b\n",
	 "driftd.ini:6: [table \"d.t\"] loaded-at-field = a.b: the name of one column is needed: "
	 "letters, digits and '_', no digit first\n"},
	{TABLE "method = column\nloaded-at-field = _PARTITIONTIME\n", NULL},
	{TABLE "loaded-at-field = a\nfilter = b = 1\nvolume = 5%\n",
	 "driftd.ini:5: [table \"d.t\"] loaded-at-field = a: means nothing with method = metadata\n"
	 "driftd.ini:6: [table \"d.t\"] filter = b = 1: means nothing with method = metadata\n"
	 "driftd.ini:7: [table \"d.t\"] volume = 5%: means nothing with method = metadata\n"},
	{TABLE "method = partition\nloaded-at-field = a\nfilter = b = 1\n",
	 "driftd.ini:6: [table \"d.t\"] loaded-at-field = a: means nothing with method = "
	 "partition\n"
	 "driftd.ini:7: [table \"d.t\"] filter = b = 1: means nothing with method = partition\n"},
	{TABLE "method = column\nloaded-at-field = a\nvolume = 5%\n",
	 "driftd.ini:7: [table \"d.t\"] volume = 5%: means nothing with method = column\n"},
	{TABLE "method = column\nloaded-at-field = a\nfilter = b = 1) OR (1 = 1\n",
	 "driftd.ini:7: [table \"d.t\"] filter = b = 1) OR (1 = 1: parentheses do not match\n"},
	{TABLE "method = column\nloaded-at-field = a\nfilter = b = 1; DROP TABLE x\n",
	 "driftd.ini:7: [table \"d.t\"] filter = b = 1; DROP TABLE x: a condition has no ';'\n"},
	{TABLE "method = column\nloaded-at-field = a\nfilter = b = 1 -- today\n",
	 "driftd.ini:7: [table \"d.t\"] filter = b = 1 -- today: a comment would hide the rest of "
	 "the "
	 "line; remove it\n"},
	/* numbers of a table */
	{TABLE "error-after = 61m\n", NULL},
	{TABLE "error-after = 1h\n",
	 "driftd.ini:5: [table \"d.t\"] error-after = 1h: must be longer than warn-after\n"},
	{TABLE "error-after = 59m\n",
	 "driftd.ini:5: [table \"d.t\"] error-after = 59m: must be longer than warn-after\n"},
	{TABLE "min-rows = 0\n",
	 "driftd.ini:5: [table \"d.t\"] min-rows = 0: a whole number from 1 to 9007199254740992 is "
	 "needed\n"},
	{TABLE "min-rows = 1\n", NULL},
	{TABLE "min-rows = 9007199254740992\n", NULL},
	{TABLE "min-rows = 9007199254740993\n",
	 "driftd.ini:5: [table \"d.t\"] min-rows = 9007199254740993: a whole number from 1 to "
	 "9007199254740992 is needed\n"},
	{TABLE "method = partition\nvolume = 0%\n",
	 "driftd.ini:6: [table \"d.t\"] volume = 0%: a percentage from 1% to 99% is needed\n"},
	{TABLE "method = partition\nvolume = 1%\n", NULL},
	{TABLE "method = partition\nvolume = 99%\n", NULL},
	{TABLE "method = partition\nvolume = 100%\n",
	 "driftd.ini:6: [table \"d.t\"] volume = 100%: a percentage from 1% to 99% is needed\n"},
	{TABLE "method = partition\nvolume = 30\n",
	 "driftd.ini:6: [table \"d.t\"] volume = 30: a percentage from 1% to 99% is needed\n"},
	{TABLE "method = partition\nvolume = %\n",
	 "driftd.ini:6: [table \"d.t\"] volume = %: a percentage from 1% to 99% is needed\n"},
	{TABLE "method = partition\nmax-bytes-billed = 0\n",
	 "driftd.ini:6: [table \"d.t\"] max-bytes-billed = 0: out of range: at least 1 byte\n"},
	{TABLE "method = partition\nmax-bytes-billed = 1KB\n",
	 "driftd.ini:6: [table \"d.t\"] max-bytes-billed = 1KB: not a size up to 1 PiB; write "
	 "a number and nothing (bytes), kB, MB, GB or TB (powers of 1000), or KiB, MiB, GiB or TiB "
	 "(of 1024): 500MB, 1GiB\n"},
	/* when it is due */
	{TABLE
	 "expected = 0 6 * * 1-5 America/New_York\ngrace = 45m\nholidays = file:holidays.txt\n",
	 NULL},
	{TABLE "expected = 0 6 * *\n", "driftd.ini:5: [table \"d.t\"] expected = 0 6 * *: five "
				       "fields are needed: minute, hour, day "
				       "of month, month, day of week, and then a zone if need be: "
				       "0 6 * * 1-5 America/New_York\n"},
	{TABLE "expected = 0 25 * * *\n",
	 "driftd.ini:5: [table \"d.t\"] expected = 0 25 * * *: hour: 25 is not from 0 to 23\n"},
	{TABLE "expected = 0 0 30 2 *\n",
	 "driftd.ini:5: [table \"d.t\"] expected = 0 0 30 2 *: no day fits day of month and month "
	 "(and day of week)\n"},
	{TABLE "expected = 0 6 * * * Europe/Berln\n",
	 "driftd.ini:5: [table \"d.t\"] expected = 0 6 * * * Europe/Berln: unknown time zone "
	 "\"Europe/Berln\"; write a name like Europe/Berlin (the tzdata package must be "
	 "installed)\n"},
	{TABLE "grace = 5m\nholidays = file:holidays.txt\n",
	 "driftd.ini:5: [table \"d.t\"] grace = 5m: needs expected\n"
	 "driftd.ini:6: [table \"d.t\"] holidays = file:holidays.txt: needs expected\n"},
	{TABLE "grace = 0s\n", NULL},
	{COMPLETION "grace = 5m\nholidays = file:holidays.txt\n",
	 "driftd.ini:6: [completion \"c\"] grace = 5m: needs expected\n"
	 "driftd.ini:7: [completion \"c\"] holidays = file:holidays.txt: needs expected\n"},
	{TABLE "expected = @daily\nholidays = file:nope.txt\n",
	 "driftd.ini:6: [table \"d.t\"] holidays = file:nope.txt: open nope.txt: No such file or "
	 "directory\n"},
	{TABLE "expected = @daily\nholidays = file:\n",
	 "driftd.ini:6: [table \"d.t\"] holidays = file:: file: needs a path\n"},
	{TABLE "expected = @daily\nholidays = file:bad-holidays.txt\n",
	 "driftd.ini:6: [table \"d.t\"] holidays = file:bad-holidays.txt: line 2: \"2026-11-31\" "
	 "is "
	 "not a date (YYYY-MM-DD)\n"},
	{TABLE "active-when = DELETE FROM x\n",
	 "driftd.ini:5: [table \"d.t\"] active-when = DELETE FROM x: a SELECT is needed\n"},
	{TABLE "active-when = SELECT true; DROP TABLE x\n",
	 "driftd.ini:5: [table \"d.t\"] active-when = SELECT true; DROP TABLE x: there is more "
	 "than "
	 "one statement: something follows the first ';'\n"},
	/* where it is */
	{TABLE "location = EU\nregion = us-west2\n",
	 "driftd.ini:6: [table \"d.t\"] region = us-west2: says the same as location; give one of "
	 "them\n"},
	{TABLE "location = in the EU\n", "driftd.ini:5: [table \"d.t\"] location = in the EU: a "
					 "location is US, EU or a region like "
					 "us-west2\n"},
	{TABLE "project = a.b\n", "driftd.ini:5: [table \"d.t\"] project = a.b: a project id is "
				  "lower-case letters, digits and "
				  "'-'\n"},
	{"[table \"d.t\"]\nmin-rows = 1\n",
	 "driftd.ini:1: [table \"d.t\"]: project is missing: give project here or in [gcp "
	 "\"default\"]\n"},
	{"[backup \"b\"]\nbucket = bu\nfolder-format = %s\nfiles = x\nmax-age = 1d\n"
	 "[completion \"c\"]\ndocument = a/b\nexpect = k\n",
	 "driftd.ini:1: [backup \"b\"]: project is missing: give project here or in [gcp "
	 "\"default\"]\n"
	 "driftd.ini:6: [completion \"c\"]: project is missing: give project here or in [gcp "
	 "\"default\"]\n"},
	{"[gcp \"x\"]\nproject = p\n[table \"d.t\"]\nmin-rows = 1\n",
	 "driftd.ini:3: [table \"d.t\"]: gcp is missing: there is no unnamed [gcp] section, say "
	 "which "
	 "one to use\n"},
	{TABLE "gcp = y\n", "driftd.ini:5: [table \"d.t\"] gcp = y: there is no [gcp \"y\"]\n"},
	{TABLE "metod = column\n",
	 "driftd.ini:5: [table \"d.t\"] metod: unknown key; did you mean method?\n"},
	{TABLE "bucket = x\n",
	 "driftd.ini:5: [table \"d.t\"] bucket: unknown key here; it belongs in [backup]\n"},
	{TABLE "depends-on = completion/d.t\n",
	 "driftd.ini:5: [table \"d.t\"] depends-on = completion/d.t: there is no such target or "
	 "repository\n"},
	{GCP "[table \"d.t\"]\n", "driftd.ini:3: [table \"d.t\"]: empty section: it has no keys\n"},
	{TABLE "[table \"d.t\"]\nmin-rows = 1\n",
	 "driftd.ini:5: [table \"d.t\"]: given twice, first in driftd.ini:3\n"},
	/* completion documents */
	{GCP "[completion \"c\"]\nmode-field = m\n",
	 "driftd.ini:3: [completion \"c\"]: document is missing: The Firestore document that says "
	 "what is finished: COLLECTION/DOCUMENT. {date} in it becomes the date that it is about.\n"
	 "driftd.ini:3: [completion \"c\"]: expect is missing: KEY that the document must have, or "
	 "MODE: KEY for documents of that mode. A mode without keys of its own has those without a "
	 "mode.\n"},
	{GCP "[completion \"c\"]\nexpect = k\ndocument = a\n",
	 "driftd.ini:5: [completion \"c\"] document = a: no path of a document: it has an odd "
	 "number "
	 "of parts, COLLECTION/DOCUMENT has two\n"},
	{GCP "[completion \"c\"]\nexpect = k\ndocument = a/b/c\n",
	 "driftd.ini:5: [completion \"c\"] document = a/b/c: no path of a document: it has an odd "
	 "number of parts, COLLECTION/DOCUMENT has two\n"},
	{GCP "[completion \"c\"]\nexpect = k\ndocument = a/b/c/d-{date}.x\n", NULL},
	{GCP "[completion \"c\"]\nexpect = k\ndocument = /a\n",
	 "driftd.ini:5: [completion \"c\"] document = /a: no path of a document: it begins or ends "
	 "with '/' or has two in a row\n"},
	{GCP "[completion \"c\"]\nexpect = k\ndocument = a/..\n",
	 "driftd.ini:5: [completion \"c\"] document = a/..: no path of a document: a part of it is "
	 ". "
	 "or ..\n"},
	{GCP "[completion \"c\"]\nexpect = k\ndocument = a/__x__\n",
	 "driftd.ini:5: [completion \"c\"] document = a/__x__: no path of a document: a part of it "
	 "is "
	 "__NAME__, which is Firestore's own\n"},
	{GCP "[completion \"c\"]\nexpect = k\ndocument = a/{day}\n",
	 "driftd.ini:5: [completion \"c\"] document = a/{day}: no path of a document: the only "
	 "placeholder is {date}\n"},
	{GCP "[completion \"c\"]\nexpect = k\ndocument = a/{date}{mode}\n",
	 "driftd.ini:5: [completion \"c\"] document = a/{date}{mode}: no path of a document: the "
	 "only "
	 "placeholder is {date}\n"},
	{GCP "[completion \"c\"]\nexpect = k\ndocument = {mode}/{date}\n",
	 "driftd.ini:5: [completion \"c\"] document = {mode}/{date}: no path of a document: the "
	 "only "
	 "placeholder is {date}\n"},
	{GCP "[completion \"c\"]\nexpect = k\ndocument = {date}/{date}\n",
	 "driftd.ini:5: [completion \"c\"] document = {date}/{date}: no path of a document: {date} "
	 "can be in it once\n"},
	{COMPLETION "date-zone = Berlin\n",
	 "driftd.ini:6: [completion \"c\"] date-zone = Berlin: unknown time zone; write a name "
	 "like "
	 "Europe/Berlin (the tzdata package must be installed)\n"},
	{COMPLETION "date-offset = -366d\n", NULL},
	{COMPLETION "date-offset = +366d\n", NULL},
	{COMPLETION "date-offset = -367d\n", "driftd.ini:6: [completion \"c\"] date-offset = "
					     "-367d: a number of days from -366d to 366d is "
					     "needed: -1d is the day before\n"},
	{COMPLETION "date-offset = -1\n", "driftd.ini:6: [completion \"c\"] date-offset = -1: a "
					  "number of days from -366d to 366d is "
					  "needed: -1d is the day before\n"},
	{COMPLETION "date-offset = +-1d\n", "driftd.ini:6: [completion \"c\"] date-offset = +-1d: "
					    "a number of days from -366d to 366d is "
					    "needed: -1d is the day before\n"},
	{COMPLETION "date-offset = -24h\n", "driftd.ini:6: [completion \"c\"] date-offset = -24h: "
					    "a number of days from -366d to 366d is "
					    "needed: -1d is the day before\n"},
	{COMPLETION "expect = _mode\n",
	 "driftd.ini:6: [completion \"c\"] expect = _mode: keys that begin with _ never count\n"},
	{COMPLETION "expect = m:\nmode-field = m\n",
	 "driftd.ini:6: [completion \"c\"] expect = m:: write KEY or MODE: KEY\n"},
	{COMPLETION "expect = : k\nmode-field = m\n",
	 "driftd.ini:6: [completion \"c\"] expect = : k: write KEY or MODE: KEY\n"},
	{COMPLETION "expect = m: k\nexpect = m:k\nmode-field = m\n",
	 "driftd.ini:7: [completion \"c\"] expect = m:k: k is expected twice\n"},
	{COMPLETION "expect = k\n",
	 "driftd.ini:6: [completion \"c\"] expect = k: the same value is given twice\n"},
	{COMPLETION "expect = m: k\n",
	 "driftd.ini:3: [completion \"c\"]: mode-field is missing: expect = m: k names a mode\n"},
	{COMPLETION "done = status\n", "driftd.ini:6: [completion \"c\"] done = status: write "
				       "FIELD=VALUE or FIELD=VALUE|VALUE, for "
				       "example status=success|partial\n"},
	{COMPLETION "done = status=a||b\n",
	 "driftd.ini:6: [completion \"c\"] done = status=a||b: write FIELD=VALUE or "
	 "FIELD=VALUE|VALUE, for example status=success|partial\n"},
	{COMPLETION "done = =a\n",
	 "driftd.ini:6: [completion \"c\"] done = =a: write FIELD=VALUE or FIELD=VALUE|VALUE, for "
	 "example status=success|partial\n"},
	{COMPLETION "done = status=\n",
	 "driftd.ini:6: [completion \"c\"] done = status=: write FIELD=VALUE or FIELD=VALUE|VALUE, "
	 "for example status=success|partial\n"},
	{COMPLETION "evidence = k table/d.t\n[table \"d.t\"]\nmin-rows = 1\n", NULL},
	{COMPLETION "evidence = k table/d.x\n[table \"d.t\"]\nmin-rows = 1\n",
	 "driftd.ini:6: [completion \"c\"] evidence = k table/d.x: there is no table/d.x; did you "
	 "mean "
	 "table/d.t?\n"},
	{COMPLETION "evidence = k completion/c\n", "driftd.ini:6: [completion \"c\"] evidence = k "
						   "completion/c: write KEY table/NAME, with the "
						   "name of a [table] section\n"},
	{COMPLETION "evidence = table/d.t\n[table \"d.t\"]\nmin-rows = 1\n",
	 "driftd.ini:6: [completion \"c\"] evidence = table/d.t: write KEY table/NAME: the key "
	 "that "
	 "the table is evidence for\n"},
	{COMPLETION "evidence = kk table/d.t\n[table \"d.t\"]\nmin-rows = 1\n",
	 "driftd.ini:6: [completion \"c\"] evidence = kk table/d.t: no expect names the key kk\n"},
	{COMPLETION
	 "evidence = k table/d.t\nevidence = k  table/d.t\n[table \"d.t\"]\nmin-rows = 1\n",
	 "driftd.ini:7: [completion \"c\"] evidence = k  table/d.t: the same is given twice\n"},
	/* inventories */
	{GCP "[inventory \"i\"]\nsource = bigquery\nexpect-file = f\n",
	 "driftd.ini:3: [inventory \"i\"]: dataset is missing: source = bigquery needs it\n"},
	{INVENTORY "dataset = d-1\n",
	 "driftd.ini:7: [inventory \"i\"] dataset = d-1: write DATASET or PROJECT.DATASET: a "
	 "dataset "
	 "is letters, digits and '_', a project id lower-case letters, digits and '-'\n"},
	{INVENTORY "dataset = d\n",
	 "driftd.ini:7: [inventory \"i\"] dataset = d: the same value is given twice\n"},
	{INVENTORY "dsn = env:DSN\nschema = s\n",
	 "driftd.ini:7: [inventory \"i\"] dsn: means nothing with source = bigquery\n"
	 "driftd.ini:8: [inventory \"i\"] schema = s: means nothing with source = bigquery\n"},
	{"[inventory \"i\"]\nsource = postgresql\nexpect-file = f\ndataset = d\ngcp = default\n"
	 "project = p\nlocation = US\nregion = us\n",
	 "driftd.ini:1: [inventory \"i\"]: dsn is missing: source = postgresql needs it\n"
	 "driftd.ini:4: [inventory \"i\"] dataset = d: means nothing with source = postgresql\n"
	 "driftd.ini:5: [inventory \"i\"] gcp = default: means nothing with source = postgresql\n"
	 "driftd.ini:6: [inventory \"i\"] project = p: means nothing with source = postgresql\n"
	 "driftd.ini:7: [inventory \"i\"] location = US: means nothing with source = postgresql\n"
	 "driftd.ini:8: [inventory \"i\"] region = us: means nothing with source = postgresql\n"},
	{"[inventory \"i\"]\nsource = postgresql\nexpect-file = f\ndsn = env:NOT_SET\n",
	 "driftd.ini:4: [inventory \"i\"] dsn: environment variable NOT_SET is not set\n"},
	{"[inventory \"i\"]\nsource = mysql\nexpect-file = f\n",
	 "driftd.ini:2: [inventory \"i\"] source = mysql: must be bigquery or postgresql\n"},
	{INVENTORY "location = US\nregion = us-west2\n",
	 "driftd.ini:8: [inventory \"i\"] region = us-west2: says the same as location; give one "
	 "of "
	 "them\n"},
	{GCP "[inventory \"i\"]\nsource = bigquery\ndataset = d\n",
	 "driftd.ini:3: [inventory \"i\"]: expect-file is missing: File that says what should "
	 "exist. "
	 "driftd snapshot writes it from what is there.\n"},
	/* assertions */
	{ASSERT "dsn = env:DSN\n",
	 "driftd.ini:7: [assert \"a\"] dsn: means nothing with source = bigquery\n"},
	{"[assert \"a\"]\nsource = postgresql\nsql-file = q.sql\nexpect = rows = 0\n"
	 "max-bytes-billed = 1GB\nproject = p\n",
	 "driftd.ini:1: [assert \"a\"]: dsn is missing: source = postgresql needs it\n"
	 "driftd.ini:5: [assert \"a\"] max-bytes-billed = 1GB: means nothing with source = "
	 "postgresql\n"
	 "driftd.ini:6: [assert \"a\"] project = p: means nothing with source = postgresql\n"},
	{ASSERT "warn = rows <= 1\n", NULL},
	{ASSERT "warn = value = 1\n",
	 "driftd.ini:7: [assert \"a\"] warn = value = 1: must be about the same as expect: rows or "
	 "value\n"},
	{ASSERT "warn = rows == 0\n", "driftd.ini:7: [assert \"a\"] warn = rows == 0: write rows "
				      "OP N, value OP N or value between "
				      "A and B, where OP is one of = != < <= > >=\n"},
	{ASSERT "warn = rows = zero\n",
	 "driftd.ini:7: [assert \"a\"] warn = rows = zero: write rows OP N, value OP N or value "
	 "between A and B, where OP is one of = != < <= > >=\n"},
	{ASSERT "warn = rows = 0 or so\n",
	 "driftd.ini:7: [assert \"a\"] warn = rows = 0 or so: write rows OP N, value OP N or value "
	 "between A and B, where OP is one of = != < <= > >=\n"},
	{ASSERT "warn = row = 0\n", "driftd.ini:7: [assert \"a\"] warn = row = 0: write rows OP N, "
				    "value OP N or value between A "
				    "and B, where OP is one of = != < <= > >=\n"},
	{ASSERT "warn = rows between 1 and 2\n",
	 "driftd.ini:7: [assert \"a\"] warn = rows between 1 and 2: write rows OP N, value OP N or "
	 "value between A and B, where OP is one of = != < <= > >=\n"},
	{ASSERT "warn = rows = 1.5\n", "driftd.ini:7: [assert \"a\"] warn = rows = 1.5: a number "
				       "of rows is a whole number from 0 "
				       "on\n"},
	{ASSERT "warn = rows > -1\n",
	 "driftd.ini:7: [assert \"a\"] warn = rows > -1: a number of rows is a whole number from 0 "
	 "on\n"},
	{ASSERT "warn = rows >= 0\n",
	 "driftd.ini:7: [assert \"a\"] warn = rows >= 0: this holds whatever the answer is\n"},
	{ASSERT "warn = rows < 0\n",
	 "driftd.ini:7: [assert \"a\"] warn = rows < 0: this never holds\n"},
	{GCP
	 "[assert \"a\"]\nsource = bigquery\nsql-file = q.sql\nexpect = value between 2 and 1\n",
	 "driftd.ini:6: [assert \"a\"] expect = value between 2 and 1: this never holds: the "
	 "second "
	 "number is the smaller one\n"},
	{GCP "[assert \"a\"]\nsource = bigquery\nsql-file = q.sql\nexpect = value = nan\n",
	 "driftd.ini:6: [assert \"a\"] expect = value = nan: write rows OP N, value OP N or value "
	 "between A and B, where OP is one of = != < <= > >=\n"},
	{GCP "[assert \"a\"]\nsource = bigquery\nsql-file = q.sql\nexpect = value = 0x10\n",
	 "driftd.ini:6: [assert \"a\"] expect = value = 0x10: write rows OP N, value OP N or value "
	 "between A and B, where OP is one of = != < <= > >=\n"},
	{GCP "[assert \"a\"]\nsource = bigquery\nsql-file = q.sql\nexpect = value < 1e999\n",
	 "driftd.ini:6: [assert \"a\"] expect = value < 1e999: write rows OP N, value OP N or "
	 "value "
	 "between A and B, where OP is one of = != < <= > >=\n"},
	{GCP "[assert \"a\"]\nsource = bigquery\nsql-file = nope.sql\nexpect = rows = 0\n",
	 "driftd.ini:5: [assert \"a\"] sql-file = nope.sql: open nope.sql: No such file or "
	 "directory\n"},
	{GCP "[assert \"a\"]\nsource = bigquery\nsql-file = two.sql\nexpect = rows = 0\n",
	 "driftd.ini:5: [assert \"a\"] sql-file = two.sql: there is more than one statement: "
	 "something follows the first ';'\n"},
	{GCP "[assert \"a\"]\nsource = bigquery\nsql-file = empty.sql\nexpect = rows = 0\n",
	 "driftd.ini:5: [assert \"a\"] sql-file = empty.sql: there is no SQL in it\n"},
	{GCP "[assert \"a\"]\nsource = bigquery\nsql-file = latin1.sql\nexpect = rows = 0\n",
	 "driftd.ini:5: [assert \"a\"] sql-file = latin1.sql: the file is not UTF-8 text\n"},
	{GCP "[assert \"a\"]\nsource = bigquery\nsql-file = open.sql\nexpect = rows = 0\n",
	 "driftd.ini:5: [assert \"a\"] sql-file = open.sql: a quote or a comment is not closed\n"},
	{GCP "[assert \"a\"]\nsource = bigquery\nsql-file = dollar.sql\nexpect = rows = 0\n",
	 "driftd.ini:5: [assert \"a\"] sql-file = dollar.sql: there is more than one statement: "
	 "something follows the first ';'\n"},
	{ASSERT "active-when = true\n",
	 "driftd.ini:7: [assert \"a\"] active-when = true: a SELECT is needed\n"},
	/* backups */
	{GCP "[backup \"b\"]\nfolder-format = %s\n",
	 "driftd.ini:3: [backup \"b\"]: bucket is missing: The Cloud Storage bucket.\n"
	 "driftd.ini:3: [backup \"b\"]: files is missing: File that a complete backup has and that "
	 "is "
	 "not empty, by its name in the folder.\n"
	 "driftd.ini:3: [backup \"b\"]: max-age is missing: The newest complete backup is not "
	 "older "
	 "than this.\n"},
	{GCP "[backup \"b\"]\nbucket = gs://bu\nfolder-format = %Y\nfiles = x\nmax-age = 1d\n",
	 "driftd.ini:4: [backup \"b\"] bucket = gs://bu: a bucket's name is lower-case letters, "
	 "digits, '-', '_' and '.', without gs://\n"
	 "driftd.ini:5: [backup \"b\"] folder-format = %Y: a day is needed: %Y, %m and %d, or %Y "
	 "and "
	 "%j, or %s\n"},
	{BACKUP "files = ../x\n",
	 "driftd.ini:8: [backup \"b\"] files = ../x: no name of a file in the folder: it begins or "
	 "ends with '/', or a part of it is empty, . or ..\n"},
	{BACKUP "files = /x\n", "driftd.ini:8: [backup \"b\"] files = /x: no name of a file in the "
				"folder: it begins or ends "
				"with '/', or a part of it is empty, . or ..\n"},
	{BACKUP "metadata = a//b\n", "driftd.ini:8: [backup \"b\"] metadata = a//b: no name of a "
				     "file in the folder: it begins or "
				     "ends with '/', or a part of it is empty, . or ..\n"},
	{BACKUP "prefix = /\n", "driftd.ini:8: [backup \"b\"] prefix = /: no folder in a bucket: "
				"there is nothing in it but '/'\n"},
	{BACKUP "prefix = a//\n",
	 "driftd.ini:8: [backup \"b\"] prefix = a//: no folder in a bucket: it begins or ends with "
	 "'/', or a part of it is empty, . or ..\n"},
	{BACKUP "retention = 25h\n", NULL},
	{BACKUP "retention = 24h\n",
	 "driftd.ini:8: [backup \"b\"] retention = 24h: must be longer than max-age\n"},
};

START_TEST(test_case)
{
	config_world_check(cases[_i].text, cases[_i].want);
}
END_TEST

/* The same where a connection string is looked at, which needs libpq. */
static const struct {
	const char *text;
	const char *want; /* part of the problems; NULL: it loads */
} postgres[] = {
	{ASSERT_PG, NULL},
	{ASSERT_PG "warn = value < 1\nactive-when = SELECT '\\'\n", NULL},
	{"[assert \"a\"]\nsource = postgresql\ndsn = env:DSN\nsql-file = dollar.sql\nexpect = rows "
	 "= "
	 "0\n",
	 NULL},
	{"[inventory \"i\"]\nsource = postgresql\ndsn = env:BAD_DSN\nexpect-file = f\n",
	 "driftd.ini:3: [inventory \"i\"] dsn: "},
	{"[assert \"a\"]\nsource = postgresql\ndsn = env:BAD_DSN\nsql-file = q.sql\nexpect = rows "
	 "= "
	 "0\n",
	 "driftd.ini:3: [assert \"a\"] dsn: "},
};

START_TEST(test_postgres)
{
	struct config *config;
	g_autofree char *problems = config_world_try_text(postgres[_i].text, &config);

	if (!postgres[_i].want) {
		ck_assert_msg(problems == NULL, "%s", problems);
		config_unref(config);
		return;
	}
	ck_assert_ptr_nonnull(problems);
	ck_assert_msg(g_str_has_prefix(problems, postgres[_i].want), "%s", problems);
	ck_assert_ptr_null(strstr(problems, "hunter2"));
}
END_TEST

static const struct {
	const char *text;
	const char *want; /* the warning; NULL: none */
} warned[] = {
	{GCP "[table \"d.t\"]\nowner = me\n", "driftd.ini:3: [table \"d.t\"]: without warn-after, "
					      "error-after, expected, min-rows or volume "
					      "only a table that is missing or empty is drift"},
	{GCP "[table \"d.t\"]\nexpected = @daily\n", NULL},
	{GCP "[table \"d.t\"]\nerror-after = 1d\n", NULL},
	{GCP "[table \"d.t\"]\nmin-rows = 1\n", NULL},
	{GCP "[table \"d.t\"]\nmethod = partition\nvolume = 5%\n", NULL},
	{TABLE "max-bytes-billed = 1GB\n", "driftd.ini:5: [table \"d.t\"] max-bytes-billed: has no "
					   "effect: method = metadata is free"},
	{TABLE "max-bytes-billed = 1GB\nactive-when = SELECT true\n", NULL},
	{TABLE "method = partition\nmax-bytes-billed = 10485759\n",
	 "driftd.ini:6: [table \"d.t\"] max-bytes-billed: BigQuery bills at least 10MiB for each "
	 "table "
	 "of a query: every look would fail"},
	{TABLE "method = partition\nmax-bytes-billed = 10MiB\n", NULL},
	{ASSERT "max-bytes-billed = 1MB\n", "driftd.ini:7: [assert \"a\"] max-bytes-billed: "
					    "BigQuery bills at least 10MiB for each table "
					    "of a query: every look would fail"},
	{TABLE "escalate-commits = 3\n",
	 "driftd.ini:5: [table \"d.t\"] escalate-commits: has no effect: escalate-commits "
	 "means nothing in [table]"},
	{TABLE "escalate-after = 1d\n",
	 "driftd.ini:5: [table \"d.t\"] escalate-after: has no effect: escalate-after means "
	 "nothing in [table]"},
	{TABLE "method = partition\n[driftd]\nexpire-after = 30m\n",
	 "driftd.ini:3: [table \"d.t\"] every: its verdicts expire after 30m, before the next "
	 "look: it "
	 "would be unknown in between"},
	{COMPLETION "region = us-west2\n",
	 "driftd.ini:6: [completion \"c\"] region: has no effect: region means nothing in "
	 "[completion]"},
	{COMPLETION "location = US\n",
	 "driftd.ini:6: [completion \"c\"] location: has no effect without active-when"},
	{COMPLETION "location = US\nactive-when = SELECT true\n", NULL},
	{GCP "[completion \"c\"]\nexpect = k\ndocument = a/b\ndate-offset = -1d\n",
	 "driftd.ini:6: [completion \"c\"] date-offset: has no effect: there is no {date} in "
	 "document"},
	{BACKUP "location = US\n", "driftd.ini:8: [backup \"b\"] location: has no effect: location "
				   "means nothing in [backup]"},
	{BACKUP "region = us-west2\n",
	 "driftd.ini:8: [backup \"b\"] region: has no effect: region means nothing in [backup]"},
	{GCP "bigquery-endpoint = http://x.example.com\n[table \"d.t\"]\nmin-rows = 1\n",
	 "driftd.ini:3: [gcp] bigquery-endpoint: plain http: access tokens can be read on the way; "
	 "use "
	 "https"},
	{GCP "firestore-endpoint = http://x.example.com\n[table \"d.t\"]\nmin-rows = 1\n",
	 "driftd.ini:3: [gcp] firestore-endpoint: plain http: access tokens can be read on the "
	 "way; "
	 "use https"},
};

START_TEST(test_warning)
{
	struct config *config = config_world_must_load(warned[_i].text);
	const char *got = config->warnings->len ? g_ptr_array_index(config->warnings, 0) : NULL;

	ck_assert_uint_eq(config->warnings->len, warned[_i].want ? 1 : 0);
	if (warned[_i].want) {
		ck_assert(g_str_has_prefix(got, config_world_directory()));
		ck_assert_str_eq(got + strlen(config_world_directory()) + 1, warned[_i].want);
	}
	config_unref(config);
}
END_TEST

/* Dates behind a NUL must not be lost in silence. */
START_TEST(test_holidays_are_text)
{
	g_autofree char *path = g_build_filename(config_world_directory(), "nul.txt", NULL);

	ck_assert(g_file_set_contents(path, "2026-11-26\n\0\n2026-12-25\n", 23, NULL));
	config_world_must_fail(TABLE "expected = @daily\nholidays = nul.txt\n",
			       "driftd.ini:6: [table \"d.t\"] holidays = nul.txt: the file is not "
			       "text\n");
}
END_TEST

/* A file of SQL at its limit and beyond. */
START_TEST(test_sql_limit)
{
	static const int offsets[] = {-1, 0, 1};
	g_autofree char *fill = g_strnfill(
		(gsize)((int)CONFIG_SQL_MAX_BYTES + offsets[_i]) - strlen("SELECT 1"), ' ');
	g_autofree char *sql = g_strconcat("SELECT 1", fill, NULL);
	struct config *config;
	g_autofree char *problems = NULL;

	config_world_put_only("q.sql", sql);
	problems = config_world_try_text(ASSERT, &config);
	ck_assert_int_eq(problems == NULL, offsets[_i] <= 0);
	if (problems)
		ck_assert(g_str_has_prefix(problems,
					   "driftd.ini:5: [assert \"a\"] sql-file = q.sql: "));
	config_unref(config);
}
END_TEST

/* Everything wrong with several sections is said at once, in file order. */
START_TEST(test_all_problems_at_once)
{
	config_world_must_fail(
		GCP "[table \"games\"]\nmethod = colum\nvolume = x\nexpected = 0 6 * * * Nowhere\n"
		    "[backup \"b\"]\nbucket = B\nfolder-format = x\nfiles = /\nmax-age = 0s\n"
		    "[completion \"c\"]\ndocument = x\nexpect = _x\nevidence = k table/gamse\n",
		"driftd.ini:3: [table \"games\"]: table is missing: the section's name is not "
		"DATASET.TABLE or PROJECT.DATASET.TABLE\n"
		"driftd.ini:4: [table \"games\"] method = colum: must be metadata, column or "
		"partition; "
		"did you mean column?\n"
		"driftd.ini:5: [table \"games\"] volume = x: a percentage from 1% to 99% is "
		"needed\n"
		"driftd.ini:6: [table \"games\"] expected = 0 6 * * * Nowhere: unknown time zone "
		"\"Nowhere\"; write a name like Europe/Berlin (the tzdata package must be "
		"installed)\n"
		"driftd.ini:8: [backup \"b\"] bucket = B: a bucket's name is lower-case letters, "
		"digits, "
		"'-', '_' and '.', without gs://\n"
		"driftd.ini:9: [backup \"b\"] folder-format = x: a day is needed: %Y, %m and %d, "
		"or %Y "
		"and %j, or %s\n"
		"driftd.ini:10: [backup \"b\"] files = /: no name of a file in the folder: it "
		"begins or "
		"ends with '/', or a part of it is empty, . or ..\n"
		"driftd.ini:11: [backup \"b\"] max-age = 0s: out of range: from 1s to 365d\n"
		"driftd.ini:13: [completion \"c\"] document = x: no path of a document: it has an "
		"odd "
		"number of parts, COLLECTION/DOCUMENT has two\n"
		"driftd.ini:14: [completion \"c\"] expect = _x: keys that begin with _ never "
		"count\n"
		"driftd.ini:15: [completion \"c\"] evidence = k table/gamse: there is no "
		"table/gamse; did "
		"you mean table/games?\n");
}
END_TEST

Suite *config_data_problems_suite(void)
{
	Suite *suite = suite_create("config_data_problems");
	TCase *problems = tcase_create("problems");

	tcase_add_checked_fixture(problems, set_up, config_world_tear_down);
	tcase_add_loop_test(problems, test_case, 0, G_N_ELEMENTS(cases));
	if (pg_is_available())
		tcase_add_loop_test(problems, test_postgres, 0, G_N_ELEMENTS(postgres));
	tcase_add_loop_test(problems, test_warning, 0, G_N_ELEMENTS(warned));
	tcase_add_test(problems, test_holidays_are_text);
	tcase_add_loop_test(problems, test_sql_limit, 0, 3);
	tcase_add_test(problems, test_all_problems_at_once);
	suite_add_tcase(suite, problems);
	return suite;
}
