/* Verdict answers of 1,000 services with three patterns each after a new head, on a generated
 * repository of 4,000 commits and 9,000 files; beside what git itself needs for the same. Everything
 * is CPU time of this process and its children. bench_git [FOLDER] */
#include <errno.h>
#include <ftw.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "git/repo.h"

/** The figures of the generated repository. */
#define COMMITS 4000
#define FILES 9000
#define SERVICES 1000

/** Services git is asked about one by one; the rest is extrapolated. */
#define SAMPLE 40

/** Rounds of which the median counts. */
#define ROUNDS 9

struct bench {
	char *dir;
	char *deployed[SERVICES]; /* full id of each service's commit */
	char *head;
	GRand *random;
};

static void fail(const char *what)
{
	(void)fprintf(stderr, "bench_git: %s: %s\n", what, g_strerror(errno));
	exit(EXIT_FAILURE);
}

/* Each service has eight files of its own, the last thousand are shared by all. */
static char *file_name(int file)
{
	if (file >= SERVICES * 8)
		return g_strdup_printf("shared/part%02d/file%03d.py", file % 20, file / 20);
	return g_strdup_printf("services/svc%04d/%s/file%d.%s", file / 8, file % 2 ? "src" : "conf",
			       file % 8, file % 8 == 7 ? "md" : "py");
}

static char **patterns_of(int service)
{
	char **patterns = g_new0(char *, 4);

	patterns[0] = g_strdup_printf("services/svc%04d/**", service);
	patterns[1] = g_strdup_printf("shared/part%02d", service % 20);
	patterns[2] = g_strdup("!**/*.md");
	return patterns;
}

/* ---- CPU ---- */

static double cpu_ms_of(int who)
{
	struct rusage usage = {0};

	if (getrusage(who, &usage) != 0)
		fail("getrusage");
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static double own_cpu_ms(void)
{
	return cpu_ms_of(RUSAGE_SELF);
}

static double all_cpu_ms(void)
{
	return cpu_ms_of(RUSAGE_SELF) + cpu_ms_of(RUSAGE_CHILDREN);
}

static int compare_double(const void *a, const void *b)
{
	double first = *(const double *)a;
	double second = *(const double *)b;

	return first < second ? -1 : first > second;
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare_double);
	return values[count / 2];
}

/* ---- git ---- */

static int run_git(const struct bench *bench, const char *const *words, char **ret_out)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_autofree char *out = NULL;
	int status = 0;

	g_ptr_array_add(argv, (gpointer)(uintptr_t) "git");
	g_ptr_array_add(argv, (gpointer)(uintptr_t) "-C");
	g_ptr_array_add(argv, bench->dir);
	for (size_t i = 0; words[i]; i++)
		g_ptr_array_add(argv, (gpointer)(uintptr_t)words[i]);
	g_ptr_array_add(argv, NULL);
	if (!g_spawn_sync(NULL, (char **)argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out,
			  NULL, &status, NULL) ||
	    !WIFEXITED(status) || WEXITSTATUS(status) > 1)
		fail(words[0]);
	if (ret_out)
		*ret_out = g_strchomp(g_steal_pointer(&out));
	return WEXITSTATUS(status);
}

static void write_commit(struct bench *bench, FILE *stream, int commit)
{
	int changes = g_rand_int_range(bench->random, 1, 6);

	(void)fprintf(stream, "commit refs/heads/main\nmark :%d\n", commit + 1);
	(void)fprintf(stream, "author Author %d <a@example.com> %d +0000\n", commit % 40,
		      1600000000 + commit * 600);
	(void)fprintf(stream, "committer C <c@example.com> %d +0000\ndata 7\nchange\n\n",
		      1600000000 + commit * 600);
	for (int i = 0; i < (commit == 0 ? FILES : changes); i++) {
		int file = commit == 0 ? i : g_rand_int_range(bench->random, 0, FILES);
		g_autofree char *name = file_name(file);
		g_autofree char *text =
			g_strdup_printf("%d %d\n", file, g_rand_int_range(bench->random, 0, 50));

		(void)fprintf(stream, "M 644 inline %s\ndata %zu\n%s\n", name, strlen(text), text);
	}
}

static void make_repository(struct bench *bench)
{
	g_autofree char *command = g_strdup_printf(
		"git init -q --bare -b main '%s' && git -C '%s' fast-import --quiet", bench->dir,
		bench->dir);
	FILE *stream = popen(command, "we");

	if (!stream)
		fail("fast-import");
	for (int commit = 0; commit < COMMITS; commit++)
		write_commit(bench, stream, commit);
	if (pclose(stream) != 0)
		fail("fast-import");
	run_git(bench, (const char *const[]){"repack", "-q", "-a", "-d", NULL}, NULL);
	run_git(bench,
		(const char *const[]){"commit-graph", "write", "--reachable", "--changed-paths",
				      NULL},
		NULL);
}

/* Services run commits from the whole history, most of them recent ones. */
static void choose_deployed(struct bench *bench)
{
	g_autofree char *out = NULL;
	g_auto(GStrv) commits = NULL;

	run_git(bench, (const char *const[]){"rev-list", "--first-parent", "main", NULL}, &out);
	commits = g_strsplit(out, "\n", -1);
	bench->head = g_strdup(commits[0]);
	for (int i = 0; i < SERVICES; i++) {
		double part = g_rand_double(bench->random);

		bench->deployed[i] = g_strdup(commits[(int)(part * part * (COMMITS - 1))]);
	}
}

/* A new head: one commit that changes a shared file. */
static void move_head(struct bench *bench, int round)
{
	g_autofree char *command =
		g_strdup_printf("git -C '%s' fast-import --quiet --force", bench->dir);
	FILE *stream = popen(command, "we");

	if (!stream)
		fail("fast-import");
	(void)fprintf(
		stream,
		"commit refs/heads/main\ncommitter C <c@example.com> %d +0000\ndata 4\nnew\n\n"
		"from refs/heads/main^0\nM 644 inline shared/part%02d/file400.py\ndata <<E\n%d\n"
		"E\n",
		1700000000 + round, round % 20, round);
	if (pclose(stream) != 0)
		fail("fast-import");
	g_free(bench->head);
	run_git(bench, (const char *const[]){"rev-parse", "main", NULL}, &bench->head);
}

/* ---- ours ---- */

static struct repo *open_repo(const struct bench *bench)
{
	struct repo_options *options = g_new0(struct repo_options, 1);

	options->name = g_strdup("bench");
	options->url = g_strdup(bench->dir);
	options->local_path = g_strdup(bench->dir);
	options->is_local = true;
	options->fetch_timeout_ms = 60000;
	return repo_create(options);
}

static void look(struct repo *repo)
{
	struct repo_fetch fetch = {0};
	g_autoptr(GError) error = NULL;

	if (!repo_fetch(repo, "", -1, &fetch, &error)) {
		(void)fprintf(stderr, "bench_git: %s\n", error->message);
		exit(EXIT_FAILURE);
	}
	repo_fetch_done(&fetch);
}

static GPtrArray *make_questions(const struct bench *bench)
{
	GPtrArray *questions = g_ptr_array_new_with_free_func((GDestroyNotify)git_question_free);

	for (int i = 0; i < SERVICES; i++) {
		g_auto(GStrv) patterns = patterns_of(i);
		g_autofree char *id = g_strdup_printf("service/svc%04d", i);
		struct git_question *question = git_question_create(id, patterns);

		/* every second marker is a short id */
		g_ptr_array_add(question->texts, i % 2 ? g_strdup(bench->deployed[i])
						       : g_strndup(bench->deployed[i], 8));
		g_ptr_array_add(question->compare, g_strdup(g_ptr_array_index(question->texts, 0)));
		g_ptr_array_add(questions, question);
	}
	return questions;
}

/* CPU of looking at the repository and answering everything. */
static double answer_ms(struct repo *repo, const GPtrArray *questions, int64_t *ret_undeployed)
{
	double before_ms = own_cpu_ms();
	g_autoptr(GPtrArray) answers = NULL;
	double spent_ms;

	look(repo);
	answers = repo_answer(repo, questions, NULL);
	spent_ms = own_cpu_ms() - before_ms;
	*ret_undeployed = 0;
	for (guint i = 0; i < answers->len; i++) {
		const struct git_answer *answer = g_ptr_array_index(answers, i);
		const struct git_comparison *comparison;

		if (answer->error || answer->comparisons->len != 1) {
			(void)fprintf(stderr, "bench_git: no answer for %s: %s\n",
				      answer->target_id, answer->error ? answer->error : "");
			exit(EXIT_FAILURE);
		}
		comparison = g_ptr_array_index(answer->comparisons, 0);
		*ret_undeployed += comparison->behind_commits;
	}
	return spent_ms;
}

static long peak_kib(void)
{
	struct rusage usage = {0};

	if (getrusage(RUSAGE_SELF, &usage) != 0)
		fail("getrusage");
	return usage.ru_maxrss;
}

/* ---- peers ---- */

/* What a script does: is anything different, and how many commits. */
static double per_service_ms(const struct bench *bench)
{
	double before_ms = all_cpu_ms();

	for (int i = 0; i < SAMPLE; i++) {
		int service = i * (SERVICES / SAMPLE);
		g_autofree char *range =
			g_strdup_printf("%s..%s", bench->deployed[service], bench->head);
		g_autofree char *own = g_strdup_printf("services/svc%04d", service);
		g_autofree char *shared = g_strdup_printf("shared/part%02d", service % 20);
		const char *const count[] = {
			"rev-list", "--count", "--first-parent",         range, "--",
			own,        shared,    ":(exclude,glob)**/*.md", NULL};
		const char *const diff[] = {
			"diff", "--quiet", bench->deployed[service], bench->head, "--",
			own,    shared,    ":(exclude,glob)**/*.md", NULL};

		run_git(bench, count, NULL);
		run_git(bench, diff, NULL);
	}
	return (all_cpu_ms() - before_ms) * SERVICES / SAMPLE;
}

struct raw_change {
	int commit;
	const char *path;
};

/* "COMMIT" and "mode mode id id X", each with a NUL behind it, then the path. */
static GArray *parse_log(char *out, gsize length)
{
	GArray *changes = g_array_new(FALSE, FALSE, sizeof(struct raw_change));
	int commit = -1;

	for (char *at = out; at < out + length; at += strlen(at) + 1) {
		if (at[0] == '\n')
			at++;
		if (at[0] == ':') {
			struct raw_change change = {.commit = commit};

			at += strlen(at) + 1;
			change.path = at;
			g_array_append_val(changes, change);
		} else if (at[0]) {
			commit++;
		}
	}
	return changes;
}

/* Its matching is as simple as these patterns allow: two prefixes and a suffix. */
static gint64 match_all(const struct bench *bench, const GArray *changes, GHashTable *positions)
{
	gint64 undeployed = 0;

	for (int service = 0; service < SERVICES; service++) {
		g_autofree char *own = g_strdup_printf("services/svc%04d/", service);
		g_autofree char *shared = g_strdup_printf("shared/part%02d/", service % 20);
		size_t own_length = strlen(own);
		size_t shared_length = strlen(shared);
		int end = GPOINTER_TO_INT(g_hash_table_lookup(positions, bench->deployed[service]));
		int last = -1;

		for (guint i = 0; i < changes->len; i++) {
			const struct raw_change *change =
				&g_array_index(changes, struct raw_change, i);

			if (change->commit >= end)
				break;
			if (change->commit == last || g_str_has_suffix(change->path, ".md") ||
			    (strncmp(change->path, own, own_length) != 0 &&
			     strncmp(change->path, shared, shared_length) != 0))
				continue;
			last = change->commit;
			undeployed++;
		}
	}
	return undeployed;
}

/* One log of everything, matched afterwards: all work a cleverer script would do. */
static double one_log_ms(const struct bench *bench, gint64 *ret_undeployed)
{
	double before_ms = all_cpu_ms();
	g_autoptr(GHashTable) positions = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree char *command = g_strdup_printf("git -C '%s' log --first-parent --raw "
						   "--no-abbrev --no-renames -z --format=%%H main",
						   bench->dir);
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GArray) changes = NULL;
	FILE *stream = popen(command, "re");
	char buffer[65536];
	size_t count;
	int commit = 0;

	if (!stream)
		fail("git log");
	while ((count = fread(buffer, 1, sizeof(buffer), stream)) > 0)
		g_string_append_len(out, buffer, (gssize)count);
	if (pclose(stream) != 0)
		fail("git log");
	changes = parse_log(out->str, out->len);
	for (char *at = out->str; at < out->str + out->len; at += strlen(at) + 1) {
		if (at[0] == '\n')
			at++;
		if (at[0] == ':')
			at += strlen(at) + 1;
		else if (at[0])
			g_hash_table_insert(positions, at, GINT_TO_POINTER(commit++));
	}
	*ret_undeployed = match_all(bench, changes, positions);
	return all_cpu_ms() - before_ms;
}

/* ---- */

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

static void measure(struct bench *bench)
{
	g_autoptr(GPtrArray) questions = make_questions(bench);
	double colds[3];
	double warms[ROUNDS];
	double same[ROUNDS];
	double logs[3];
	struct repo *repo = NULL;
	int64_t undeployed = 0;
	gint64 touched = 0;
	double cold_ms;
	double warm_ms;
	double log_ms;
	double script_ms;
	long peak;

	for (size_t i = 0; i < G_N_ELEMENTS(colds); i++) {
		repo_free(repo);
		repo = open_repo(bench);
		colds[i] = answer_ms(repo, questions, &undeployed);
	}
	for (int i = 0; i < ROUNDS; i++) {
		move_head(bench, i);
		warms[i] = answer_ms(repo, questions, &undeployed);
		same[i] = answer_ms(repo, questions, &undeployed);
	}
	peak = peak_kib(); /* before the peers take memory of this process */
	repo_free(repo);
	for (size_t i = 0; i < G_N_ELEMENTS(logs); i++)
		logs[i] = one_log_ms(bench, &touched);
	script_ms = per_service_ms(bench);
	cold_ms = median(colds, G_N_ELEMENTS(colds));
	warm_ms = median(warms, ROUNDS);
	log_ms = median(logs, G_N_ELEMENTS(logs));
	printf("warm, a new head:      %9.1f ms CPU (%lld undeployed commits told)\n", warm_ms,
	       (long long)undeployed);
	printf("warm, the same head:   %9.1f ms CPU\n", median(same, ROUNDS));
	printf("cold, first answer:    %9.1f ms CPU, peak %.1f MiB\n", cold_ms,
	       (double)peak / 1024);
	printf("peer, rev-list and diff for each service: %9.1f ms CPU (%d asked, extrapolated; "
	       "commit-graph with changed paths)\n",
	       script_ms, SAMPLE);
	printf("peer, one log --first-parent --raw:       %9.1f ms CPU (%lld commits matched)\n",
	       log_ms, (long long)touched);
	printf("ratio, each service / warm: %.0f\n", script_ms / warm_ms);
	printf("ratio, each service / cold: %.0f\n", script_ms / cold_ms);
	printf("ratio, one log / warm:      %.1f\n", log_ms / warm_ms);
	printf("ratio, one log / cold:      %.1f\n", log_ms / cold_ms);
}

int main(int argc, char **argv)
{
	struct bench bench = {0};
	const char *scratch = argc > 1 ? argv[1] : g_get_tmp_dir();

	bench.dir = g_build_filename(scratch, "driftd-bench-XXXXXX", NULL);
	bench.random = g_rand_new_with_seed(1);
	if (!g_mkdtemp(bench.dir))
		fail(bench.dir);
	repo_init_library();
	make_repository(&bench);
	choose_deployed(&bench);
	measure(&bench);
	repo_done_library();
	if (nftw(bench.dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0)
		fail(bench.dir);
	for (int i = 0; i < SERVICES; i++)
		g_free(bench.deployed[i]);
	g_free(bench.head);
	g_free(bench.dir);
	g_rand_free(bench.random);
	return EXIT_SUCCESS;
}
