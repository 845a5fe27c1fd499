/* delivery_state - words and plain structs of delivery; see delivery.h */
#include "alert/delivery.h"

static const char *const state_texts[] = {
	[DELIVERY_STATE_NONE] = "",         [DELIVERY_STATE_WAITING] = "waiting",
	[DELIVERY_STATE_SENT] = "sent",     [DELIVERY_STATE_FAILED] = "failed",
	[DELIVERY_STATE_FOLDED] = "folded",
};

const char *delivery_state_text(enum delivery_state state)
{
	return state_texts[state];
}

enum delivery_state delivery_state_from_text(const char *text)
{
	for (int state = DELIVERY_STATE_WAITING; state <= DELIVERY_STATE_FOLDED; state++)
		if (g_strcmp0(text, state_texts[state]) == 0)
			return (enum delivery_state)state; /* within the enum */
	return DELIVERY_STATE_NONE;
}

struct outgoing *outgoing_create(void)
{
	struct outgoing *outgoing = g_new0(struct outgoing, 1);

	outgoing->state = DELIVERY_STATE_WAITING;
	return outgoing;
}

void outgoing_free(struct outgoing *outgoing)
{
	if (!outgoing)
		return;
	g_free(outgoing->channel);
	notice_free(outgoing->notice);
	g_free(outgoing);
}

void channel_status_free(struct channel_status *status)
{
	if (!status)
		return;
	g_free(status->id);
	g_free(status->kind);
	g_free(status->name);
	g_free(status->last_error);
	g_free(status);
}

struct channel_status *channel_status_copy(const struct channel_status *status)
{
	struct channel_status *copy = g_new0(struct channel_status, 1);

	*copy = *status;
	copy->id = g_strdup(status->id);
	copy->kind = g_strdup(status->kind);
	copy->name = g_strdup(status->name);
	copy->last_error = g_strdup(status->last_error);
	return copy;
}
