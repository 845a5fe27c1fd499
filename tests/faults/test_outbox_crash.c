/* test_outbox_crash - kill -9 at random moments while services drift and recover and their channels
 * misbehave: every transition is told, in order, and twice at most once per channel and kill.
 * DESIGN 11; L10, L26. DRIFTD_TEST_SEED repeats a run. */
#include "tests/faults/outbox_ledger.h"
#include "tests/integration/alerts_lab.h"

#include "clk.h"

#include <poll.h>
#include <stdio.h>

Suite *outbox_crash_suite(void);

#define NS_PER_S 1000000000

/** Sanitizers make everything slow. */
#define KILLS (HARNESS_SANITIZED ? 40 : 200)
#define TRANSITIONS 100
#define SERVICES 5
/** So many may wait for a channel: fewer than are folded into one message. */
#define WAITING_MAX 15

/** Kills come until so much of a cycle's time has passed: its messages are sent by then, mostly. */
#define STRIKE_CYCLES 1.7
/** From the start of driftd on: its first cycle is one more. */
#define STRIKE_CYCLES_AT_START 2.5

/** What the channels are like until the kill comes: shorter than any timeout of driftd, so that it
 * alone repeats messages. */
static const char *const weathers[] = {
	NULL,
	NULL,
	"{\"path\":\"/slack/*\",\"kind\":\"latency\",\"latency_ms\":10}",
	"{\"path\":\"/webhook/*\",\"kind\":\"latency\",\"latency_ms\":25}",
	"{\"path\":\"/slack/*\",\"kind\":\"hang\"}",
	"{\"path\":\"/slack/*\",\"kind\":\"hang_after\"}",
	"{\"path\":\"/webhook/*\",\"kind\":\"hang\"}",
	"{\"path\":\"/webhook/*\",\"kind\":\"hang_after\"}",
	"{\"api\":\"slack\",\"kind\":\"reset\",\"count\":1}",
	"{\"path\":\"/webhook/*\",\"kind\":\"status\",\"status\":503,\"count\":1}",
};

static struct lab *lab;
static struct ledger *ledger;
static GRand *dice;
static char *head;
static double cycle_us;           /* what a cycle takes on this machine, as busy as it is */
static bool drifts[SERVICES + 1]; /* by the number in the service's name */

static void setup(void)
{
	lab = lab_create("reopen-within = 1s\n");
	ledger = ledger_create(lab->world);
}

static void teardown(void)
{
	lab_free(lab);
	ledger_free(ledger);
	g_rand_free(dice);
	g_free(head);
}

/** The seed is printed, so that it can be had again. */
static void throw_dice(void)
{
	const char *text = g_getenv("DRIFTD_TEST_SEED");
	guint64 seed = g_random_int();

	if (text)
		ck_assert(g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32, &seed, NULL));
	(void)printf("outbox_crash: DRIFTD_TEST_SEED=%u\n", (guint32)seed); /* checked */
	(void)fflush(stdout); /* before a failure ends this process */
	dice = g_rand_new_with_seed((guint32)seed);
}

static int roll(int count)
{
	return g_rand_int_range(dice, 0, count);
}

/** A cycle, and how long it took: the mean of the last few. */
static void run_cycle(void)
{
	int64_t begin_us = g_get_monotonic_time();

	world_cycle(lab->world);
	cycle_us += ((double)(g_get_monotonic_time() - begin_us) - cycle_us) / 8;
}

/** All services run the head, and there is a base to fall back to. */
static void begin(void)
{
	g_autofree char *url = world_webhook_url(lab->world, LEDGER_RECEIVER);

	/* a busy machine is slow, and must not repeat messages for that */
	config_replace(lab->config, "request-timeout = 1s", "request-timeout = 20s");
	config_replace(lab->config, "cycle-timeout = 3s", "cycle-timeout = 20s");
	config_add_slack(lab->config, lab->world, "team", "rate = 100/s");
	g_string_append_printf(lab->config, "[webhook \"ops\"]\nurl = %s\nrate = 100/s\n\n", url);
	lab_add_services(lab, "s", SERVICES);
	alab_begin(lab);
	head = lab_change(lab, "shared", "two");
	for (int i = 1; i <= SERVICES; i++) {
		g_autofree char *name = g_strdup_printf("s-%d", i);

		drifts[i] = false;
		cloud_target(lab->world, name, head);
	}
	lab_restart(lab); /* its transactions begin with all tables there */
	for (int i = 0; i < 8; i++)
		run_cycle();
	slack_expect_count(lab->world, NULL, 0, 0);
}

/** A random moment: what is random is when, so nothing else is waited for. */
static void wait_random(double most_us)
{
	int64_t ns = (int64_t)(g_rand_double_range(dice, 0, most_us) * 1000);
	const struct timespec time = {.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};

	(void)ppoll(NULL, 0, &time, NULL); /* no signal is expected, and it would do no harm */
}

/** kill -9, while it starts or while a cycle runs and its messages go out; look at what is left;
 * start again. */
static void strike(bool starting)
{
	if (starting && roll(2) == 0) {
		wait_random(cycle_us * STRIKE_CYCLES_AT_START);
	} else {
		world_await(lab->world);
		answer_free(world_call(lab->world, "POST", "/check?wait=0", NULL, NULL));
		wait_random(cycle_us * STRIKE_CYCLES);
	}
	world_kill(lab->world);
	ledger_add_kill(ledger, clk_wall_ms());
	cloud_heal(lab->world);
	ledger_check_database(ledger);
	world_launch(lab->world);
}

static void change_weather(void)
{
	const char *weather = weathers[roll(G_N_ELEMENTS(weathers))];

	if (weather)
		cloud_fault(lab->world, weather);
}

/** A service falls back, or is deployed again. Its name; caller frees. */
static char *flip(void)
{
	int number = 1 + roll(SERVICES);
	g_autofree char *name = g_strdup_printf("s-%d", number);
	char *target = g_strdup_printf("service/s-%d", number);

	drifts[number] = !drifts[number];
	cloud_target(lab->world, name, drifts[number] ? lab->base : head);
	ledger_add_transition(ledger, drifts[number] ? "firing" : "closing", target);
	return target;
}

struct seen {
	const char *target, *status;
};

static bool has_status(void *data)
{
	const struct seen *seen = data;
	g_autofree char *path = g_strdup_printf("/incidents?target=%s&limit=1", seen->target);
	g_autoptr(struct_answer) answer = NULL;

	run_cycle();
	answer = world_get(lab->world, path);
	return g_str_equal(json_text_at(answer->json, "items.0.status"), seen->status);
}

/** A change that is taken back before anybody looked is no transition: the script goes on when the
 * database has it. */
static void await_transition(const char *target)
{
	const char *last = ledger->script->pdata[ledger->script->len - 1];
	struct seen seen = {target, g_str_has_prefix(last, "firing ") ? "open" : "resolved"};

	world_await(lab->world);
	ck_assert_msg(wait_until(has_status, &seen, SOON_MS), "%s does not become %s", target,
		      seen.status);
}

/** Waits until all is delivered. */
static void drain(void)
{
	slack_expect_count(lab->world, "nobody", 0, 0);
}

static bool many_wait(void)
{
	g_autoptr(struct_answer) status = world_get(lab->world, "/status");

	return json_int_at(status->json, "channels.0.waiting") > WAITING_MAX ||
	       json_int_at(status->json, "channels.1.waiting") > WAITING_MAX;
}

START_TEST(L10_kills_lose_nothing_and_repeat_only_what_was_under_way)
{
	int kills[TRANSITIONS] = {0};
	int64_t twice = 0, begin_ms = clk_mono_ms();

	throw_dice();
	begin();
	for (int i = 0; i < KILLS; i++)
		kills[roll(TRANSITIONS)]++;
	for (int i = 0; i < TRANSITIONS; i++) {
		g_autofree char *target = flip();

		for (int k = 0; k < kills[i]; k++) {
			change_weather();
			strike(k > 0);
		}
		await_transition(target);
		if (many_wait())
			drain();
	}
	drain();
	ck_assert_int_eq(world_stop(lab->world), 0);
	twice = ledger_check_messages(ledger);
	(void)printf("outbox_crash: %u kills over %d transitions: %u before it was written, %u "
		     "before it was told, %u behind that; "
		     "%d messages came twice; %d transactions, %d ms\n",
		     ledger->kills->len, TRANSITIONS, ledger->unwritten, ledger->untold,
		     ledger->told, (int)twice, /* at most two a kill */
		     ledger->steps, (int)(clk_mono_ms() - begin_ms));
	/* or this proves little */
	ck_assert_uint_ge(MIN(MIN(ledger->unwritten, ledger->untold), ledger->told), KILLS / 20);
	ck_assert_int_gt(ledger->steps, KILLS);
}
END_TEST

Suite *outbox_crash_suite(void)
{
	Suite *suite = suite_create("faults-outbox-crash");
	TCase *tcase = tcase_create("kill -9");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 600);
	tcase_add_test(tcase, L10_kills_lose_nothing_and_repeat_only_what_was_under_way);
	suite_add_tcase(suite, tcase);
	return suite;
}
