/* history_journal.c - the journal's messages that fit a filter. */
#include "cli/history_journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "history/scan.h"
#include "policy/refusal.h"

#define COLUMNS 12	  /* of the store's list */
#define MAX_LISTED 100000 /* they are held in memory */

struct listed {
	struct mxa_str col[COLUMNS]; /* malloc */
};

/* The newest messages, in a ring. */
struct ring {
	struct listed *v;
	size_t cap, next, n;
};

/* --- what fits --- */

static struct mxa_str domain_of(struct mxa_str address)
{
	struct mxa_str whole, local, domain;

	mxa_address_split(address, &whole, &local, &domain);
	return domain;
}

/* 'want' is an address or a domain. */
static bool address_fits(struct mxa_str address, struct mxa_str want)
{
	if (want.len == 0)
		return true;
	if (mxa_str_chr(want, '@', 0) < want.len)
		return mxa_str_caseeq(address, want);
	return mxa_str_caseeq(domain_of(address), want);
}

static bool domain_fits(struct mxa_str domain, struct mxa_str want)
{
	if (mxa_str_starts(want, MXA_STR("."))) {
		struct mxa_str top = mxa_str_sub(want, 1, want.len);

		return mxa_str_eq(domain, top) || mxa_str_ends(domain, want);
	}
	return mxa_str_eq(domain, want);
}

static bool authors_fit(const struct mxa_authors *au, struct mxa_str want)
{
	for (size_t i = 0; i < au->n; i++)
		if (domain_fits(au->domain[i], want))
			return true;
	return want.len == 0;
}

static bool recipients_fit(const struct mxa_msg *m, struct mxa_str want)
{
	for (size_t i = 0; i < m->n_rcpt; i++)
		if (address_fits(m->rcpt[i], want))
			return true;
	return want.len == 0;
}

/* With or without its angle brackets. */
static bool message_id_fits(const struct mxa_msg *m, struct mxa_str want)
{
	const struct mxa_field *f =
	    mxa_headers_find(&m->headers, "Message-ID", 0);

	return want.len == 0 ||
	    (f != NULL && mxa_str_casefind(f->value, want) < f->value.len);
}

static bool entry_fits(const struct mxa_entry *e,
    const struct journal_filter *f, struct mxa_str ip)
{
	const struct mxa_msg *m = &e->txn.msg;

	return e->kind == MXA_ENTRY_MESSAGE && e->time >= f->since &&
	    e->time < f->until && (f->ip.len == 0 || mxa_str_eq(f->ip, ip)) &&
	    (f->action.len == 0 ||
		mxa_str_is(f->action, mxa_action_name(e->txn.action.kind))) &&
	    authors_fit(&e->txn.verdict.authors, f->author) &&
	    recipients_fit(m, f->rcpt) &&
	    address_fits(m->mail_from, f->mail_from) &&
	    message_id_fits(m, f->message_id);
}

/* --- rows --- */

static struct mxa_str copy_text(struct mxa_str s)
{
	return mxa_str_make(mxa_xstrndup(s.len > 0 ? s.p : "", s.len), s.len);
}

static void free_row(struct listed *l)
{
	for (size_t i = 0; i < COLUMNS; i++)
		free((char *)(uintptr_t)l->col[i].p);
}

static void fill_row(struct listed *l, struct mxa_arena *a,
    const struct mxa_entry *e, struct mxa_str ip)
{
	const struct mxa_txn *t = &e->txn;
	const struct mxa_dmarc_verdict *d = &t->verdict.dmarc;
	const struct mxa_dmarc_domain *worst =
	    d->n > 0 ? &d->domain[d->worst] : NULL;
	const struct mxa_str col[COLUMNS] = {
		mxa_str_from(mxa_arena_printf(a, "%lld", (long long)e->time)),
		t->msg.receiver,
		t->msg.queue_id,
		ip,
		worst != NULL ? worst->author : MXA_STR_NONE,
		domain_of(t->msg.mail_from),
		t->msg.n_rcpt > 0 ? domain_of(t->msg.rcpt[0]) : MXA_STR_NONE,
		mxa_str_from(mxa_action_name(t->action.kind)),
		mxa_str_from(t->action.cause != MXA_CAUSE_NOTHING
			? mxa_cause_name(t->action.cause)
			: ""),
		mxa_str_from(mxa_spf_result_name(t->verdict.spf.result)),
		mxa_str_from(mxa_dkim_result_name(
		    mxa_dkim_summary(&t->verdict.dkim, worst))),
		mxa_str_from(mxa_dmarc_result_name(d->result)),
	};

	for (size_t i = 0; i < COLUMNS; i++)
		l->col[i] = copy_text(col[i]);
}

static void add_row(struct ring *r, struct mxa_arena *a,
    const struct mxa_entry *e, struct mxa_str ip)
{
	if (r->n == r->cap)
		free_row(&r->v[r->next]);
	else
		r->n++;
	fill_row(&r->v[r->next], a, e, ip);
	r->next = (r->next + 1) % r->cap;
}

/* --- the run --- */

/* False: it cannot be read. */
static bool scan_journal(const struct cli *c, const char *path,
    const struct journal_filter *f, struct ring *r)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_scan *s = NULL;
	struct mxa_place place;
	struct mxa_entry e;
	char text[MXA_IP_TEXT];
	enum mxa_rc rc = mxa_scan_open(path, &s);
	bool ok = rc == MXA_OK;

	if (ok)
		mxa_scan_without(s, MXA_WITHOUT_DNS | MXA_WITHOUT_NOTES);
	while (
	    s != NULL && (rc = mxa_scan_next(s, a, &e, &place)) != MXA_ENOENT) {
		struct mxa_str ip = MXA_STR_NONE;

		if (rc == MXA_OK && e.txn.msg.ip.family != 0)
			ip = mxa_str_from(mxa_ip_format(&e.txn.msg.ip, text));
		if (rc == MXA_OK && entry_fits(&e, f, ip))
			add_row(r, a, &e, ip);
		ok = ok && rc != MXA_EIO;
		mxa_arena_reset(a);
	}
	if (!ok)
		cli_error(c, "%s: %s", path, strerror(errno));
	mxa_scan_close(s);
	mxa_arena_free(a);
	return ok;
}

int journal_list(const struct cli *c, char **path, int n,
    const struct journal_filter *f, uint64_t limit,
    bool (*row)(void *ctx, const struct mxa_row *r), void *ctx)
{
	struct ring r = { .cap = limit < MAX_LISTED ? (size_t)limit + 1
						    : MAX_LISTED };
	bool ok = true;

	r.v = mxa_xcalloc(r.cap, sizeof(*r.v));
	for (int i = 0; i < n; i++)
		ok = scan_journal(c, path[i], f, &r) && ok;
	for (size_t i = 0; i < r.n; i++) {
		size_t at = (r.next + r.cap - 1 - i) % r.cap;
		struct mxa_row out = { .n = COLUMNS };

		memcpy(out.col, r.v[at].col, sizeof(r.v[at].col));

		if (i < limit)
			row(ctx, &out);
		free_row(&r.v[at]);
	}
	free(r.v);
	if (!ok)
		return EX_NOINPUT;
	return r.n > 0 && limit > 0 ? EX_OK : 1;
}
