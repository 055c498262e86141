/* maillog.c - messages in a table by queue id, oldest first in a list. */
#include "bounce/maillog.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/table.h"
#include "bounce/logstamp.h"
#include "bounce/maillog_exim.h"

/* A delivery that may still change; its strings follow it in memory. */
struct pending {
	struct pending *next;
	uint64_t hash; /* of the recipient */
	struct mxa_delivery d;
	char text[];
};

struct message {
	struct mxa_link link;
	struct message *older, *newer;
	char *sender; /* NULL: not told yet */
	struct pending *first, **last;
	size_t n;
	size_t id_len;
	char id[];
};

struct mxa_maillog {
	struct mxa_logstamp stamp;
	mxa_delivery_fn *fn;
	void *ctx;
	uint64_t key[2];
	struct mxa_table open;
	struct message *oldest, *newest;
	struct mxa_exim_line exim; /* the last line of Exim */
};

/* --- messages --- */

static struct message *find_message(
    const struct mxa_maillog *log, struct mxa_str id, uint64_t hash)
{
	struct mxa_link *l = mxa_table_first(&log->open, hash);

	for (; l != NULL; l = mxa_table_next(l)) {
		struct message *m = MXA_OWNER(l, struct message, link);

		if (m->id_len == id.len && memcmp(m->id, id.p, id.len) == 0)
			return m;
	}
	return NULL;
}

static void hand_over(
    struct mxa_maillog *log, const struct message *m, struct pending *p)
{
	p->d.id = mxa_str_make(m->id, m->id_len);
	p->d.sender_known = m->sender != NULL;
	p->d.sender = m->sender != NULL ? mxa_str_from(m->sender) : MXA_STR("");
	log->fn(log->ctx, &p->d);
}

/* Its deliveries are handed over, and it is forgotten. */
static void close_message(struct mxa_maillog *log, struct message *m)
{
	struct pending *p = m->first, *next;

	for (; p != NULL; p = next) {
		next = p->next;
		hand_over(log, m, p);
		free(p);
	}
	mxa_table_remove(&log->open, &m->link);
	*(m->older != NULL ? &m->older->newer : &log->oldest) = m->newer;
	*(m->newer != NULL ? &m->newer->older : &log->newest) = m->older;
	free(m->sender);
	free(m);
}

static struct message *open_message(struct mxa_maillog *log, struct mxa_str id)
{
	uint64_t hash = mxa_table_hash(log->key, id.p, id.len, 0);
	struct message *m = find_message(log, id, hash);

	if (m != NULL)
		return m;
	if (log->open.n >= MXA_MAILLOG_MAX_OPEN)
		close_message(log, log->oldest);
	m = mxa_xcalloc(1, sizeof(*m) + id.len);
	memcpy(m->id, id.p, id.len);
	m->id_len = id.len;
	m->last = &m->first;
	m->older = log->newest;
	*(log->newest != NULL ? &log->newest->newer : &log->oldest) = m;
	log->newest = m;
	mxa_table_add(&log->open, &m->link, hash);
	return m;
}

static void set_sender(struct message *m, struct mxa_str sender)
{
	free(m->sender);
	m->sender = mxa_xmalloc(sender.len + 1);
	memcpy(m->sender, sender.p, sender.len);
	m->sender[sender.len] = '\0';
}

/* --- deliveries --- */

static struct mxa_str keep_text(char **at, struct mxa_str s)
{
	struct mxa_str kept = { *at, s.len };

	if (s.len > 0)
		memcpy(*at, s.p, s.len);
	*at += s.len;
	return kept;
}

static struct pending *pending_new(const struct mxa_delivery *d, uint64_t hash)
{
	struct pending *p = mxa_xmalloc(sizeof(*p) + d->recipient.len +
	    d->original.len + d->relay.len + d->status.len + d->words.len);
	char *at = p->text;

	p->next = NULL;
	p->hash = hash;
	p->d = *d;
	p->d.recipient = keep_text(&at, d->recipient);
	p->d.original = keep_text(&at, d->original);
	p->d.relay = keep_text(&at, d->relay);
	p->d.status = keep_text(&at, d->status);
	p->d.words = keep_text(&at, d->words);
	return p;
}

static struct pending **find_pending(
    struct message *m, struct mxa_str recipient, uint64_t hash)
{
	struct pending **p = &m->first;

	while (*p != NULL &&
	    ((*p)->hash != hash || !mxa_str_eq((*p)->d.recipient, recipient)))
		p = &(*p)->next;
	return p;
}

/* The newest state of the recipient in place of the one before. */
static void note_delivery(
    struct mxa_maillog *log, struct mxa_str id, const struct mxa_delivery *d)
{
	struct message *m = open_message(log, id);
	uint64_t hash =
	    mxa_table_hash(log->key, d->recipient.p, d->recipient.len, 1);
	struct pending **place = find_pending(m, d->recipient, hash);
	struct pending *p = pending_new(d, hash);

	if (*place != NULL) {
		p->next = (*place)->next;
		if (p->next == NULL)
			m->last = &p->next;
		free(*place);
		*place = p;
	} else if (m->n >= MXA_MAILLOG_MAX_RECIPIENTS) {
		hand_over(log, m, p);
		free(p);
	} else {
		*m->last = p;
		m->last = &p->next;
		m->n++;
	}
}

/* The MTA gave up: what was deferred is refused, for the reason it had. */
static void note_expired(
    struct mxa_maillog *log, struct mxa_str id, int64_t when)
{
	struct message *m = open_message(log, id);

	for (struct pending *p = m->first; p != NULL; p = p->next) {
		if (p->d.state != MXA_DELIVERY_DEFERRED)
			continue;
		p->d.state = MXA_DELIVERY_REFUSED;
		p->d.time = when;
	}
}

static void note_removed(struct mxa_maillog *log, struct mxa_str id)
{
	struct message *m =
	    find_message(log, id, mxa_table_hash(log->key, id.p, id.len, 0));

	if (m != NULL)
		close_message(log, m);
}

/* --- words of a line --- */

/* Offset after 'what'; s.len: it does not stand there. */
static size_t after_words(struct mxa_str s, struct mxa_str what)
{
	const char *at =
	    s.len > 0 ? memmem(s.p, s.len, what.p, what.len) : NULL;

	return at != NULL ? (size_t)(at - s.p) + what.len : s.len;
}

/* The value of ", NAME=", up to the next ", "; empty: it is not there. */
static struct mxa_str field_value(struct mxa_str s, struct mxa_str name)
{
	size_t from = after_words(s, name);
	size_t to = from;

	while (to < s.len &&
	    !(s.p[to] == ',' && to + 1 < s.len && s.p[to + 1] == ' '))
		to++;
	return mxa_str_sub(s, from, to);
}

/* The address at 'from', after its "<", up to the ">" that is not quoted. */
static struct mxa_str bracketed_address(struct mxa_str s, size_t from)
{
	bool quoted = false;
	size_t i = from;

	for (; i < s.len && (quoted || s.p[i] != '>'); i++) {
		if (s.p[i] == '"')
			quoted = !quoted;
		else if (s.p[i] == '\\' && quoted)
			i++;
	}
	return mxa_str_sub(s, from, i);
}

/* "mx.example[192.0.2.1]:25", "mx.example. [192.0.2.1]": the host. */
static struct mxa_str relay_host(struct mxa_str s)
{
	size_t end = 0;

	while (end < s.len && s.p[end] != '[' && s.p[end] != ' ')
		end++;
	while (end > 0 && s.p[end - 1] == '.')
		end--;
	s = mxa_str_sub(s, 0, end);
	return mxa_str_is(s, "none") ? MXA_STR("") : s;
}

/* "4XyZabc: …": the id, 's' becomes the rest.  A word in small letters
 * ("warning: …") is none. */
static bool take_id(struct mxa_str *s, struct mxa_str *id)
{
	bool marked = false;
	size_t i = 0;

	for (; i < s->len && mxa_is_alnum(s->p[i]); i++)
		marked |= s->p[i] < 'a';
	if (!marked || i < 5 || i > 64 || i + 2 >= s->len || s->p[i] != ':' ||
	    s->p[i + 1] != ' ')
		return false;
	*id = mxa_str_sub(*s, 0, i);
	*s = mxa_str_sub(*s, i + 2, s->len);
	return true;
}

/* --- Postfix --- */

static bool postfix_state(struct mxa_str word, enum mxa_delivery_state *out)
{
	static const struct {
		const char *word;
		enum mxa_delivery_state state;
	} known[] = {
		{ "sent", MXA_DELIVERY_SENT },
		{ "deferred", MXA_DELIVERY_DEFERRED },
		{ "bounced", MXA_DELIVERY_REFUSED },
		{ "expired", MXA_DELIVERY_REFUSED },
		{ "undeliverable", MXA_DELIVERY_REFUSED },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (mxa_str_is(word, known[i].word)) {
			*out = known[i].state;
			return true;
		}
	return false;
}

/* "(host … said: …)" without its parentheses. */
static struct mxa_str in_parentheses(struct mxa_str s)
{
	s = mxa_str_trim(s);
	if (s.len >= 2 && s.p[0] == '(' && s.p[s.len - 1] == ')')
		return mxa_str_sub(s, 1, s.len - 1);
	return s;
}

/* "to=<R>, orig_to=<O>, relay=H[I]:P, …, dsn=X.Y.Z, status=WORD (TEXT)" */
static void postfix_delivery(
    struct mxa_maillog *log, struct mxa_str id, struct mxa_str s, int64_t when)
{
	struct mxa_delivery d = { .time = when };
	size_t at, end;

	d.recipient = bracketed_address(s, 4);
	s = mxa_str_sub(s, 4 + d.recipient.len, s.len);
	at = after_words(s, MXA_STR(", status="));
	for (end = at; end < s.len && s.p[end] != ' ' && s.p[end] != ',';)
		end++;
	if (!postfix_state(mxa_str_sub(s, at, end), &d.state))
		return;
	d.words = in_parentheses(mxa_str_sub(s, end, s.len));
	s = mxa_str_sub(s, 0, at);
	d.status = field_value(s, MXA_STR(", dsn="));
	d.relay = relay_host(field_value(s, MXA_STR(", relay=")));
	at = after_words(s, MXA_STR(", orig_to=<"));
	d.original = at < s.len ? bracketed_address(s, at) : MXA_STR("");
	note_delivery(log, id, &d);
}

static void postfix_queue(
    struct mxa_maillog *log, struct mxa_str id, struct mxa_str s, int64_t when)
{
	struct mxa_str sender;

	if (mxa_str_is(s, "removed")) {
		note_removed(log, id);
		return;
	}
	if (!mxa_str_starts(s, MXA_STR("from=<")))
		return;
	sender = bracketed_address(s, 6);
	set_sender(open_message(log, id), sender);
	s = mxa_str_sub(s, 6 + sender.len, s.len);
	if (mxa_str_starts(s, MXA_STR(">, status=expired")) ||
	    mxa_str_starts(s, MXA_STR(">, status=force-expired")))
		note_expired(log, id, when);
}

static bool is_one_of(struct mxa_str s, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (mxa_str_is(s, names[i]))
			return true;
	return false;
}

static bool is_postfix_agent(struct mxa_str daemon)
{
	static const char *const agents[] = { "smtp", "lmtp", "local",
		"virtual", "pipe", "error", "retry", "discard" };

	return is_one_of(daemon, agents, sizeof(agents) / sizeof(agents[0]));
}

static bool is_postfix_queue(struct mxa_str daemon)
{
	return mxa_str_is(daemon, "qmgr") || mxa_str_is(daemon, "nqmgr");
}

static void postfix_line(struct mxa_maillog *log, struct mxa_str daemon,
    struct mxa_str rest, int64_t when)
{
	struct mxa_str id;

	if (is_postfix_agent(daemon)) {
		if (take_id(&rest, &id) &&
		    mxa_str_starts(rest, MXA_STR("to=<")))
			postfix_delivery(log, id, rest, when);
	} else if (is_postfix_queue(daemon)) {
		if (take_id(&rest, &id))
			postfix_queue(log, id, rest, when);
	}
}

/* --- Sendmail --- */

/* What stat= and dsn= say; false: nothing has become of it yet. */
static bool sendmail_state(
    struct mxa_str stat, struct mxa_str dsn, enum mxa_delivery_state *out)
{
	if (mxa_str_casestarts(stat, MXA_STR("queued")))
		return false;
	if (mxa_str_starts(stat, MXA_STR("Sent")))
		*out = MXA_DELIVERY_SENT;
	else if (mxa_str_starts(stat, MXA_STR("Deferred")))
		*out = MXA_DELIVERY_DEFERRED;
	else if (dsn.len > 0 && dsn.p[0] == '2')
		*out = MXA_DELIVERY_SENT;
	else if (dsn.len > 0 && dsn.p[0] == '4')
		*out = MXA_DELIVERY_DEFERRED;
	else
		*out = MXA_DELIVERY_REFUSED;
	return true;
}

static struct mxa_str without_brackets(struct mxa_str s)
{
	if (s.len >= 2 && s.p[0] == '<')
		return bracketed_address(s, 1);
	return s;
}

/* "to=<A>,<B>, delay=…, relay=H. [I], dsn=5.7.26, reply=…, stat=…" */
static void sendmail_delivery(
    struct mxa_maillog *log, struct mxa_str id, struct mxa_str s, int64_t when)
{
	struct mxa_delivery d = { .time = when };
	size_t at = after_words(s, MXA_STR(", stat="));
	struct mxa_str stat = mxa_str_sub(s, at, s.len);
	struct mxa_str to = field_value(s, MXA_STR("to="));

	s = mxa_str_sub(s, 0, at);
	d.status = field_value(s, MXA_STR(", dsn="));
	if (!sendmail_state(stat, d.status, &d.state))
		return;
	d.relay = relay_host(field_value(s, MXA_STR(", relay=")));
	at = after_words(s, MXA_STR(", reply="));
	d.words =
	    at < s.len ? mxa_str_sub(s, at, s.len - strlen(", stat=")) : stat;
	d.original = MXA_STR("");
	for (at = 0; at < to.len;) {
		size_t comma = mxa_str_chr(to, ',', at);

		d.recipient = without_brackets(mxa_str_sub(to, at, comma));
		if (d.recipient.len > 0)
			note_delivery(log, id, &d);
		at = comma + 1;
	}
}

static void sendmail_line(
    struct mxa_maillog *log, struct mxa_str rest, int64_t when)
{
	struct mxa_str id;

	if (!take_id(&rest, &id))
		return;
	if (mxa_str_starts(rest, MXA_STR("from=")))
		set_sender(open_message(log, id),
		    without_brackets(field_value(rest, MXA_STR("from="))));
	else if (mxa_str_starts(rest, MXA_STR("to=")))
		sendmail_delivery(log, id, rest, when);
}

/* --- Exim --- */

static bool exim_line(
    struct mxa_maillog *log, struct mxa_str line, int64_t when)
{
	struct mxa_exim_line *l = &log->exim;

	if (!mxa_exim_read(&log->stamp, line, when, l))
		return false;
	switch (l->kind) {
	case MXA_EXIM_ARRIVED:
		set_sender(open_message(log, l->id), l->sender);
		break;
	case MXA_EXIM_DELIVERY:
		if (l->sender.len > 0 &&
		    open_message(log, l->id)->sender == NULL)
			set_sender(open_message(log, l->id), l->sender);
		note_delivery(log, l->id, &l->d);
		break;
	case MXA_EXIM_COMPLETED:
		note_removed(log, l->id);
		break;
	case MXA_EXIM_OTHER:
		break;
	}
	return true;
}

/* --- lines --- */

/* The part after the last '/': postfix-out/relay/smtp is an smtp. */
static struct mxa_str daemon_of(struct mxa_str program)
{
	size_t i = program.len;

	while (i > 0 && program.p[i - 1] != '/')
		i--;
	return mxa_str_sub(program, i, program.len);
}

static bool is_postfix(struct mxa_str program)
{
	return mxa_str_starts(program, MXA_STR("postfix")) &&
	    mxa_str_chr(program, '/', 0) < program.len;
}

static bool is_sendmail(struct mxa_str program)
{
	return mxa_str_starts(program, MXA_STR("sendmail")) ||
	    mxa_str_starts(program, MXA_STR("sm-"));
}

static bool is_exim(struct mxa_str program)
{
	return mxa_str_is(program, "exim") || mxa_str_is(program, "exim4");
}

bool mxa_maillog_line(struct mxa_maillog *log, struct mxa_str line)
{
	struct mxa_str program, rest;
	int64_t when;

	if (exim_line(log, line, 0))
		return true;
	if (!mxa_logstamp_split(&log->stamp, line, &when, &program, &rest))
		return false;
	if (is_postfix(program)) {
		postfix_line(log, daemon_of(program), rest, when);
		return true;
	}
	if (is_exim(program))
		return exim_line(log, rest, when);
	if (!is_sendmail(program))
		return false;
	sendmail_line(log, rest, when);
	return true;
}

/* A line of a mail system that is known. */
static bool is_log_line(struct mxa_logstamp *stamp, struct mxa_str line)
{
	struct mxa_str program, rest;
	struct mxa_exim_line exim;
	int64_t when;

	if (mxa_exim_read(stamp, line, 0, &exim))
		return true;
	if (!mxa_logstamp_split(stamp, line, &when, &program, &rest))
		return false;
	return is_postfix(program) || is_sendmail(program) ||
	    (is_exim(program) && mxa_exim_read(stamp, rest, when, &exim));
}

bool mxa_maillog_is_log(struct mxa_str start)
{
	struct mxa_logstamp stamp = { .now = INT64_MAX / 2 };
	size_t at = 0;

	for (int i = 0; i < 100 && at < start.len; i++) {
		size_t end = mxa_str_chr(start, '\n', at);

		if (is_log_line(&stamp, mxa_str_sub(start, at, end)))
			return true;
		at = end + 1;
	}
	return false;
}

/* --- the module --- */

struct mxa_maillog *mxa_maillog_new(int64_t now, mxa_delivery_fn *fn, void *ctx)
{
	struct mxa_maillog *log = mxa_xcalloc(1, sizeof(*log));

	log->stamp.now = now;
	log->fn = fn;
	log->ctx = ctx;
	mxa_table_key(log->key);
	mxa_table_init(&log->open);
	return log;
}

void mxa_maillog_end(struct mxa_maillog *log)
{
	while (log->oldest != NULL)
		close_message(log, log->oldest);
}

static void ignore_delivery(void *ctx, const struct mxa_delivery *d)
{
	(void)ctx;
	(void)d;
}

void mxa_maillog_free(struct mxa_maillog *log)
{
	if (log == NULL)
		return;
	log->fn = ignore_delivery;
	mxa_maillog_end(log);
	mxa_table_done(&log->open);
	free(log);
}
