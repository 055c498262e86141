/* page_story.c - see page_story.h. */
#include "cli/page_story.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/ipaddr.h"
#include "cli/explain_story.h"
#include "history/line.h"
#include "history/story.h"

#define MAX_SHORTENED 64 /* addresses of a story */

struct mxa_str page_network(
    struct mxa_arena *a, struct mxa_str address, bool full)
{
	struct mxa_cidr net;
	char text[MXA_IP_TEXT];

	if (full || !mxa_ip_parse(address, &net.ip))
		return address;
	net.bits = net.ip.family == 4 ? 24 : 48;
	net = mxa_cidr_network(&net);
	return mxa_str_from(mxa_arena_printf(
	    a, "%s/%u", mxa_ip_format(&net.ip, text), net.bits));
}

struct substitute {
	struct mxa_str from, to;
};

struct substitutes {
	struct substitute v[MAX_SHORTENED];
	size_t n;
};

static void add_substitute(
    struct substitutes *s, struct mxa_str from, struct mxa_str to)
{
	if (from.len > 0 && s->n < MXA_ARRAY_LEN(s->v))
		s->v[s->n++] = (struct substitute){ from, to };
}

static void add_client(
    struct substitutes *s, struct mxa_arena *a, const struct mxa_ip *ip)
{
	char text[MXA_IP_TEXT];
	struct mxa_str whole =
	    mxa_str_dup(a, mxa_str_from(mxa_ip_format(ip, text)));

	if (ip->family != 0)
		add_substitute(s, whole, page_network(a, whole, false));
}

/* People's addresses in the text, whoever wrote it there. */
static char *shorten_addresses(
    struct mxa_arena *a, const struct mxa_msg *m, struct mxa_str text)
{
	struct substitutes *s = mxa_arena_calloc(a, 1, sizeof(*s));
	struct mxa_buf b;

	add_client(s, a, &m->ip);
	add_client(s, a, &m->peer);
	add_substitute(s, m->mail_from, mxa_story_mailbox(a, m->mail_from));
	for (size_t i = 0; i < m->n_rcpt; i++)
		add_substitute(s, m->rcpt[i], mxa_story_mailbox(a, m->rcpt[i]));
	mxa_buf_init(&b, a, 2 * text.len + 1);
	for (size_t at = 0, step; at < text.len; at += step) {
		size_t i = 0;

		step = 1;
		while (i < s->n &&
		    !mxa_str_casestarts(
			mxa_str_sub(text, at, text.len), s->v[i].from))
			i++;
		if (i < s->n)
			step = s->v[i].from.len;
		mxa_buf_addstr(
		    &b, i < s->n ? s->v[i].to : mxa_str_sub(text, at, at + 1));
	}
	return mxa_xstrdup(mxa_buf_cstr(&b));
}

char *page_story(struct mxa_arena *a, struct mxa_str story, bool full)
{
	struct mxa_entry *e = mxa_arena_calloc(a, 1, sizeof(*e));
	char *text, *shorter;

	if (story.len == 0 || mxa_line_read(a, story, e) != MXA_OK ||
	    e->kind != MXA_ENTRY_MESSAGE)
		return NULL;
	text = cli_story_string(a, e, full);
	if (full || text == NULL)
		return text;
	shorter = shorten_addresses(a, &e->txn.msg, mxa_str_from(text));
	free(text);
	return shorter;
}
