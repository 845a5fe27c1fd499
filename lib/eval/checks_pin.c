/* checks_pin - pins: what is said of one in force, and of one that has ended. See checks.h. */
#include "eval/checks.h"

/* The last day of a pin, as it was configured; NULL when it has no end. */
static char *last_day(const struct eval_input *input)
{
	g_autoptr(GTimeZone) zone = NULL;
	g_autoptr(GDateTime) utc = NULL;
	g_autoptr(GDateTime) local = NULL;

	if (input->service->pin.until_wall_ms <= 0)
		return NULL;
	zone = g_time_zone_new_identifier(input->timezone ? input->timezone : "UTC");
	/* until is the first instant of the next day */
	utc = g_date_time_new_from_unix_utc((input->service->pin.until_wall_ms - 1) / MS_PER_S);
	local = utc && zone ? g_date_time_to_timezone(utc, zone) : NULL;
	return local ? g_date_time_format(local, "%Y-%m-%d") : NULL;
}

static char *pin_words(const struct eval_input *input, const char *start)
{
	const struct config_pin *pin = &input->service->pin;
	g_autofree char *until = last_day(input);
	GString *words = g_string_new(start);

	g_string_append_printf(words, " %.8s", pin->commit);
	if (until)
		g_string_append_printf(words, " until %s", until);
	if (pin->by)
		g_string_append_printf(words, " by %s", pin->by);
	if (pin->because)
		g_string_append_printf(words, " because %s", pin->because);
	return g_string_free(words, FALSE);
}

static void add_pin_expired(struct finding_sink *sink)
{
	const struct config_pin *pin = &sink->input->service->pin;
	g_autofree char *words = pin_words(sink->input, "the pin to");
	struct reason *reason =
		reason_create(REASON_PIN_EXPIRED, STATE_PENDING, "%s has ended: %s", words,
			      sink->verdict->relation == RELATION_IN_SYNC
				      ? "what runs is what is committed, remove the pin"
				      : "deploy, or pin again with a new date");

	reason_add_text(reason, "commit", pin->commit);
	reason_add_text(reason, "by", pin->by);
	reason_add_text(reason, "because", pin->because);
	finding_add(sink, reason);
}

/* A pin too short to tell its commit from others may or may not mean what runs. */
static bool is_ambiguous(const struct eval_input *input, const struct ruling *ruling)
{
	g_autofree char *pin = g_ascii_strdown(input->service->pin.commit, -1);
	const struct git_resolution *resolution =
		ruling->sha ? git_answer_resolution(input->answer, pin) : NULL;

	return resolution && resolution->status == GIT_RESOLUTION_AMBIGUOUS &&
	       g_str_has_prefix(ruling->sha, pin);
}

void checks_pin(struct finding_sink *sink, const struct ruling *rulings, guint count)
{
	const struct config_pin *pin = &sink->input->service->pin;

	if (!pin->commit)
		return;
	if (sink->pin_in_force)
		sink->verdict->pin_note = pin_words(sink->input, "pinned to");
	if (ruling_pin_holds(sink->input))
		finding_changes_at(sink, pin->until_wall_ms);
	for (guint i = 0; i < count; i++) {
		const struct ruling *ruling = &rulings[i];

		if (ruling_pin_ended(sink->input) &&
		    ruling_is_pinned_commit(sink->input, ruling->sha)) {
			add_pin_expired(sink);
			return;
		}
		if (ruling_pin_holds(sink->input) && is_ambiguous(sink->input, ruling)) {
			finding_add(sink,
				    reason_create(REASON_AMBIGUOUS_COMMIT, STATE_UNKNOWN,
						  "several commits begin with pin = %s: write more "
						  "digits of the id",
						  pin->commit));
			return;
		}
	}
}
