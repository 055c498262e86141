/* sender.c - limits, signature, handing over. */
#include "report/sent/sender.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "conf/conf.h"

#define HOUR 3600
#define MAX_KEY ((size_t)64 * 1024)

struct mxa_host_count {
	struct mxa_host_count *next;
	int64_t n;
	char name[];
};

bool mxa_sender_is_fine(const struct mxa_sender *s)
{
	return mxa_store_state(s->store) == MXA_STORE_OK &&
	    (s->o->stop == NULL || *s->o->stop == 0) &&
	    s->out->trouble.len == 0;
}

/* --- limits of an hour --- */

static struct mxa_host_count *count_of(
    struct mxa_sender *s, struct mxa_str host)
{
	size_t at = 5381;
	struct mxa_host_count *c;

	for (size_t i = 0; i < host.len; i++)
		at = at * 33 + (unsigned char)host.p[i];
	at %= MXA_HOST_BUCKETS;
	for (c = s->host[at]; c != NULL; c = c->next)
		if (mxa_str_is(host, c->name))
			return c;
	c = mxa_xcalloc(1, sizeof(*c) + host.len + 1);
	memcpy(c->name, host.p, host.len);
	c->next = s->host[at];
	s->host[at] = c;
	return c;
}

static void free_counts(struct mxa_sender *s)
{
	for (size_t i = 0; i < MXA_HOST_BUCKETS; i++)
		while (s->host[i] != NULL) {
			struct mxa_host_count *c = s->host[i];

			s->host[i] = c->next;
			free(c);
		}
}

static bool note_hour(void *ctx, const struct mxa_row *r)
{
	struct mxa_sender *s = ctx;

	count_of(s, r->col[0])->n += mxa_row_int(r, 1);
	s->hour_total += mxa_row_int(r, 1);
	return true;
}

static void read_hour(struct mxa_sender *s)
{
	mxa_store_query(s->store,
	    "SELECT host, count(*) FROM delivery WHERE done > $1 "
	    "AND state = 'sent' GROUP BY host",
	    MXA_ARGS(MXA_INT(s->now - HOUR)), note_hour, s);
}

bool mxa_sender_hour_is_full(const struct mxa_sender *s)
{
	return s->hour_total >= s->o->conf->reports_per_hour;
}

bool mxa_sender_over_limit(struct mxa_sender *s, struct mxa_str host)
{
	return mxa_sender_hour_is_full(s) ||
	    count_of(s, host)->n >= s->o->conf->reports_per_hour_each;
}

/* --- the mail --- */

/* With the signature in front. */
static struct mxa_str sign_mail(struct mxa_sender *s, struct mxa_str mail)
{
	struct mxa_str field;

	if (s->signer == NULL)
		return mail;
	if (!mxa_sign(s->signer, s->one, mail, s->now, &field)) {
		s->out->trouble = MXA_STR(
		    "the report cannot be signed: is sign-key an RSA key?");
		return MXA_STR_NONE;
	}
	return mxa_str_from(mxa_arena_printf(
	    s->one, "%.*s%.*s", MXA_STR_ARG(field), MXA_STR_ARG(mail)));
}

/* Before the first mail of a run: a report that fails DMARC itself would be
 * refused, and teaches its readers to distrust us. */
static bool check_signature(struct mxa_sender *s, struct mxa_str mail)
{
	struct mxa_str why = MXA_STR("");

	if (s->signer == NULL || s->checked)
		return true;
	s->checked = mxa_sign_check(
	    s->o->dns, s->o->conf, s->o->clock, s->one, mail, &why);
	if (!s->checked)
		s->out->trouble = mxa_str_dup(s->lasting, why);
	return s->checked;
}

static struct mxa_str envelope_from(
    struct mxa_sender *s, const struct mxa_delivery *d)
{
	struct mxa_str own = s->o->conf->reports_bounces;
	size_t at = mxa_str_chr(own, '@', 0);

	if (own.len == 0 || d->failure)
		return MXA_STR("");
	return mxa_str_from(mxa_arena_printf(s->one, "%.*s+%.*s-%lld%.*s",
	    (int)at, own.p, MXA_STR_ARG(d->report_id), (long long)d->position,
	    MXA_STR_ARG(mxa_str_sub(own, at, own.len))));
}

/* --to-directory: a file for each mail, whole or not at all. */
static enum mxa_mailed write_file(struct mxa_sender *s,
    const struct mxa_delivery *d, size_t nth, struct mxa_str mail,
    struct mxa_str *reply)
{
	char *path =
	    mxa_arena_printf(s->one, "%s/%.*s-%lld-%zu.eml", s->o->directory,
		MXA_STR_ARG(d->report_id), (long long)d->position, nth);
	char *tmp =
	    mxa_arena_printf(s->one, "%s.%.*s", path, MXA_STR_ARG(s->o->owner));
	FILE *f = fopen(tmp, "wbe");
	bool ok = f != NULL && fwrite(mail.p, 1, mail.len, f) == mail.len;

	if ((f != NULL && fclose(f) != 0) || !ok || rename(tmp, path) != 0) {
		*reply = mxa_str_from(
		    mxa_arena_printf(s->one, "%s: %s", path, strerror(errno)));
		unlink(tmp);
		return MXA_MAIL_LATER;
	}
	*reply = mxa_str_from(path);
	return MXA_MAILED;
}

enum mxa_mailed mxa_sender_hand_over(struct mxa_sender *s,
    const struct mxa_delivery *d, struct mxa_str to, size_t nth,
    struct mxa_str *reply)
{
	struct mxa_mail mail = { .from = envelope_from(s, d), .to = to };

	mail.message = d->write(s, d, to);
	*reply = MXA_STR("the mail could not be made");
	if (mail.message.p != NULL)
		mail.message = sign_mail(s, mail.message);
	if (mail.message.p == NULL || !check_signature(s, mail.message))
		return MXA_MAIL_LATER;
	s->hour_total++;
	count_of(s, d->host)->n++;
	if (s->o->directory != NULL)
		return write_file(s, d, nth, mail.message, reply);
	return mxa_mail_send(s->o->conf, s->one, &mail, reply);
}

/* --- a run --- */

static bool read_key(
    struct mxa_arena *a, struct mxa_str path, struct mxa_str *out)
{
	FILE *f = fopen(mxa_str_cstr(a, path), "rbe");
	char *p = mxa_arena_alloc(a, MAX_KEY);
	size_t n;

	if (f == NULL)
		return false;
	n = fread(p, 1, MAX_KEY, f);
	fclose(f);
	*out = mxa_str_make(p, n);
	return n > 0;
}

static void open_signer(struct mxa_sender *s)
{
	const struct mxa_conf *conf = s->o->conf;
	const char *error = NULL;
	struct mxa_str key;

	if (conf->reports_sign_domain.len == 0)
		return;
	if (conf->reports_sign_selector.len == 0 ||
	    conf->reports_sign_key.len == 0) {
		s->out->trouble = MXA_STR("sign-domain needs sign-selector "
					  "and sign-key");
		return;
	}
	if (!read_key(s->one, conf->reports_sign_key, &key)) {
		s->out->trouble = mxa_str_from(mxa_arena_printf(s->lasting,
		    "the key %.*s cannot be read: %s",
		    MXA_STR_ARG(conf->reports_sign_key), strerror(errno)));
		return;
	}
	s->signer = mxa_signer_new(conf->reports_sign_domain,
	    conf->reports_sign_selector, key, &error);
	explicit_bzero((char *)key.p, key.len);
	if (s->signer == NULL)
		s->out->trouble = mxa_str_from(error);
}

struct mxa_sender *mxa_sender_open(const struct mxa_deliver_options *o,
    struct mxa_arena *lasting, struct mxa_deliver_result *out)
{
	struct mxa_sender *s = mxa_xcalloc(1, sizeof(*s));

	s->o = o;
	s->out = out;
	s->store = o->store;
	s->lasting = lasting;
	s->page = mxa_arena_new();
	s->one = mxa_arena_new();
	s->now = mxa_store_now(o->store);
	open_signer(s);
	if (mxa_sender_is_fine(s))
		read_hour(s);
	return s;
}

void mxa_sender_close(struct mxa_sender *s)
{
	mxa_signer_free(s->signer);
	free_counts(s);
	mxa_arena_free(s->page);
	mxa_arena_free(s->one);
	free(s);
}
