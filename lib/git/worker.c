/* worker - see worker.h */
#include "git/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clk.h"
#include "drift_error.h"

struct git_worker {
	struct repo *repo; /* the thread's alone */
	char *name;
	git_notify_fn notify;
	void *data;
	pthread_t thread;
	int cancel;            /* eventfd, readable when the worker stops: ends a git that runs */
	atomic_bool cancelled; /* the same for reading */
	pthread_mutex_t mutex; /* guards the fields below */
	pthread_cond_t wakeup; /* jobs or stopping changed */
	GQueue jobs;           /* struct git_job * */
	GQueue results;        /* struct git_result * */
	size_t pending;
	bool stopping;
};

static void unref_array(GPtrArray *array)
{
	if (array)
		g_ptr_array_unref(array);
}

void git_job_free(struct git_job *job)
{
	if (!job)
		return;
	unref_array(job->questions);
	unref_array(job->seen);
	g_free(job);
}

void git_result_free(struct git_result *result)
{
	if (!result)
		return;
	g_free(result->repo);
	git_head_free(result->head);
	g_free(result->fetch_error);
	g_free(result->remade_why);
	unref_array(result->answers);
	g_free(result);
}

static void fetch(struct git_worker *worker, const struct git_job *job, struct git_result *result)
{
	struct repo_fetch fetched = {0};
	g_autoptr(GError) error = NULL;
	int64_t wall_ms = clk_wall_ms();
	int64_t mono_ms = clk_mono_ms();

	if (!repo_fetch(worker->repo, job->previous_head, worker->cancel, &fetched, &error)) {
		result->fetch_error = g_strdup(error->message);
		result->fetch_error_code = error->code;
		return;
	}
	result->fetched = true;
	result->fetched_wall_ms = wall_ms;
	result->fetched_mono_ms = mono_ms;
	result->head = fetched.head;
	result->remade = fetched.remade;
	result->remade_why = fetched.remade_why;
}

static void ask(struct git_worker *worker, const GPtrArray *questions)
{
	g_autoptr(GPtrArray) unknown = repo_unknown_ids(worker->repo, questions);

	if (unknown->len > 0)
		repo_ask_remote(worker->repo, unknown, worker->cancel);
}

static struct git_result *run_job(struct git_worker *worker, const struct git_job *job)
{
	struct git_result *result = g_new0(struct git_result, 1);
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	const GPtrArray *questions = job->questions ? job->questions : none;

	result->repo = g_strdup(worker->name);
	result->tag = job->tag;
	if (job->fetch)
		fetch(worker, job, result);
	if (!result->head)
		result->head = repo_head(worker->repo, job->previous_head);
	if (questions->len > 0)
		ask(worker, questions);
	result->answers = repo_answer(worker->repo, questions, job->seen);
	return result;
}

/* The next job, waited for. NULL: stop. */
static struct git_job *next_job(struct git_worker *worker)
{
	struct git_job *job;

	pthread_mutex_lock(&worker->mutex);
	while (!worker->stopping && g_queue_is_empty(&worker->jobs))
		pthread_cond_wait(&worker->wakeup, &worker->mutex);
	job = worker->stopping ? NULL : g_queue_pop_head(&worker->jobs);
	pthread_mutex_unlock(&worker->mutex);
	return job;
}

static void deliver(struct git_worker *worker, struct git_result *result)
{
	pthread_mutex_lock(&worker->mutex);
	g_queue_push_tail(&worker->results, result);
	pthread_mutex_unlock(&worker->mutex);
	worker->notify(worker->data);
}

static void *run(void *data)
{
	struct git_worker *worker = data;
	struct git_job *job;

	while ((job = next_job(worker))) {
		deliver(worker, run_job(worker, job));
		git_job_free(job);
	}
	return NULL;
}

static void free_worker(struct git_worker *worker)
{
	if (worker->cancel >= 0)
		(void)close(worker->cancel); /* an eventfd */
	g_queue_clear_full(&worker->jobs, (GDestroyNotify)git_job_free);
	g_queue_clear_full(&worker->results, (GDestroyNotify)git_result_free);
	pthread_cond_destroy(&worker->wakeup);
	pthread_mutex_destroy(&worker->mutex);
	repo_free(worker->repo);
	g_free(worker->name);
	g_free(worker);
}

struct git_worker *git_worker_start(struct repo_options *options, git_notify_fn notify, void *data,
				    GError **error)
{
	struct git_worker *worker = g_new0(struct git_worker, 1);
	int status;

	worker->name = g_strdup(options->name);
	worker->repo = repo_create(options);
	worker->notify = notify;
	worker->data = data;
	atomic_init(&worker->cancelled, false);
	repo_set_cancel(worker->repo, &worker->cancelled);
	pthread_mutex_init(&worker->mutex, NULL);
	pthread_cond_init(&worker->wakeup, NULL);
	g_queue_init(&worker->jobs);
	g_queue_init(&worker->results);
	worker->cancel = eventfd(0, EFD_CLOEXEC);
	status = worker->cancel < 0 ? errno : pthread_create(&worker->thread, NULL, run, worker);
	if (status == 0)
		return worker;
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_IO, "start the git worker of repository %s: %s",
		    worker->name, g_strerror(status));
	free_worker(worker);
	return NULL;
}

void git_worker_stop(struct git_worker *worker)
{
	if (!worker)
		return;
	pthread_mutex_lock(&worker->mutex);
	worker->stopping = true;
	pthread_cond_signal(&worker->wakeup);
	pthread_mutex_unlock(&worker->mutex);
	atomic_store(&worker->cancelled, true);
	(void)eventfd_write(worker->cancel, 1); /* stays readable: nobody reads it */
	pthread_join(worker->thread, NULL);
	free_worker(worker);
}

void git_worker_submit(struct git_worker *worker, struct git_job *job)
{
	pthread_mutex_lock(&worker->mutex);
	g_queue_push_tail(&worker->jobs, job);
	worker->pending++;
	pthread_cond_signal(&worker->wakeup);
	pthread_mutex_unlock(&worker->mutex);
}

struct git_result *git_worker_take(struct git_worker *worker)
{
	struct git_result *result;

	pthread_mutex_lock(&worker->mutex);
	result = g_queue_pop_head(&worker->results);
	if (result)
		worker->pending--;
	pthread_mutex_unlock(&worker->mutex);
	return result;
}

size_t git_worker_pending(struct git_worker *worker)
{
	size_t pending;

	pthread_mutex_lock(&worker->mutex);
	pending = worker->pending;
	pthread_mutex_unlock(&worker->mutex);
	return pending;
}
