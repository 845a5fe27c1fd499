/* Unit tests of lib/config: everything that can be wrong with a configuration, and how it is
 * said. */
#include "config/config.h"
#include "tests/unit/config_world.h"

#include <check.h>
#include <string.h>

Suite *config_problems_suite(void);

static const struct {
	const char *text;
	const char *want; /* problems; NULL: it loads */
} cases[] = {
	{CONFIG_WORLD_BASE, NULL},
	{CONFIG_WORLD_CLOUD, NULL},
	/* DESIGN 5, one by one */
	{CONFIG_WORLD_BASE "[servise \"x\"]\na = b\n",
	 "driftd.ini:6: [servise \"x\"]: unknown section; did you mean [service]?\n"},
	{CONFIG_WORLD_BASE "[zzzzzzzz]\na = b\n", "driftd.ini:6: [zzzzzzzz]: unknown section\n"},
	{CONFIG_WORLD_BASE "grase = 5m\n",
	 "driftd.ini:6: [service \"web\"] grase: unknown key; did you mean "
	 "grace?\n"},
	{CONFIG_WORLD_BASE "log-level = info\n",
	 "driftd.ini:6: [service \"web\"] log-level: unknown key here; it belongs in [driftd]\n"},
	{CONFIG_WORLD_BASE "qqqqqqqqqqqq = 1\n",
	 "driftd.ini:6: [service \"web\"] qqqqqqqqqqqq: unknown key\n"},
	{CONFIG_WORLD_BASE "[repo \"main\"]\nurl = https://git.example.com/b.git\n",
	 "driftd.ini:6: [repo \"main\"]: given twice, first in driftd.ini:1\n"},
	{CONFIG_WORLD_BASE "[gcp]\nproject = a\n[gcp \"default\"]\nproject = b\n",
	 "driftd.ini:8: [gcp \"default\"]: given twice, first in driftd.ini:6\n"},
	{CONFIG_WORLD_BASE "grace = 5m\ngrace = 6m\n",
	 "driftd.ini:7: [service \"web\"] grace = 6m: given twice, first in line 6\n"},
	{CONFIG_WORLD_BASE "[auth]\n", "driftd.ini:6: [auth]: empty section: it has no keys\n"},
	{CONFIG_WORLD_BASE "[service \"y\"]\n",
	 "driftd.ini:6: [service \"y\"]: empty section: it has no keys\n"},
	{CONFIG_WORLD_BASE "[repo \"b\"]\nbranch = x\n",
	 "driftd.ini:3: [service \"web\"]: repo is missing: there are 2 [repo] sections, say which "
	 "one it is built from\n"
	 "driftd.ini:6: [repo \"b\"]: url is missing: Where the repository is: an https, http, ssh "
	 "or file URL, user@host:path, or a path on this machine, which is read in place.\n"},
	{CONFIG_WORLD_BASE "repo = mian\n",
	 "driftd.ini:6: [service \"web\"] repo = mian: there is no [repo "
	 "\"mian\"]; did you mean \"main\"?\n"},
	{CONFIG_WORLD_BASE "depends-on = service/nope\n",
	 "driftd.ini:6: [service \"web\"] depends-on = service/nope: there is no such target or "
	 "repository\n"},
	{CONFIG_WORLD_BASE "depends-on = web\n",
	 "driftd.ini:6: [service \"web\"] depends-on = web: write KIND/NAME, as in service/NAME, "
	 "table/NAME or repo/NAME\n"},
	{CONFIG_WORLD_BASE "depends-on = repo/mian\n",
	 "driftd.ini:6: [service \"web\"] depends-on = repo/mian: there is no such target or "
	 "repository; did you mean repo/main?\n"},
	{CONFIG_WORLD_CLOUD "gcp = other\n",
	 "driftd.ini:8: [service \"web\"] gcp = other: there is no [gcp \"other\"]\n"},
	{"[repo \"main\"]\nurl = https://git.example.com/a.git\n",
	 "driftd.ini: no target: add a [service \"NAME\"] section for each thing to watch\n"},
	{"", "driftd.ini: no target: add a [service \"NAME\"] section for each thing to watch\n"},
	{"[service \"web\"]\nsource = http\nurl = http://a/\n",
	 "driftd.ini: no repository: add a [repo \"NAME\"] section\n"},
	{CONFIG_WORLD_BASE "[driftd]\ntimezone = Europe/Berln\n",
	 "driftd.ini:7: [driftd] timezone = Europe/Berln: unknown time zone; write a name like "
	 "Europe/Berlin (the tzdata package must be installed)\n"},
	{CONFIG_WORLD_BASE "[driftd]\ninclude = nope.ini\n",
	 "driftd.ini:7: [driftd] include = nope.ini: unreadable: there is no such file\n"},
	{CONFIG_WORLD_BASE "[driftd]\ninclude = nope.d/*.ini\n", NULL},
	{CONFIG_WORLD_BASE "owner =\n",
	 "driftd.ini:6: [service \"web\"] owner: the value is empty\n"},
	{"nonsense\n" CONFIG_WORLD_BASE,
	 "driftd.ini:1: neither a [section], nor key = value, nor a comment (# "
	 "or ;)\n"},
	/* headers */
	{CONFIG_WORLD_BASE "[driftd \"x\"]\nconfirm = 1\n",
	 "driftd.ini:6: [driftd \"x\"]: this section has no name\n"},
	{CONFIG_WORLD_BASE
	 "[repo]\nurl = /\n[service \"y\"]\nsource = http\nurl = http://a/\nrepo = main\n",
	 "driftd.ini:3: [service \"web\"]: repo is missing: there are 2 [repo] sections, say which "
	 "one it is built from\n"
	 "driftd.ini:6: [repo]: the section needs a name in quotes\n"},
	{CONFIG_WORLD_BASE "[service \"a b\"]\nsource = http\nurl = http://a/\n",
	 "driftd.ini:6: [service \"a b\"]: a name is a letter or digit, then letters, digits, '.', "
	 "'_' and '-', at most 100\n"},
	{CONFIG_WORLD_BASE "[service \"-a\"]\nsource = http\nurl = http://a/\n",
	 "driftd.ini:6: [service \"-a\"]: a name is a letter or digit, then letters, digits, '.', "
	 "'_' and '-', at most 100\n"},
	{CONFIG_WORLD_BASE "[tabel \"x\"]\na = b\n",
	 "driftd.ini:6: [tabel \"x\"]: unknown section; did you mean [table]?\n"},
	{CONFIG_WORLD_BASE "escalate-after = soon\n",
	 "driftd.ini:6: [service \"web\"] escalate-after = soon: "
	 "not a duration up to 365d; write a "
	 "number and s, m, h or d: 90s, 5m, 24h, 7d\n"},
	/* numbers */
	{CONFIG_WORLD_BASE "confirm = 0\n",
	 "driftd.ini:6: [service \"web\"] confirm = 0: a whole number from 1 "
	 "to 10 is needed\n"},
	{CONFIG_WORLD_BASE "confirm = 1\n", NULL},
	{CONFIG_WORLD_BASE "confirm = 10\n", NULL},
	{CONFIG_WORLD_BASE "confirm = 11\n",
	 "driftd.ini:6: [service \"web\"] confirm = 11: a whole number from "
	 "1 to 10 is needed\n"},
	{CONFIG_WORLD_BASE "confirm = 2x\n",
	 "driftd.ini:6: [service \"web\"] confirm = 2x: a whole number from "
	 "1 to 10 is needed\n"},
	{CONFIG_WORLD_BASE "grace = 0s\n", NULL},
	{CONFIG_WORLD_BASE "every = 0s\n",
	 "driftd.ini:6: [service \"web\"] every = 0s: out of range: from 1s to 365d\n"},
	{CONFIG_WORLD_BASE "every = 1s\n", NULL},
	{CONFIG_WORLD_BASE "grace = 365d\n", NULL},
	{CONFIG_WORLD_BASE "grace = 366d\n",
	 "driftd.ini:6: [service \"web\"] grace = 366d: not a duration up to 365d; write a number "
	 "and s, m, h or d: 90s, 5m, 24h, 7d\n"},
	{CONFIG_WORLD_BASE "priority = p0\n",
	 "driftd.ini:6: [service \"web\"] priority = p0: must be P0, P1 or "
	 "P2; did you mean P0?\n"},
	{CONFIG_WORLD_BASE "[driftd]\nmax-parallel-requests = 1024\n", NULL},
	{CONFIG_WORLD_BASE "[driftd]\nmax-parallel-requests = 1025\n",
	 "driftd.ini:7: [driftd] max-parallel-requests = 1025: a whole number from 1 to 1024 is "
	 "needed\n"},
	{CONFIG_WORLD_BASE "[driftd]\ndaily-bytes = 1GB\n", NULL},
	{CONFIG_WORLD_BASE "[driftd]\ndaily-bytes = lots\n",
	 "driftd.ini:7: [driftd] daily-bytes = lots: not a "
	 "size up to 1 PiB; write a number and nothing (bytes), kB, MB, GB or TB (powers of 1000), "
	 "or KiB, MiB, GiB or TiB (of 1024): 500MB, 1GiB\n"},
	/* listen and who gets in */
	{CONFIG_WORLD_BASE "[driftd]\nlisten = localhost:0\n", NULL},
	{CONFIG_WORLD_BASE "[driftd]\nlisten = [::1]:65535\n", NULL},
	{CONFIG_WORLD_BASE "[driftd]\nlisten = 8080\n",
	 "driftd.ini:7: [driftd] listen = 8080: write HOST:PORT, for example 127.0.0.1:8080, or "
	 "0.0.0.0:8080 for every address\n"},
	{CONFIG_WORLD_BASE "[driftd]\nlisten = ::1:80\n",
	 "driftd.ini:7: [driftd] listen = ::1:80: an IPv6 "
	 "address is written [ADDRESS]:PORT\n"},
	{CONFIG_WORLD_BASE "[driftd]\nlisten = 127.0.0.1:65536\n",
	 "driftd.ini:7: [driftd] listen = 127.0.0.1:65536: the port is a number from 0 to 65535\n"},
	{CONFIG_WORLD_BASE "[driftd]\nlisten = 127.0.0.1:+80\n",
	 "driftd.ini:7: [driftd] listen = 127.0.0.1:+80: the port is a number from 0 to 65535\n"},
	{CONFIG_WORLD_BASE "[driftd]\nlisten = 0.0.0.0:80\n",
	 "driftd.ini:7: [driftd] listen = 0.0.0.0:80: other machines can reach this address and "
	 "nothing would ask them for a credential: add [auth] with token = file:PATH, with "
	 "oidc-audience and oidc-email, or with allow-anonymous = true if that is meant\n"},
	{CONFIG_WORLD_BASE "[driftd]\nlisten = 0.0.0.0:80\n[auth]\nallow-anonymous = true\n", NULL},
	{CONFIG_WORLD_BASE "[driftd]\nlisten = 0.0.0.0:80\n[auth]\ntoken = env:TOKEN\n", NULL},
	{CONFIG_WORLD_BASE "[driftd]\nlisten = 0.0.0.0:80\n[auth]\nprotect = all\n",
	 "driftd.ini:8: [auth]: nobody could get in: give token = file:PATH or env:NAME, "
	 "oidc-audience and oidc-email, or allow-anonymous = true\n"},
	{CONFIG_WORLD_BASE "[auth]\nprotect = write\n",
	 "driftd.ini:6: [auth]: nobody could get in: give token = file:PATH or env:NAME, "
	 "oidc-audience and oidc-email, or allow-anonymous = true\n"},
	{CONFIG_WORLD_BASE "[auth]\nallow-anonymous = yes\n",
	 "driftd.ini:7: [auth] allow-anonymous = yes: must be false or true\n"},
	{CONFIG_WORLD_BASE "[driftd]\nallowed-host = drift.internal\nallowed-host = http://x/\n",
	 "driftd.ini:8: [driftd] allowed-host = http://x/: a host name or address is needed, "
	 "without scheme, port and path\n"},
	{CONFIG_WORLD_BASE "[driftd]\nallowed-host = a\nallowed-host = a\n",
	 "driftd.ini:8: [driftd] allowed-host = a: the same value is given twice\n"},
	/* secrets */
	{CONFIG_WORLD_BASE "[auth]\ntoken = env:NOT_SET\n",
	 "driftd.ini:7: [auth] token: environment variable NOT_SET is not set\n"},
	{CONFIG_WORLD_BASE "[auth]\ntoken = env:EMPTY\n",
	 "driftd.ini:7: [auth] token: environment variable EMPTY is empty\n"},
	{CONFIG_WORLD_BASE "[auth]\ntoken = env:TWO_LINES\n",
	 "driftd.ini:7: [auth] token: environment variable "
	 "TWO_LINES holds a control character or a "
	 "second line; a secret is one line of text\n"},
	{CONFIG_WORLD_BASE "[auth]\ntoken = env:\n",
	 "driftd.ini:7: [auth] token: env: needs the name of an environment variable\n"},
	{CONFIG_WORLD_BASE "[auth]\ntoken = file:nope\n",
	 "driftd.ini:7: [auth] token: open nope: No such file or directory\n"},
	{CONFIG_WORLD_BASE "[auth]\ntokne = hunter2\n",
	 "driftd.ini:6: [auth]: nobody could get in: give token = file:PATH or env:NAME, "
	 "oidc-audience and oidc-email, or allow-anonymous = true\n"
	 "driftd.ini:7: [auth] tokne: unknown key; did you mean token?\n"},
	{CONFIG_WORLD_BASE "[auth]\ntoken = hunter2\ntoken = hunter2\n",
	 "driftd.ini:8: [auth] token: given twice, first in line 7\n"},
	{CONFIG_WORLD_BASE "[driftd]\nheartbeat-url = ftp://hc.example.com/hunter2\n",
	 "driftd.ini:7: [driftd] heartbeat-url: only http and https URLs are possible here\n"},
	/* URLs */
	{CONFIG_WORLD_BASE "probe-url = https://u:hunter2@x/\n",
	 "driftd.ini:6: [service \"web\"] probe-url: a user or password in the URL would be logged "
	 "and shown; remove it\n"},
	{CONFIG_WORLD_BASE "probe-url = https://x/?key=hunter2#f\n",
	 "driftd.ini:6: [service \"web\"] probe-url = https://x/: the part from # on is never "
	 "sent; "
	 "remove it\n"},
	{CONFIG_WORLD_BASE "probe-url = https:///x\n",
	 "driftd.ini:6: [service \"web\"] probe-url = https:///x: the URL names no host\n"},
	{CONFIG_WORLD_BASE "probe-url = /health\n",
	 "driftd.ini:6: [service \"web\"] probe-url = /health: a URL begins with https:// or "
	 "http://\n"},
	{CONFIG_WORLD_BASE "probe-url = https://x y/\n",
	 "driftd.ini:6: [service \"web\"] probe-url = https://x "
	 "y/: white space or a character that "
	 "a URL has percent-encoded only\n"},
	{CONFIG_WORLD_BASE "probe-url = file:///etc/passwd\n",
	 "driftd.ini:6: [service \"web\"] probe-url = file:///etc/passwd: only http and https URLs "
	 "are possible here\n"},
	{CONFIG_WORLD_BASE "probe-url = http://x:99999/\n",
	 "driftd.ini:6: [service \"web\"] probe-url = http://x:99999/: not a URL\n"},
	{CONFIG_WORLD_CLOUD "[gcp \"b\"]\nrun-endpoint = https://run.example.com/?x=1\n",
	 "driftd.ini:9: [gcp \"b\"] run-endpoint = https://run.example.com/: a ? part is not "
	 "possible here: paths are added to it\n"},
	/* services: what goes with what */
	{CONFIG_WORLD_BASE "expect = min-instances=1\n",
	 "driftd.ini:6: [service \"web\"] expect = "
	 "min-instances: means nothing with source = http\n"},
	{CONFIG_WORLD_BASE "traffic = any\n",
	 "driftd.ini:6: [service \"web\"] traffic = any: means nothing with source = http\n"},
	{CONFIG_WORLD_CLOUD "url = http://x/\n",
	 "driftd.ini:8: [service \"web\"] url = http://x/: means "
	 "nothing with source = cloud-run\n"},
	{CONFIG_WORLD_CLOUD "commit-pointer = /x\n",
	 "driftd.ini:8: [service \"web\"] commit-pointer = /x: means "
	 "nothing with source = cloud-run\n"},
	{"[repo \"m\"]\nurl = /\n[service \"web\"]\nsource = http\n",
	 "driftd.ini:3: [service \"web\"]: url is missing: source = http needs it\n"},
	{"[repo \"m\"]\nurl = /\n[service \"web\"]\npriority = P0\n",
	 "driftd.ini:3: [service \"web\"]: source is missing: Where to look: cloud-run, "
	 "cloud-function (second generation), or http, an endpoint that tells its commit.\n"},
	{"[repo \"m\"]\nurl = /\n[service \"web\"]\nsource = cloudrun\n",
	 "driftd.ini:4: [service \"web\"] source = cloudrun: must be cloud-run, cloud-function or "
	 "http; did you mean cloud-run?\n"},
	/* project and region */
	{"[repo \"m\"]\nurl = /\n[service \"web\"]\nsource = cloud-run\n",
	 "driftd.ini:3: [service \"web\"]: project is missing: give project here or in [gcp "
	 "\"default\"]\n"
	 "driftd.ini:3: [service \"web\"]: region is missing: give region here or in [gcp "
	 "\"default\"]\n"},
	{"[repo \"m\"]\nurl = /\n[service \"web\"]\nsource = cloud-run\nproject = p\nregion = r\n",
	 NULL},
	{"[repo \"m\"]\nurl = /\n[service \"web\"]\nsource = cloud-run\nproject = p\nregion = "
	 "r\ngcp = default\n",
	 NULL},
	{"[repo \"m\"]\nurl = /\n[gcp]\nproject = p\nregion = a\nregion = b\n[service "
	 "\"web\"]\nsource = cloud-run\n",
	 "driftd.ini:7: [service \"web\"]: region is missing: [gcp \"default\"] has several, say "
	 "which one it runs in\n"},
	{"[repo \"m\"]\nurl = /\n[gcp \"o\"]\nproject = p\nregion = a\n[service \"web\"]\nsource = "
	 "cloud-run\n",
	 "driftd.ini:6: [service \"web\"]: gcp is missing: there is no unnamed [gcp] section, say "
	 "which one to use\n"},
	{CONFIG_WORLD_CLOUD "[service \"A.b\"]\nsource = cloud-run\n",
	 "driftd.ini:8: [service \"A.b\"]: the section's name is no name of a Cloud Run service or "
	 "function; give service = NAME\n"},
	{CONFIG_WORLD_CLOUD "[service \"A.b\"]\nsource = cloud-run\nservice = ab\n", NULL},
	{CONFIG_WORLD_CLOUD "project = ../../x\n",
	 "driftd.ini:8: [service \"web\"] project = ../../x: a project "
	 "id is lower-case letters, digits and '-'\n"},
	{CONFIG_WORLD_CLOUD "region = -\n",
	 "driftd.ini:8: [service \"web\"] region = -: a region is a name like us-west2\n"},
	{CONFIG_WORLD_CLOUD "service = a/b\n",
	 "driftd.ini:8: [service \"web\"] service = a/b: a service's name is a letter, then "
	 "letters, digits, '-' and '_', at most 63\n"},
	/* expectations */
	{CONFIG_WORLD_CLOUD "expect = min-instances=1\nexpect = env.A=\nexpect = env._b2=x=y\n",
	 NULL},
	{CONFIG_WORLD_CLOUD "expect = min-instances\n",
	 "driftd.ini:8: [service \"web\"] expect = min-instances: "
	 "write NAME=VALUE, for example min-instances=1\n"},
	{CONFIG_WORLD_CLOUD "expect = min-instance=1\n",
	 "driftd.ini:8: [service \"web\"] expect = min-instance: unknown setting, did you mean "
	 "min-instances; known are min-instances, max-instances, cpu-idle, memory, concurrency, "
	 "timeout, service-account, image and env.NAME\n"},
	{CONFIG_WORLD_CLOUD "expect = min-instances=some\n",
	 "driftd.ini:8: [service \"web\"] expect = "
	 "min-instances: a number from 0 to 100000 is "
	 "needed\n"},
	{CONFIG_WORLD_CLOUD "expect = cpu-idle=1\n",
	 "driftd.ini:8: [service \"web\"] expect = cpu-idle: cpu-idle is true or false\n"},
	{CONFIG_WORLD_CLOUD "expect = memory=2GB\n",
	 "driftd.ini:8: [service \"web\"] expect = memory: an amount "
	 "of memory is needed: 512Mi, 2Gi\n"},
	{CONFIG_WORLD_CLOUD "expect = timeout=300\n",
	 "driftd.ini:8: [service \"web\"] expect = timeout: a "
	 "duration is needed: 300s, 5m\n"},
	{CONFIG_WORLD_CLOUD "expect = env.1A=hunter2\n",
	 "driftd.ini:8: [service \"web\"] expect = env.1A: behind env. comes the name of a "
	 "variable: letters, digits and '_', no digit first\n"},
	{CONFIG_WORLD_CLOUD "expect = env.A=hunter2\nexpect = env.A=hunter3\n",
	 "driftd.ini:9: [service \"web\"] expect = env.A: env.A is expected twice\n"},
	{CONFIG_WORLD_CLOUD "expect = env.A=1\nexpect-from = env.A gs://b/o#/x\n",
	 "driftd.ini:9: [service \"web\"] expect-from = env.A gs://b/o#/x: env.A is expected "
	 "twice\n"},
	{CONFIG_WORLD_CLOUD "expect-from = env.A gs://b/o.json#/x/{/y}/z\n", NULL},
	{CONFIG_WORLD_CLOUD "expect-from = env.A gs://b/o\n",
	 "driftd.ini:8: [service \"web\"] expect-from = env.A gs://b/o: write "
	 "gs://BUCKET/OBJECT#POINTER, for example gs://models/manifest.json#/production/path\n"},
	{CONFIG_WORLD_CLOUD "expect-from = env.A gs://b/o#x\n",
	 "driftd.ini:8: [service \"web\"] expect-from = env.A gs://b/o#x: a JSON pointer begins "
	 "with '/', for example /build/commit\n"},
	{CONFIG_WORLD_CLOUD "expect-from = env.A gs://b/o#/{x}\n",
	 "driftd.ini:8: [service \"web\"] expect-from = env.A gs://b/o#/{x}: { in the pointer "
	 "begins a pointer of its own, which ends with }: {/name}\n"},
	{CONFIG_WORLD_CLOUD "expect-from = env.A gs://b/o#/{/x\n",
	 "driftd.ini:8: [service \"web\"] expect-from = env.A gs://b/o#/{/x: the { in the pointer "
	 "is not closed\n"},
	{CONFIG_WORLD_CLOUD "expect-from = env.A gs://B/o#/x\n",
	 "driftd.ini:8: [service \"web\"] expect-from = env.A gs://B/o#/x: a bucket's name is "
	 "lower-case letters, digits, '-', '_' and '.'\n"},
	{CONFIG_WORLD_CLOUD "require-env = A\nrequire-env = B\nforbid-env = C\n", NULL},
	{CONFIG_WORLD_CLOUD "require-env = A B\n",
	 "driftd.ini:8: [service \"web\"] require-env = A B: one name of a variable is needed: "
	 "letters, digits and '_', no digit first; repeat the key for more\n"},
	{CONFIG_WORLD_CLOUD "require-env = A\nforbid-env = A\n",
	 "driftd.ini:9: [service \"web\"] forbid-env = A: A is forbidden and wanted (require-env, "
	 "expect) at once\n"},
	{CONFIG_WORLD_CLOUD "expect = env.A=1\nforbid-env = A\n",
	 "driftd.ini:9: [service \"web\"] forbid-env = A: A is forbidden and wanted (require-env, "
	 "expect) at once\n"},
	{CONFIG_WORLD_CLOUD "commit-from = label:commit\ncommit-from = env:GIT_SHA\ncommit-from = "
			    "image-tag\ncommit-from = annotation:example.com/commit\n",
	 NULL},
	{CONFIG_WORLD_CLOUD "commit-from = commit\n",
	 "driftd.ini:8: [service \"web\"] commit-from = commit: "
	 "must be label:KEY, env:NAME, image-tag or "
	 "annotation:KEY\n"},
	{CONFIG_WORLD_CLOUD "commit-from = label:\n",
	 "driftd.ini:8: [service \"web\"] commit-from = label:: "
	 "must be label:KEY, env:NAME, image-tag or "
	 "annotation:KEY\n"},
	/* probes and pointers */
	{CONFIG_WORLD_BASE "probe-url = http://x/\nprobe-expect = /a=b\nprobe-expect = /b=\n",
	 NULL},
	{CONFIG_WORLD_BASE "probe-expect = /a=b\n",
	 "driftd.ini:6: [service \"web\"] probe-expect = /a: needs probe-url\n"},
	{CONFIG_WORLD_BASE "probe-url = http://x/\nprobe-expect = /a\n",
	 "driftd.ini:7: [service \"web\"] probe-expect = /a: write POINTER=VALUE, for example "
	 "/service=billing\n"},
	{CONFIG_WORLD_BASE "probe-url = http://x/\nprobe-expect = /a=1\nprobe-expect = /a=2\n",
	 "driftd.ini:8: [service \"web\"] probe-expect = /a: /a is expected twice\n"},
	{CONFIG_WORLD_BASE "commit-pointer = commit\n",
	 "driftd.ini:6: [service \"web\"] commit-pointer = commit: a JSON pointer begins with '/', "
	 "for example /build/commit\n"},
	{CONFIG_WORLD_BASE "commit-pointer = /a~2\n",
	 "driftd.ini:6: [service \"web\"] commit-pointer = /a~2: in a JSON pointer '~' is written "
	 "~0, and '/' in a name ~1 (RFC 6901)\n"},
	/* paths */
	{CONFIG_WORLD_BASE "paths = !**/*.md\npaths = \xc3\xa9/**\n", NULL},
	{CONFIG_WORLD_BASE "paths = /src\n",
	 "driftd.ini:6: [service \"web\"] paths = /src: path pattern "
	 "\"/src\": patterns start at the root of the repository, without "
	 "'/'\n"},
	/* pins and pauses */
	{CONFIG_WORLD_BASE "pin = 1a2b3c\n",
	 "driftd.ini:6: [service \"web\"] pin = 1a2b3c: a pin begins with a "
	 "commit: 7 to 40 hexadecimal digits\n"},
	{CONFIG_WORLD_BASE "pin = 1a2b3c4\n", NULL},
	{CONFIG_WORLD_BASE "pin = 0123456789012345678901234567890123456789\n", NULL},
	{CONFIG_WORLD_BASE "pin = 01234567890123456789012345678901234567890\n",
	 "driftd.ini:6: [service \"web\"] pin = 01234567890123456789012345678901234567890: a pin "
	 "begins with a commit: 7 to 40 hexadecimal digits\n"},
	{CONFIG_WORLD_BASE "pin = 1a2b3c4 until 2026-02-30\n",
	 "driftd.ini:6: [service \"web\"] pin = 1a2b3c4 until 2026-02-30: behind until comes a "
	 "date, YYYY-MM-DD\n"},
	{CONFIG_WORLD_BASE "pin = 1a2b3c4 until\n",
	 "driftd.ini:6: [service \"web\"] pin = 1a2b3c4 until: behind "
	 "until comes a date, YYYY-MM-DD\n"},
	{CONFIG_WORLD_BASE "pin = 1a2b3c4 by\n",
	 "driftd.ini:6: [service \"web\"] pin = 1a2b3c4 by: something "
	 "is missing behind by or because\n"},
	{CONFIG_WORLD_BASE "pin = 1a2b3c4 by because x\n",
	 "driftd.ini:6: [service \"web\"] pin = 1a2b3c4 by because x: something is missing behind "
	 "by or because\n"},
	{CONFIG_WORLD_BASE "pin = 1a2b3c4 rollback\n",
	 "driftd.ini:6: [service \"web\"] pin = 1a2b3c4 rollback: behind the commit come, in this "
	 "order, until YYYY-MM-DD, by WHO, because WHY\n"},
	{CONFIG_WORLD_BASE "paused = no\n",
	 "driftd.ini:6: [service \"web\"] paused = no: must be true, false or "
	 "a reason, optionally with until YYYY-MM-DD behind it\n"},
	{CONFIG_WORLD_BASE "paused = TRUE\n",
	 "driftd.ini:6: [service \"web\"] paused = TRUE: must be true, false or a reason, "
	 "optionally with until YYYY-MM-DD behind it\n"},
	{CONFIG_WORLD_BASE "paused = false until 2026-12-01\n",
	 "driftd.ini:6: [service \"web\"] paused = false until 2026-12-01: must be true, false or "
	 "a "
	 "reason, optionally with until YYYY-MM-DD behind it\n"},
	{CONFIG_WORLD_BASE "paused = moving until Friday\n",
	 "driftd.ini:6: [service \"web\"] paused = moving until Friday: behind until comes a date, "
	 "YYYY-MM-DD\n"},
	/* credentials */
	{CONFIG_WORLD_CLOUD "[gcp \"b\"]\ncredentials = key.json\n",
	 "driftd.ini:9: [gcp \"b\"] credentials = key.json: must be adc, metadata, file:PATH or "
	 "token:env:NAME\n"},
	{CONFIG_WORLD_CLOUD "[gcp \"b\"]\ncredentials = file:key.json\n",
	 "driftd.ini:9: [gcp \"b\"] credentials = file:key.json: open key.json: No such file or "
	 "directory\n"},
	{CONFIG_WORLD_CLOUD "[gcp \"b\"]\ncredentials = token:env:TWO_LINES\n",
	 "driftd.ini:9: [gcp \"b\"] credentials = token:: environment variable TWO_LINES holds a "
	 "control character or a second line; a secret is one line of text\n"},
	{CONFIG_WORLD_CLOUD "[gcp \"b\"]\ncredentials = token:env:TOKEN\n", NULL},
};

START_TEST(test_case)
{
	if (cases[_i].want)
		config_world_must_fail(cases[_i].text, cases[_i].want);
	else
		config_unref(config_world_must_load(cases[_i].text));
	ck_assert_msg(!cases[_i].want || !strstr(cases[_i].want, "hunter2"), "shows a secret");
}
END_TEST

/* Repositories: URL, then whether it is accepted, local, warned about, and its web page. */
static const struct {
	const char *url;
	const char *want; /* part of the problem; NULL: accepted */
	bool is_local;
	const char *warning; /* part of the warning; NULL: none */
	const char *web_url;
	bool with_token;
} repos[] = {
	{"https://github.com/a/b.git", NULL, false, NULL, "https://github.com/a/b", true},
	{"https://github.com/a/b/", NULL, false, NULL, "https://github.com/a/b", false},
	{"https://gitlab.example.com/a/b.git", NULL, false, NULL, "https://gitlab.example.com/a/b",
	 false},
	{"https://git.example.com/a/b.git", NULL, false, NULL, NULL, true},
	{"https://notgithub.com/a/b.git", NULL, false, NULL, NULL, false},
	{"http://127.0.0.1:3000/a.git", NULL, false, NULL, NULL, true},
	{"http://git.example.com/a.git", NULL, false, "not encrypted", NULL, false},
	{"http://git.example.com/a.git", "plain http", false, NULL, NULL, true},
	{"ssh://git@github.com/a/b.git", NULL, false, NULL, NULL, false},
	{"ssh://git@github.com/a/b.git", NULL, false, "tokens are for https", NULL, true},
	{"git@github.com:a/b.git", NULL, false, NULL, NULL, false},
	{"forge:a/b.git", NULL, false, NULL, NULL, false},
	{"file:///srv/git/a.git", NULL, false, NULL, NULL, false},
	{".", NULL, true, NULL, NULL, false},
	{"/", NULL, true, NULL, NULL, false},
	{"./no:such", NULL, true, "there is no directory", NULL, false},
	{"sub/no", NULL, true, "there is no directory", NULL, false},
	{"~/src", "~ is not expanded", false, NULL, NULL, false},
	{"https://u:hunter2@github.com/a/b", "use token", false, NULL, NULL, false},
	{"https://hunter2@github.com/a/b", "use token", false, NULL, NULL, false},
	{"ssh://git:hunter2@github.com/a/b", "use token", false, NULL, NULL, false},
	{"git:hunter2@github.com:a/b", "use token", false, NULL, NULL, false},
	{"-uhttps://x/", "begins with '-'", false, NULL, NULL, false},
	{"ssh://-oProxyCommand=x/a", "", false, NULL, NULL, false},
	{"-oProxyCommand=x@h:p", "begins with '-'", false, NULL, NULL, false},
	{"x@-oProxyCommand:p", "neither a URL", false, NULL, NULL, false},
	{"ext::sh -c x", "remote helpers", false, NULL, NULL, false},
	{"fd::17", "remote helpers", false, NULL, NULL, false},
	{"git://github.com/a/b", "only https", false, NULL, NULL, false},
	{"ftp://github.com/a/b", "only https", false, NULL, NULL, false},
	{"https:/github.com/a/b", "two slashes", false, NULL, NULL, false},
	{"https://github.com", "names no repository", false, NULL, NULL, false},
	{"https://github.com/", "names no repository", false, NULL, NULL, false},
	{"https:///a/b", "names no host", false, NULL, NULL, false},
	{"https://github.com/a?b=c", "no ? or #", false, NULL, NULL, false},
	{"file://host/a", "names no host", false, NULL, NULL, false},
};

START_TEST(test_repository_url)
{
	g_autofree char *text = g_strdup_printf(
		"[repo \"r\"]\nurl = %s\n%s[service \"s\"]\nsource = http\nurl = http://a/\n",
		repos[_i].url, repos[_i].with_token ? "token = env:TOKEN\n" : "");
	struct config *config;
	g_autofree char *problems = config_world_try_text(text, &config);
	const struct config_repo *repo;

	if (repos[_i].want) {
		ck_assert_msg(problems != NULL, "%s", repos[_i].url);
		ck_assert_msg(strstr(problems, repos[_i].want) != NULL, "%s", problems);
		ck_assert_msg(!strstr(problems, "hunter2"), "%s", problems);
		ck_assert_ptr_eq(strchr(problems, '\n') + 1, problems + strlen(problems));
		return;
	}
	ck_assert_msg(problems == NULL, "%s", problems);
	repo = g_ptr_array_index(config->repos, 0);
	ck_assert_str_eq(repo->url, repos[_i].url);
	ck_assert_int_eq(repo->is_local, repos[_i].is_local);
	ck_assert_int_eq(repo->local_path != NULL, repos[_i].is_local);
	ck_assert_pstr_eq(repo->web_url, repos[_i].web_url);
	ck_assert_uint_eq(config->warnings->len, repos[_i].warning ? 1 : 0);
	if (repos[_i].warning)
		ck_assert_ptr_nonnull(
			strstr(g_ptr_array_index(config->warnings, 0), repos[_i].warning));
	config_unref(config);
}
END_TEST

static const struct {
	const char *branch;
	bool want_ok;
} branches[] = {
	{"main", true},          {"release/1.0", true}, {"a-b_c.d", true}, {"feature/#12", true},
	{"-x", false},           {"a..b", false},       {"a b", false},    {"a~b", false},
	{"a^", false},           {"a:b", false},        {"a?", false},     {"a*", false},
	{"a[b", false},          {"a\\b", false},       {"/a", false},     {"a/", false},
	{"a//b", false},         {".a", false},         {"a/.b", false},   {"a.lock", false},
	{"a.lock/b", false},     {"a.", false},         {"@", false},      {"a@{1}", false},
	{"refs/heads/a", false}, {"HEAD", false},
};

START_TEST(test_branch)
{
	g_autofree char *text = g_strdup_printf(
		"[repo \"r\"]\nbranch = %s\nurl = /\n[service \"s\"]\nsource = http\nurl = "
		"http://a/\n",
		branches[_i].branch);
	struct config *config;
	g_autofree char *problems = config_world_try_text(text, &config);

	ck_assert_msg((problems == NULL) == branches[_i].want_ok, "%s: %s", branches[_i].branch,
		      problems ? problems : "accepted");
	if (config) {
		const struct config_repo *repo = g_ptr_array_index(config->repos, 0);

		ck_assert_str_eq(repo->branch, branches[_i].branch);
		config_unref(config);
	}
}
END_TEST

static const struct {
	const char *text;
	const char *want; /* the warning; NULL: none */
} warned[] = {
	{CONFIG_WORLD_BASE "escalate-after = 2h\nescalate-commits = 3\n", NULL},
	{CONFIG_WORLD_BASE "depends-on = repo/main\n", NULL},
	{CONFIG_WORLD_BASE "[driftd]\nunknown-after = 15m\n", NULL},
	{CONFIG_WORLD_BASE "[auth]\ntoken = env:TOKEN\nlink-secret = env:TOKEN\n", NULL},
	{CONFIG_WORLD_CLOUD "location = EU\n",
	 "driftd.ini:8: [service \"web\"] location: has no effect: location means nothing "
	 "in [service]"},
	{CONFIG_WORLD_BASE "[auth]\ntoken = hunter2\n",
	 "driftd.ini:7: [auth] token: shorter than 16 characters: it can be guessed"},
	{CONFIG_WORLD_BASE "[driftd]\nrequest-timeout = 2m\n",
	 "driftd.ini:7: [driftd] request-timeout: longer than cycle-timeout, which ends every "
	 "request"},
	{CONFIG_WORLD_BASE "every = 1h\n[driftd]\nexpire-after = 1h\n",
	 "driftd.ini:6: [service \"web\"] every: its verdicts expire after 1h, before the next "
	 "look: it would be unknown in between"},
	{"[repo \"r\"]\nurl = /\nevery = 1d\n[service \"s\"]\nsource = http\nurl = http://a/\n",
	 "driftd.ini:4: [service \"s\"] repo: its verdicts expire after 15m, before the next fetch "
	 "of repo \"r\": it would be unknown in between"},
	{CONFIG_WORLD_BASE "probe-url = http://x/\n",
	 "driftd.ini:6: [service \"web\"] probe-url: without probe-expect any JSON answer passes, "
	 "also that of another program"},
	{CONFIG_WORLD_CLOUD "[gcp \"x\"]\nrun-endpoint = http://run.example.com\n",
	 "driftd.ini:9: [gcp \"x\"] run-endpoint: plain http: access tokens can be read on the "
	 "way; use https"},
	{CONFIG_WORLD_CLOUD "[gcp \"x\"]\nrun-endpoint = http://127.0.0.1:9/\n", NULL},
};

START_TEST(test_warning)
{
	struct config *config = config_world_must_load(warned[_i].text);
	const char *got = config->warnings->len ? g_ptr_array_index(config->warnings, 0) : NULL;

	ck_assert_uint_eq(config->warnings->len, warned[_i].want ? 1 : 0);
	if (warned[_i].want) {
		ck_assert(g_str_has_prefix(got, config_world_directory()));
		ck_assert_str_eq(got + strlen(config_world_directory()) + 1, warned[_i].want);
		ck_assert_ptr_null(strstr(got, "hunter2"));
	}
	config_unref(config);
}
END_TEST

START_TEST(test_all_problems_in_file_order)
{
	config_world_put_only("conf.d/a.ini", "[service \"x\"]\nsource = ftp\n[repo \"main\"]\n"
					      "url = /\nevery = 0s\n");
	config_world_put_only("conf.d/b.ini", "[service \"web\"]\nsource = http\nurl = "
					      "http://b/\n[driftd]\nconfirm = 1\n");

	config_world_must_fail(
		"[driftd]\ninclude = conf.d/*.ini\nconfirm = 99\n" CONFIG_WORLD_BASE "grace = x\n",
		"driftd.ini:3: [driftd] confirm = 99: a whole number from 1 to 10 is needed\n"
		"driftd.ini:9: [service \"web\"] grace = x: not a duration up to 365d; write a "
		"number and s, m, h or d: 90s, 5m, 24h, 7d\n"
		"conf.d/a.ini:2: [service \"x\"] source = ftp: must be cloud-run, cloud-function "
		"or http\n"
		"conf.d/a.ini:3: [repo \"main\"]: given twice, first in driftd.ini:4\n"
		"conf.d/a.ini:5: [repo \"main\"] every = 0s: out of range: from 1s to 365d\n"
		"conf.d/b.ini:1: [service \"web\"]: given twice, first in driftd.ini:6\n"
		"conf.d/b.ini:4: [driftd]: given twice, first in driftd.ini:1\n");
}
END_TEST

/* Values of a repeatable key: at the limit and beyond. */
START_TEST(test_values_limit)
{
	g_autoptr(GString) text = g_string_new(CONFIG_WORLD_BASE);

	for (int i = 0; i < 256; i++)
		g_string_append_printf(text, "paths = d%d\n", i);
	config_unref(config_world_must_load(text->str));
	g_string_append(text, "paths = last\n");
	config_world_must_fail(
		text->str,
		"driftd.ini:262: [service \"web\"] paths = last: more than 256 values\n");
}
END_TEST

START_TEST(test_problems_are_bounded)
{
	g_autoptr(GString) text = g_string_new(CONFIG_WORLD_BASE);
	struct config *config;
	g_autofree char *problems = NULL;

	for (int i = 0; i < CONFIG_PROBLEMS_MAX + 5; i++)
		g_string_append_printf(text, "wrong-%d = x\n", i);
	problems = config_world_try_text(text->str, &config);
	ck_assert_ptr_nonnull(strstr(problems, "driftd.ini: 5 further problems are not shown\n"));
}
END_TEST

Suite *config_problems_suite(void)
{
	Suite *suite = suite_create("config_problems");
	TCase *problems = tcase_create("problems");

	tcase_add_checked_fixture(problems, config_world_set_up, config_world_tear_down);
	tcase_add_loop_test(problems, test_case, 0, G_N_ELEMENTS(cases));
	tcase_add_loop_test(problems, test_repository_url, 0, G_N_ELEMENTS(repos));
	tcase_add_loop_test(problems, test_branch, 0, G_N_ELEMENTS(branches));
	tcase_add_loop_test(problems, test_warning, 0, G_N_ELEMENTS(warned));
	tcase_add_test(problems, test_all_problems_in_file_order);
	tcase_add_test(problems, test_values_limit);
	tcase_add_test(problems, test_problems_are_bounded);
	suite_add_tcase(suite, problems);
	return suite;
}
