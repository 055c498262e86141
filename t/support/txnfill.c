/* txnfill.c - transactions filled by the tables. */
#include "t/support/txnfill.h"

#include <string.h>

#include "auth/dmarc_record.h"
#include "base/arena.h"
#include "policy/grounds.h"

#define ELEMENTS 2 /* of each list */

static void fill_table(
    const struct test_fill *fill, const struct mxa_field_table *t, void *base);

static struct mxa_str some_text(const struct test_fill *fill)
{
	return fill->text(fill->ctx);
}

static void fill_number(const struct mxa_field_row *f, void *at, uint64_t v)
{
	uint32_t u32 = (uint32_t)v;
	uint16_t u16 = (uint16_t)v;

	if (f->size == sizeof(v))
		memcpy(at, &v, sizeof(v));
	else if (f->size == sizeof(u32))
		memcpy(at, &u32, sizeof(u32));
	else
		memcpy(at, &u16, sizeof(u16));
}

static void fill_list(
    const struct test_fill *fill, const struct mxa_field_row *f, void *at)
{
	size_t n = ELEMENTS;
	char *list = at;

	if (!f->in_place) {
		list = mxa_arena_calloc(fill->a, n, f->element);
		memcpy(at, &list, sizeof(list));
	}
	memcpy((char *)at - f->offset + f->count, &n, sizeof(n));
	for (size_t i = 0; i < n; i++)
		if (f->table != NULL)
			fill_table(fill, f->table, list + i * f->element);
		else
			((struct mxa_str *)(void *)list)[i] = some_text(fill);
}

static void fill_ip(const struct test_fill *fill, void *at)
{
	unsigned last = (unsigned)(fill->number(fill->ctx) % 250) + 1;

	mxa_ip_parse(
	    mxa_str_from(mxa_arena_printf(fill->a, "192.0.2.%u", last)), at);
}

static void fill_row(
    const struct test_fill *fill, const struct mxa_field_row *f, void *at)
{
	switch (f->type) {
	case MXA_FIELD_TEXT:
		*(struct mxa_str *)at = some_text(fill);
		break;
	case MXA_FIELD_FLAG:
		*(bool *)at = fill->number(fill->ctx) != 0;
		break;
	case MXA_FIELD_NUMBER:
		fill_number(f, at,
		    f->most > 0 ? fill->number(fill->ctx) % f->most
				: fill->number(fill->ctx));
		break;
	case MXA_FIELD_WORD:
		fill_number(
		    f, at, fill->number(fill->ctx) % (uint64_t)f->words->n);
		break;
	case MXA_FIELD_IP:
		fill_ip(fill, at);
		break;
	case MXA_FIELD_TIME:
		*(int64_t *)at = TEST_FILL_TIME;
		break;
	case MXA_FIELD_OBJECT:
		fill_table(fill, f->table, at);
		break;
	case MXA_FIELD_LIST:
		fill_list(fill, f, at);
		break;
	case MXA_FIELD_CHARS:
	case MXA_FIELD_OWN:
		break; /* by hand, below */
	}
}

static void fill_table(
    const struct test_fill *fill, const struct mxa_field_table *t, void *base)
{
	for (size_t i = 0; i < t->n; i++) {
		void *at = (void *)mxa_field_at(&t->row[i], base);

		if (at != NULL && t->row[i].place != MXA_PLACE_ANSWER)
			fill_row(fill, &t->row[i], at);
	}
}

/* --- what only functions know, and what must agree --- */

static void finish_action(const struct test_fill *fill, struct mxa_action *act)
{
	act->would = act->kind == MXA_ACT_TAG ? MXA_ACT_REJECT : MXA_ACT_TAG;
	act->turned = MXA_GROUND_LIST_SIGNATURE;
	act->merge = MXA_MERGE_MILDEST;
	act->ground[0] = MXA_GROUND_SPF_FAIL;
	act->ground[1] = MXA_GROUND_OTHER; /* of another version */
	act->n_grounds = 2;
	mxa_reply_init(&act->reply, "550", "5.7.26");
	mxa_reply_line(&act->reply, fill->a, some_text(fill));
	mxa_reply_line(&act->reply, fill->a, some_text(fill));
}

static void finish_verdict(const struct test_fill *fill, struct mxa_verdict *v)
{
	static const char record[] = "v=DMARC1; p=quarantine; sp=reject";
	struct mxa_dmarc_record *r = mxa_arena_calloc(fill->a, 1, sizeof(*r));

	mxa_dmarc_record_parse(mxa_str_from(record), r);
	v->dmarc.domain[0].record = v->dmarc.domain[1].record = r;
	v->dmarc.worst = 1;
	v->helo_checked = v->arc.evaluated = true;
	if (v->iprev.result == MXA_IPREV_SKIPPED)
		v->iprev.result = MXA_IPREV_PASS;
	v->arc.set[1].aar = MXA_STR(""); /* not kept */
	mxa_notes_init(&v->notes, fill->a);
	for (int i = 0; i < ELEMENTS; i++) {
		struct mxa_str s = some_text(fill);

		mxa_note(&v->notes, "%.*s", MXA_STR_ARG(s));
	}
}

static void finish_message(const struct test_fill *fill, struct mxa_msg *m)
{
	m->exempt = MXA_EXEMPT_NO;
	m->relay_hops = 2;
	mxa_msg_set_mail_from(m, fill->a, m->mail_from);
	mxa_headers_init(&m->headers, fill->a);
	mxa_headers_add(
	    &m->headers, MXA_STR("List-Id"), some_text(fill), false);
	mxa_headers_add(
	    &m->headers, MXA_STR("Message-ID"), some_text(fill), false);
}

static void finish_evidence(const struct test_fill *fill,
    struct mxa_evidence *e, enum mxa_dns_type type)
{
	struct mxa_dns_answer *ans = mxa_arena_calloc(fill->a, 1, sizeof(*ans));
	struct mxa_dns_record *rr =
	    mxa_arena_calloc(fill->a, ELEMENTS, sizeof(*rr));

	for (int i = 0; i < ELEMENTS; i++)
		rr[i] = (struct mxa_dns_record){ .text = some_text(fill),
			.preference = type == MXA_DNS_MX
			    ? (uint16_t)fill->number(fill->ctx)
			    : 0 };
	*ans = (struct mxa_dns_answer){ .type = type,
		.rr = rr,
		.n = ELEMENTS,
		.ttl = 300,
		.ms = 12,
		.ad = true,
		.detail = some_text(fill) };
	e->answer = ans;
	e->type = type;
}

void test_fill_txn(
    const struct test_fill *fill, struct mxa_txn *t, struct mxa_line *line)
{
	*t = (struct mxa_txn){ .ms = 0 };
	*line = (struct mxa_line){ .txn = t, .has_dns = true };
	fill_table(fill, &mxa_fields, line);
	finish_message(fill, &t->msg);
	finish_verdict(fill, &t->verdict);
	finish_action(fill, &t->action);
	finish_evidence(fill, &line->evidence[0], MXA_DNS_TXT);
	finish_evidence(fill, &line->evidence[1], MXA_DNS_MX);
	line->cut = false;
}
