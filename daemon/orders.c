/* orders - see orders.h */
#include "daemon/orders.h"

#include "clk.h"
#include "daemon/alerting.h"
#include "drift_error.h"
#include "log.h"
#include "oidc/jwks.h"

#include <assert.h>

/** So many requests wait for keys at most. Anybody can name a key that nobody knows: such requests
 * must not take the room of pushes and acknowledgements. */
#define KEYS_WAITING_MAX 256

struct orders {
	struct engine *engine;
	struct app *app;
	struct jwks *jwks;
	GPtrArray *waiting; /* struct app_command *: for keys */
	bool push;
	bool keys_failing; /* and was logged */
};

/* A command that was carried out, to be answered when all of a batch were. */
struct done {
	struct app_command *command;
	int64_t id;
	GError *error; /* NULL: it worked */
};

static void answer(struct orders *orders, struct app_command *command, int64_t id,
		   const GError *error)
{
	command->complete(command->data, id, error);
	app_waiter_done(orders->app);
	app_command_free(command);
}

static void done_free(struct done *done)
{
	g_clear_error(&done->error);
	g_free(done);
}

/* --- keys --- */

static void answer_waiting(struct orders *orders, const GError *error)
{
	g_autoptr(GPtrArray) waiting = g_steal_pointer(&orders->waiting);

	orders->waiting = g_ptr_array_new();
	for (guint i = 0; i < waiting->len; i++)
		answer(orders, waiting->pdata[i], 0, error);
}

/* Keys that came, or did not: who waits looks again by itself. */
static void on_keys(void *data, struct oidc_keys *keys, const char *error)
{
	struct orders *orders = data;
	bool failed = error != NULL;

	if (failed && !orders->keys_failing)
		log_warn("oidc.keys_failed", "err=\"%s\"", error);
	else if (!failed && orders->keys_failing)
		log_info("oidc.keys_recovered", "%s", "");
	orders->keys_failing = failed;
	if (keys)
		app_set_oidc_keys(orders->app, keys);
	answer_waiting(orders, NULL);
}

static void want_keys(struct orders *orders, struct app_command *command)
{
	if (orders->waiting->len < KEYS_WAITING_MAX && jwks_want(orders->jwks))
		g_ptr_array_add(orders->waiting, command);
	else
		answer(orders, command, 0, NULL);
}

/* --- commands --- */

static bool acknowledge(struct orders *orders, const struct app_command *command, GError **error)
{
	struct alerting *alerting = engine_alerting(orders->engine);

	return alerting_acknowledge(alerting, command->id, command->who, command->why, error);
}

static bool execute(struct orders *orders, const struct app_command *command, int64_t *ret_id,
		    GError **error)
{
	struct alerting *alerting = engine_alerting(orders->engine);

	*ret_id = command->id;
	switch (command->kind) {
	case APP_COMMAND_ACKNOWLEDGE:
		return acknowledge(orders, command, error);
	case APP_COMMAND_FALSE_ALARM:
		return alerting_mark_false_alarm(alerting, command->id, command->on, error);
	case APP_COMMAND_SILENCE:
		return alerting_add_silence(alerting, command->matcher, command->until_wall_ms,
					    command->who, command->why, ret_id, error);
	case APP_COMMAND_END_SILENCE:
		return alerting_end_silence(alerting, command->id, error);
	case APP_COMMAND_PUSH:
		engine_add_push(orders->engine, command->repo, command->delivery);
		orders->push = true;
		*ret_id = engine_next_cycle_id(orders->engine);
		return true;
	case APP_COMMAND_KEYS:
	case APP_COMMAND_NONE:
		break;
	}
	assert(false); /* keys are no command to be carried out here */
	return false;
}

static void carry_out(struct orders *orders, struct app_command *command, GPtrArray *all)
{
	struct done *done = g_new0(struct done, 1);

	done->command = command;
	if (!execute(orders, command, &done->id, &done->error))
		log_warn("command.refused", "err=\"%s\"", done->error->message);
	g_ptr_array_add(all, done);
}

static bool is_to_be_shown(const struct done *done)
{
	return !done->error && done->command->kind != APP_COMMAND_PUSH;
}

void orders_take(struct orders *orders, GPtrArray *commands)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)done_free);
	bool publish = false;

	for (guint i = 0; commands && i < commands->len; i++) {
		struct app_command *command = commands->pdata[i];

		if (command->kind == APP_COMMAND_KEYS)
			want_keys(orders, command);
		else
			carry_out(orders, command, all);
	}
	for (guint i = 0; i < all->len; i++)
		publish |= is_to_be_shown(all->pdata[i]);
	if (publish) /* who is answered finds it done, wherever he looks */
		engine_publish(orders->engine);
	for (guint i = 0; i < all->len; i++) {
		struct done *done = all->pdata[i];

		answer(orders, done->command, done->id, done->error);
	}
	if (commands)
		g_ptr_array_unref(commands);
}

bool orders_take_push(struct orders *orders)
{
	bool push = orders->push;

	orders->push = false;
	return push;
}

/* --- the clock --- */

static void answer_late(struct orders *orders)
{
	g_autoptr(GError) late = g_error_new(DRIFT_ERROR, DRIFT_ERROR_TIMEOUT,
					     "the issuer's keys did not come in time");
	int64_t now = clk_mono_ms();

	for (guint i = orders->waiting->len; i > 0; i--) {
		struct app_command *command = orders->waiting->pdata[i - 1];

		if (command->deadline_mono_ms > now)
			continue;
		(void)g_ptr_array_remove_index(orders->waiting, i - 1);
		answer(orders, command, 0, late);
	}
}

void orders_run(struct orders *orders)
{
	jwks_run(orders->jwks);
	answer_late(orders);
}

int64_t orders_due_mono_ms(const struct orders *orders)
{
	int64_t due = jwks_due_mono_ms(orders->jwks);

	for (guint i = 0; i < orders->waiting->len; i++)
		due = MIN(
			due,
			((const struct app_command *)orders->waiting->pdata[i])->deadline_mono_ms);
	return due;
}

/* --- life --- */

void orders_take_config(struct orders *orders)
{
	const struct config *config = engine_config(orders->engine);
	bool wanted = config->auth.oidc_audiences[0] != NULL;

	jwks_set_url(orders->jwks, wanted ? config->auth.oidc_jwks_url : NULL,
		     config->driftd.request_timeout_ms);
	app_set_oidc_keys(orders->app, jwks_keys(orders->jwks));
}

struct orders *orders_create(struct engine *engine, struct app *app)
{
	struct orders *orders = g_new0(struct orders, 1);
	g_autoptr(GPtrArray) pushes = engine_load_pushes(engine);

	orders->engine = engine;
	orders->app = app;
	orders->waiting = g_ptr_array_new();
	orders->jwks = jwks_create(engine_http(engine), on_keys, orders);
	if (pushes)
		app_load_pushes(app, pushes);
	orders_take_config(orders);
	return orders;
}

void orders_free(struct orders *orders)
{
	g_autoptr(GError) stopped = g_error_new(DRIFT_ERROR, DRIFT_ERROR_BUSY,
						"driftd is stopping; ask again when it is back");

	if (!orders)
		return;
	answer_waiting(orders, stopped);
	jwks_free(orders->jwks);
	g_ptr_array_unref(orders->waiting);
	g_free(orders);
}
