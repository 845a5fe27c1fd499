/* bench_push - from a push that was accepted to the request that Slack gets. This program is GitHub
 * and Slack at once, so that one clock tells both ends; its peer, push for push, is the script that
 * people have without driftd (git log, ask the service, curl to Slack), from its start to its
 * request. Usage: bench_push SLACK-PORT HOOK-URL SECRET REPOSITORY VERSION-URL COUNT; the commits
 * to push are the first parents of the branch "next", oldest first. Each of them must make driftd
 * send one message. */
#include "base.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Pushes come one by one: those within a quarter of a second are one burst and wait for each other. */
#define PAUSE_US 300000
/* A message that does not come at all. */
#define PATIENCE_S 30
#define MAX_PUSHES 1000

extern char **environ;

struct bench {
	const char *hook_url, *secret, *repository, *version_url;
	char *slack_url;
	CURL *easy;
	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t changed;
	int64_t arrived; /* messages so far */
	double arrived_ms[MAX_PUSHES];
};

struct figures {
	double driftd[MAX_PUSHES], script[MAX_PUSHES], sync[MAX_PUSHES];
};

static double now_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* exists */
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

_Noreturn static void fail(const char *what)
{
	(void)fprintf(stderr, "bench_push: %s\n", what);
	exit(EXIT_FAILURE);
}

/* --- Slack --- */

static void note_arrival(struct bench *bench)
{
	(void)pthread_mutex_lock(&bench->lock);
	if (bench->arrived < MAX_PUSHES)
		bench->arrived_ms[bench->arrived] = now_ms();
	bench->arrived++;
	(void)pthread_cond_broadcast(&bench->changed);
	(void)pthread_mutex_unlock(&bench->lock);
}

static enum MHD_Result serve(void *data, struct MHD_Connection *connection, const char *url,
			     const char *method, const char *version, const char *upload,
			     size_t *upload_bytes, void **state)
{
	static char ok[] = "ok";
	static int seen;
	struct MHD_Response *response = NULL;
	enum MHD_Result queued = MHD_NO;

	(void)url;
	(void)method;
	(void)version;
	(void)upload;
	if (!*state) { /* its header is here */
		note_arrival(data);
		*state = &seen;
		return MHD_YES;
	}
	if (*upload_bytes > 0) {
		*upload_bytes = 0;
		return MHD_YES;
	}
	response = MHD_create_response_from_buffer(strlen(ok), ok, MHD_RESPMEM_PERSISTENT);
	queued = MHD_queue_response(connection, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	return queued;
}

static struct MHD_Daemon *start_slack(struct bench *bench, uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				      .sin_port = htons(port)};
	struct MHD_Daemon *server =
		MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, port, NULL, NULL, serve, bench,
				 MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_END);

	if (!server)
		fail("cannot listen");
	return server;
}

/* When message @p number came; counted from 0. */
static double await_message(struct bench *bench, int64_t number)
{
	struct timespec until = {0};
	double at_ms = 0;
	int failed = 0;

	(void)clock_gettime(CLOCK_REALTIME, &until); /* exists */
	until.tv_sec += PATIENCE_S;
	(void)pthread_mutex_lock(&bench->lock);
	while (bench->arrived <= number && !failed)
		failed = pthread_cond_timedwait(&bench->changed, &bench->lock, &until);
	at_ms = bench->arrived_ms[number];
	(void)pthread_mutex_unlock(&bench->lock);
	if (failed)
		fail("a push brought no message");
	return at_ms;
}

static int64_t count_messages(struct bench *bench)
{
	int64_t count = 0;

	(void)pthread_mutex_lock(&bench->lock);
	count = bench->arrived;
	(void)pthread_mutex_unlock(&bench->lock);
	return count;
}

/* --- GitHub --- */

static char *run_git(const struct bench *bench, const char *arguments)
{
	g_autofree char *command = g_strdup_printf("git -C '%s' %s", bench->repository, arguments);
	FILE *pipe = popen(command, "re");
	GString *output = g_string_new(NULL);
	char part[4096];

	while (pipe && fgets(part, sizeof(part), pipe))
		g_string_append(output, part);
	if (!pipe || pclose(pipe) != 0)
		fail(command);
	return g_string_free(output, FALSE);
}

static void sign(const struct bench *bench, const char *body, GString *header)
{
	unsigned char digest[EVP_MAX_MD_SIZE] = {0};
	unsigned int digest_bytes = 0;

	if (!HMAC(EVP_sha256(), bench->secret, (int)strlen(bench->secret), /* a word */
		  (const unsigned char *)body, strlen(body), digest, &digest_bytes))
		fail("cannot sign");
	for (unsigned int i = 0; i < digest_bytes; i++)
		g_string_append_printf(header, "%02x", digest[i]);
}

static size_t drop(char *bytes, size_t size, size_t count, void *data)
{
	(void)bytes;
	(void)data;
	return size * count;
}

/* Says so as GitHub does; returns when it was told 202. */
static double send_hook(const struct bench *bench, const char *sha)
{
	g_autofree char *body = g_strdup_printf("{\"ref\":\"refs/heads/main\",\"after\":\"%s\","
						"\"repository\":{\"clone_url\":\"%s\"}}",
						sha, bench->repository);
	g_autofree char *delivery = g_strconcat("X-GitHub-Delivery: ", sha, NULL);
	GString *signature = g_string_new("X-Hub-Signature-256: sha256=");
	struct curl_slist *headers = NULL;
	long status = 0;
	double accepted_ms = 0;

	sign(bench, body, signature);
	headers = curl_slist_append(headers, "Content-Type: application/json");
	headers = curl_slist_append(headers, "X-GitHub-Event: push");
	headers = curl_slist_append(headers, delivery);
	headers = curl_slist_append(headers, signature->str);
	(void)curl_easy_setopt(bench->easy, CURLOPT_URL, bench->hook_url);
	(void)curl_easy_setopt(bench->easy, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(bench->easy, CURLOPT_WRITEFUNCTION, drop);
	(void)curl_easy_setopt(bench->easy, CURLOPT_COPYPOSTFIELDS, body);
	if (curl_easy_perform(bench->easy) != CURLE_OK)
		fail("the hook was not answered");
	accepted_ms = now_ms();
	(void)curl_easy_getinfo(bench->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status != 202)
		fail("the hook was not accepted");
	curl_slist_free_all(headers);
	(void)g_string_free(signature, TRUE);
	return accepted_ms;
}

/* --- the peers --- */

static const char script[] =
	"head=$(git -C \"$1\" rev-parse refs/heads/main)\n"
	"runs=$(curl -fsS \"$2\" | sed 's/.*\"commit\": *\"\\([0-9a-f]*\\)\".*/\\1/')\n"
	"list=$(git -C \"$1\" log --oneline \"$runs..$head\" -- app)\n"
	"[ -n \"$list\" ] || exit 1\n"
	"curl -fsS -o /dev/null -H 'Content-Type: application/json' -d '{\"text\":\"app is "
	"behind\"}' \"$3\"\n";

static double run_script(struct bench *bench)
{
	int64_t number = count_messages(bench);
	const char *const arguments[] = {
		"sh", "-c", script, "hook", bench->repository, bench->version_url, bench->slack_url,
		NULL};
	double began_ms = now_ms();
	pid_t pid = 0;
	int status = 0;

	if (/* nobody writes to them: POSIX */
	    posix_spawnp(&pid, "sh", NULL, NULL, (char *const *)(uintptr_t)arguments, environ) !=
		    0 ||
	    waitpid(pid, &status, 0) != pid || status != 0)
		fail("the script failed");
	return await_message(bench, number) - began_ms;
}

/* What one transaction costs at least: 4 KiB on the disk that the repository and driftd's database
 * are on. */
static double sync_once(const struct bench *bench)
{
	g_autofree char *path = g_strconcat(bench->repository, "/../sync", NULL);
	static const char block[4096];
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	double began_ms = 0, ended_ms = 0;

	if (fd < 0 || write(fd, block, sizeof(block)) != (ssize_t)sizeof(block))
		fail(path);
	began_ms = now_ms();
	if (fdatasync(fd) != 0)
		fail(path);
	ended_ms = now_ms();
	(void)close(fd); /* is on the disk */
	return ended_ms - began_ms;
}

/* --- figures --- */

static double push(struct bench *bench, const char *sha)
{
	g_autofree char *update = g_strdup_printf("update-ref refs/heads/main %s", sha);
	int64_t number = count_messages(bench);
	double accepted_ms = 0;

	g_free(run_git(bench, update));
	accepted_ms = send_hook(bench, sha);
	return await_message(bench, number) - accepted_ms;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double show(const char *name, double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	(void)printf("%s: median %.1f ms, worst %.1f ms of %zu\n", name, values[count / 2],
		     values[count - 1], count);
	return values[count / 2];
}

/* Every other commit takes back the one before, so that each push is a drift or its end; the script
 * only ever tells drifts. */
static void measure(struct bench *bench, char **commits, size_t count, struct figures *figures)
{
	for (size_t i = 0; i < count; i++) {
		(void)g_usleep(PAUSE_US);
		figures->driftd[i] = push(bench, commits[i]);
		figures->sync[i] = sync_once(bench);
		if (i % 2 == 0)
			figures->script[i / 2] = run_script(bench);
	}
}

static void report(struct figures *figures, size_t count)
{
	double driftd = show("push accepted to Slack request", figures->driftd, count);
	double other = show("the script, start to Slack request", figures->script, (count + 1) / 2);
	double sync = show("one fdatasync of 4 KiB", figures->sync, count);

	(void)printf("ratio script / driftd %.2f; driftd's median is %.1f times one fdatasync\n",
		     other / driftd, driftd / sync);
}

int main(int argc, char **argv)
{
	static struct bench bench = {.lock = PTHREAD_MUTEX_INITIALIZER,
				     .changed = PTHREAD_COND_INITIALIZER};
	static struct figures figures;
	g_autofree char *list = NULL;
	g_auto(GStrv) commits = NULL;
	struct MHD_Daemon *slack = NULL;
	guint64 port = 0, count = 0;

	if (argc != 7 || !g_ascii_string_to_unsigned(argv[1], 10, 1, 65535, &port, NULL) ||
	    !g_ascii_string_to_unsigned(argv[6], 10, 1, MAX_PUSHES / 2, &count, NULL))
		fail("usage: bench_push SLACK-PORT HOOK-URL SECRET REPOSITORY VERSION-URL COUNT");
	bench.hook_url = argv[2];
	bench.secret = argv[3];
	bench.repository = argv[4];
	bench.version_url = argv[5];
	bench.slack_url = g_strdup_printf("http://127.0.0.1:%u/services/bench", (unsigned)port);
	bench.easy = curl_easy_init();
	list = run_git(&bench,
		       "rev-list --reverse --first-parent refs/heads/main..refs/heads/next");
	commits = g_strsplit(g_strchomp(list), "\n", -1);
	if (g_strv_length(commits) < count)
		fail("too few commits to push");
	slack = start_slack(&bench, (uint16_t)port);
	measure(&bench, commits, (size_t)count, &figures);
	report(&figures, (size_t)count);
	MHD_stop_daemon(slack);
	curl_easy_cleanup(bench.easy);
	g_free(bench.slack_url);
	return EXIT_SUCCESS;
}
