/* fields.c - what there is to know about a transaction. */
#include "history/fields.h"

#include <stdio.h>
#include <string.h>

#include "auth/dmarc_record.h"
#include "base/arena.h"
#include "base/limits.h"
#include "policy/grounds.h"

/* Bytes of one text; escapes may make six of one. */
#define MAX_NAME 260
#define MAX_ADDRESS_KEPT 320
#define MAX_PHRASE 400
#define MAX_RECORD_KEPT 1500
#define MAX_DATA_KEPT 600 /* of one DNS record */
#define MAX_RR_KEPT 20	  /* records of one answer */
#define MAX_EVIDENCE 1000 /* questions that are read */

/* How long the line may be after each part, so that no part takes the room of
 * those that are needed to decide again. */
#define ROOM_END 512
#define LIMIT (MXA_MAX_JOURNAL_LINE - ROOM_END)
#define LIMIT_DKIM (MXA_MAX_JOURNAL_LINE * 5 / 8)
#define LIMIT_RCPT (MXA_MAX_JOURNAL_LINE * 13 / 16)
#define LIMIT_NOTES (MXA_MAX_JOURNAL_LINE * 7 / 8)

/* --- how rows are written --- */

#define IN(type, member) \
	.offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
/* in the struct that a pointer of 'outer' points to */
#define VIA(outer, pointer, type, member) \
	.indirect = true, .via = offsetof(outer, pointer), IN(type, member)

#define TEXT(key, bytes) .name = key, .type = MXA_FIELD_TEXT, .most = bytes
#define FLAG(key) .name = key, .type = MXA_FIELD_FLAG
#define NUMBER(key) .name = key, .type = MXA_FIELD_NUMBER
#define WORD(key, set) .name = key, .type = MXA_FIELD_WORD, .words = &(set)
#define OBJECT(key, rows) \
	.name = key, .type = MXA_FIELD_OBJECT, .table = &(rows)
#define LIST(key, elements) \
	.name = key, .type = MXA_FIELD_LIST, .most = elements
#define OWN(key) .name = key, .type = MXA_FIELD_OWN
#define ALWAYS .always = true

#define TABLE(rows) .row = rows, .n = MXA_ARRAY_LEN(rows)

/* --- words --- */

#define WORDS(set, type, real, last)         \
	static const char *set##_name(int i) \
	{                                    \
		return real((enum type)i);   \
	}                                    \
	static const struct mxa_field_words set = { set##_name, (last) + 1 }
WORDS(exempt_words, mxa_exempt, mxa_exempt_name, MXA_EXEMPT_RULE);
WORDS(spf_words, mxa_spf_result, mxa_spf_result_name, MXA_SPF_PERMERROR);
WORDS(spf_cause_words, mxa_spf_cause, mxa_spf_cause_name, MXA_SPF_CAUSE_DNS);
WORDS(dkim_words, mxa_dkim_result, mxa_dkim_result_name, MXA_DKIM_PERMERROR);
WORDS(sig_words, mxa_dkim_cause, mxa_dkim_cause_name, MXA_DKIM_NOT_TRIED);
WORDS(arc_words, mxa_arc_result, mxa_arc_result_name, MXA_ARC_FAIL);
WORDS(
    dmarc_words, mxa_dmarc_result, mxa_dmarc_result_name, MXA_DMARC_PERMERROR);
WORDS(policy_words, mxa_dmarc_policy, mxa_dmarc_policy_name, MXA_POLICY_REJECT);
WORDS(
    iprev_words, mxa_iprev_result, mxa_iprev_result_name, MXA_IPREV_PERMERROR);
WORDS(no_mail_words, mxa_no_mail, mxa_no_mail_name, MXA_NO_MAIL_MX);
WORDS(action_words, mxa_action_kind, mxa_action_name, MXA_ACT_REJECT);
WORDS(cause_words, mxa_cause, mxa_cause_name, MXA_CAUSES - 1);
WORDS(profile_words, mxa_profile, mxa_profile_name, MXA_PROFILE_MONITOR);
WORDS(override_words, mxa_override, mxa_override_name, MXA_OVERRIDE_OTHER);
WORDS(merge_words, mxa_merge, mxa_merge_name, MXA_MERGE_MILDEST);
WORDS(status_words, mxa_dns_status, mxa_dns_status_name, MXA_DNS_SPENT);

static const char *const identity_names[] = { "mailfrom", "helo" };
static const char *const tag_names[] = { "p", "sp", "np" };
static const char *const body_names[] = { "unknown", "matches", "differs" };

#define NAMES(set, names)                                       \
	static const char *set##_name(int i)                    \
	{                                                       \
		return names[i];                                \
	}                                                       \
	static const struct mxa_field_words set = { set##_name, \
		MXA_ARRAY_LEN(names) }
NAMES(identity_words, identity_names);
NAMES(tag_words, tag_names);
NAMES(body_words, body_names);

/* --- SPF --- */

#define SPF(member) IN(struct mxa_spf_verdict, member)

static const struct mxa_field_row spf_rows[] = {
	{ WORD("result", spf_words), ALWAYS, SPF(result), .log = "spf",
	    .meaning = "The result." },
	{ WORD("cause", spf_cause_words), SPF(cause),
	    .meaning = "The cause of the result; absent: there is no domain "
		       "to check, or an older version wrote the line." },
	{ WORD("identity", identity_words), ALWAYS, SPF(identity),
	    .meaning = "The identity that was checked." },
	{ TEXT("domain", MAX_NAME), SPF(domain),
	    .meaning = "Its domain; empty if it has none that can be used." },
	{ TEXT("sender", MAX_ADDRESS_KEPT), SPF(sender),
	    .meaning = "The address as it was evaluated." },
	{ TEXT("mechanism", MAX_PHRASE), SPF(mechanism),
	    .meaning = "The term that decided, as published." },
	{ TEXT("record_domain", MAX_NAME), SPF(record_domain),
	    .meaning = "The domain whose record holds that term." },
	{ TEXT("reason", MAX_PHRASE), SPF(reason.text),
	    .meaning = "The reason, as a phrase for people." },
	{ TEXT("explanation", MAX_PHRASE), SPF(explanation),
	    .meaning = "What the sender's domain explains (exp=)." },
	{ FLAG("local_part"), SPF(used_local_part),
	    .meaning = "A macro used the local part of the sender." },
	{ NUMBER("lookups"), SPF(lookups),
	    .meaning = "Terms that asked the DNS, of 10 that may." },
	{ NUMBER("voids"), SPF(voids),
	    .meaning = "Questions without an answer, of 2 that may be." },
};

static const struct mxa_field_table spf_table = { TABLE(spf_rows) };

/* --- DKIM --- */

#define SIG(member) IN(struct mxa_dkim_sig, member)

static const struct mxa_field_row sig_rows[] = {
	{ WORD("result", dkim_words), ALWAYS, SIG(result), .log = "dkim",
	    .meaning = "The result." },
	{ WORD("cause", sig_words), ALWAYS, SIG(cause),
	    .meaning = "The cause of the result." },
	{ TEXT("d", MAX_NAME), SIG(domain), .log = "sig",
	    .meaning = "The domain that signed; empty if it is unreadable." },
	{ TEXT("i", MAX_ADDRESS_KEPT), SIG(identity),
	    .meaning = "The identity that signed." },
	{ TEXT("s", MAX_NAME), SIG(selector), .meaning = "The selector." },
	{ TEXT("a", 40), SIG(algorithm), .meaning = "The algorithm." },
	{ TEXT("b", 80), SIG(b),
	    .meaning = "First characters of the signature." },
	{ TEXT("rules", 80), SIG(rules),
	    .meaning = "The rule of ours that a result of policy comes from." },
	{ TEXT("reason", MAX_PHRASE), SIG(reason.text),
	    .meaning = "The reason, as a phrase for people." },
	{ WORD("body", body_words), SIG(body),
	    .meaning = "Whether the hash of the body matches; absent: it was "
		       "not compared." },
	{ NUMBER("bits"), SIG(key_bits), .meaning = "Bits of the key." },
	{ FLAG("testing"), SIG(testing),
	    .meaning = "The key says that its domain tests DKIM (t=y)." },
	{ FLAG("subject"), SIG(covers_subject),
	    .meaning = "The signature covers Subject." },
	{ NUMBER("t"), SIG(signed_at), .absent = -1,
	    .meaning = "When it was made, in seconds since 1970 (t=)." },
};

static const struct mxa_field_table sig_table = { TABLE(sig_rows) };

/* --- ARC --- */

#define ARC(member) IN(struct mxa_arc_verdict, member)

static const struct mxa_field_row set_rows[] = {
	{ TEXT("d", MAX_NAME), ALWAYS, IN(struct mxa_arc_set, seal_domain),
	    .meaning = "The domain that sealed." },
	{ TEXT("s", MAX_NAME), ALWAYS, IN(struct mxa_arc_set, seal_selector),
	    .meaning = "Its selector." },
	{ TEXT("aar", MAX_RECORD_KEPT), IN(struct mxa_arc_set, aar),
	    .meaning = "The results that it vouches for." },
};

static const struct mxa_field_table set_table = { TABLE(set_rows) };

/* The journal keeps the results of the first set only: its override comment
 * quotes them, and fifty of them would fill the line. */
static void write_sets(
    struct mxa_field_writer *w, const char *key, const void *at)
{
	const struct mxa_arc_verdict *v = (const void *)((const char *)at -
	    offsetof(struct mxa_arc_verdict, set));

	mxa_json_open(w->j, key, '[');
	for (size_t i = 0; i < v->n; i++) {
		struct mxa_arc_set set = v->set[i];

		if (i > 0 && !w->answer)
			set.aar = MXA_STR_NONE;
		mxa_json_open(w->j, NULL, '{');
		mxa_fields_to_json(w, &set_table, &set);
		mxa_json_close(w->j, '}');
	}
	mxa_json_close(w->j, ']');
}

static const struct mxa_field_row arc_rows[] = {
	{ WORD("result", arc_words), ALWAYS, ARC(result), .log = "arc",
	    .meaning = "The result." },
	{ TEXT("reason", MAX_PHRASE), ARC(reason.text),
	    .meaning = "The reason, as a phrase for people." },
	{ NUMBER("oldest_pass"), ARC(oldest_pass),
	    .meaning = "The oldest set whose signature holds; absent: all of "
		       "them hold." },
	{ FLAG("dns_trouble"), ARC(dns_trouble),
	    .meaning = "The chain fails because the DNS did not answer." },
	{ FLAG("trusted"), ARC(trusted),
	    .meaning = "A trusted sealer says that the author was "
		       "authenticated." },
	{ TEXT("trusted_sealer", MAX_NAME), ARC(trusted_sealer),
	    .meaning = "Which one." },
	{ LIST("sets", MXA_MAX_ARC_SETS), ARC(set), .write = write_sets,
	    .count = offsetof(struct mxa_arc_verdict, n),
	    .element = sizeof(struct mxa_arc_set), .table = &set_table,
	    .meaning = "The sets of the chain, the oldest first." },
};

static const struct mxa_field_table arc_table = { TABLE(arc_rows) };

/* --- authors --- */

#define AUTHORS(member) IN(struct mxa_authors, member)

static const struct mxa_field_row authors_rows[] = {
	{ NUMBER("fields"), ALWAYS, AUTHORS(fields),
	    .meaning = "From fields of the message." },
	{ NUMBER("addresses"), ALWAYS, AUTHORS(addresses),
	    .meaning = "Addresses in them." },
	{ LIST("address", MXA_MAX_AUTHOR_ADDRESSES), AUTHORS(address),
	    .text = MAX_ADDRESS_KEPT,
	    .count = offsetof(struct mxa_authors, n_address),
	    .element = sizeof(struct mxa_str), .in_place = true, .limit = LIMIT,
	    .meaning = "The first of them." },
	{ FLAG("more"), AUTHORS(more),
	    .meaning = "There are more domains than are evaluated." },
	{ FLAG("malformed"), AUTHORS(malformed),
	    .meaning = "From breaks RFC 5322." },
	{ TEXT("reason", MAX_PHRASE), AUTHORS(reason.text), .meaning = "How." },
	{ NUMBER("damaged"), AUTHORS(damaged),
	    .meaning = "Domains that people read differently than they are "
		       "written." },
	{ TEXT("damage", MAX_PHRASE), AUTHORS(damage), .log = "damaged",
	    .meaning = "The first of them as it is written, escaped." },
};

static const struct mxa_field_table authors_table = { TABLE(authors_rows) };

/* --- DMARC --- */

#define DOMAIN(member) IN(struct mxa_dmarc_domain, member)
#define DMARC(member) IN(struct mxa_dmarc_verdict, member)

static bool has_record(const void *base)
{
	const struct mxa_dmarc_domain *d = base;

	return d->record != NULL;
}

static void write_record(
    struct mxa_field_writer *w, const char *key, const void *at)
{
	const struct mxa_dmarc_record *const *record = at;

	if (w->answer)
		mxa_json_str(w->j, key, (*record)->text);
	else
		mxa_json_cut(w->j, key, (*record)->text, MAX_RECORD_KEPT);
}

static void read_dmarc_record(struct mxa_field_reader *r, void *at)
{
	const struct mxa_dmarc_record **record = at;
	struct mxa_str s = mxa_json_take_str(&r->in);
	struct mxa_dmarc_record *parsed;

	if (s.len == 0 || !mxa_dmarc_record_is(s))
		return;
	parsed = mxa_arena_calloc(r->a, 1, sizeof(*parsed));
	mxa_dmarc_record_parse(s, parsed);
	*record = parsed;
}

static const struct mxa_field_row domain_rows[] = {
	{ WORD("result", dmarc_words), ALWAYS, DOMAIN(result),
	    .meaning = "The result for this domain." },
	{ TEXT("domain", MAX_NAME), ALWAYS, DOMAIN(author),
	    .meaning = "The author domain." },
	{ TEXT("org", MAX_NAME), DOMAIN(organizational),
	    .meaning = "Its organizational domain." },
	{ TEXT("record_domain", MAX_NAME), DOMAIN(record_domain),
	    .meaning = "The domain whose record applies." },
	{ OWN("record"), DOMAIN(record), .present = has_record,
	    .write = write_record, .read = read_dmarc_record,
	    .meaning = "That record." },
	{ WORD("tag", tag_words), ALWAYS, DOMAIN(tag), .present = has_record,
	    .meaning = "The tag of the record that applies." },
	{ WORD("published", policy_words), ALWAYS, DOMAIN(published),
	    .present = has_record,
	    .meaning = "The policy that is published there." },
	{ WORD("policy", policy_words), ALWAYS, DOMAIN(policy),
	    .present = has_record, .meaning = "The policy that applies." },
	{ FLAG("testing"), DOMAIN(testing),
	    .meaning = "The record says that the domain tests its policy "
		       "(t=y), which lowered it." },
	{ FLAG("nonexistent"), DOMAIN(nonexistent),
	    .meaning = "The author domain does not exist." },
	{ FLAG("spf_aligned"), DOMAIN(spf_aligned),
	    .meaning = "SPF passes for an aligned domain." },
	{ FLAG("dkim_aligned"), DOMAIN(dkim_aligned),
	    .meaning = "DKIM passes for an aligned domain." },
	{ FLAG("unusable"), DOMAIN(unusable),
	    .meaning = "There is a record, or there are several, but none "
		       "that can be used." },
	{ TEXT("reason", MAX_PHRASE), DOMAIN(reason.text),
	    .meaning = "The reason, as a phrase for people." },
};

static const struct mxa_field_table domain_table = { TABLE(domain_rows) };

/* The author domain that the answer of a tool is about; NULL: there is none. */
static const struct mxa_dmarc_domain *worst_domain(const void *verdict)
{
	const struct mxa_dmarc_verdict *v = verdict;

	return v->n > 0 ? &v->domain[v->worst] : NULL;
}

/* A member of the worst author domain, as the row of that name says. */
static void write_worst(
    struct mxa_field_writer *w, const char *key, const void *at)
{
	static const struct mxa_dmarc_domain nobody;
	const struct mxa_dmarc_domain *d = worst_domain(at);

	d = d != NULL ? d : &nobody;
	if (strcmp(key, "domain") == 0)
		mxa_json_str(w->j, key, d->author);
	else if (strcmp(key, "org") == 0)
		mxa_json_str(w->j, key, d->organizational);
	else if (strcmp(key, "record_domain") == 0)
		mxa_json_str(w->j, key, d->record_domain);
	else if (strcmp(key, "policy") == 0)
		mxa_json_word(w->j, key, mxa_dmarc_policy_name(d->policy));
	else
		mxa_json_str(w->j, key, d->reason.text);
}

#define WORST(key) OWN(key), .place = MXA_PLACE_ANSWER, .write = write_worst

static void end_dmarc(struct mxa_field_reader *r, void *base)
{
	struct mxa_dmarc_verdict *v = base;

	if (v->worst < v->n)
		return;
	r->bad = r->bad || v->worst > 0;
	v->worst = 0;
}

static const struct mxa_field_row dmarc_rows[] = {
	{ WORD("result", dmarc_words), ALWAYS, DMARC(result), .log = "dmarc",
	    .meaning = "The worst result of the author domains." },
	{ NUMBER("worst"), ALWAYS, DMARC(worst),
	    .meaning = "The author domain that it is about, counted from 0." },
	{ WORST("domain"), .meaning = "Its name." },
	{ WORST("org"), .meaning = "Its organizational domain." },
	{ WORST("record_domain"),
	    .meaning = "The domain whose record applies to it." },
	{ WORST("policy"), .meaning = "The policy that applies to it." },
	{ WORST("reason"), .meaning = "The reason, as a phrase for people." },
	{ WORD("policy", policy_words), ALWAYS, DMARC(policy),
	    .answer = "strictest",
	    .meaning = "The strictest policy of the author domains that "
		       "fail." },
	{ FLAG("guarded"), DMARC(guarded),
	    .meaning = "A record at a name of one label was not used, which "
		       "changed the result." },
	{ FLAG("modes_differ"), DMARC(modes_differ),
	    .meaning = "The tree walk and the public suffix list name "
		       "different organizational domains." },
	{ LIST("domains", MXA_MAX_AUTHORS), ALWAYS, DMARC(domain),
	    .count = offsetof(struct mxa_dmarc_verdict, n), .in_place = true,
	    .element = sizeof(struct mxa_dmarc_domain), .table = &domain_table,
	    .meaning = "The author domains." },
};

static const struct mxa_field_table dmarc_table = { TABLE(dmarc_rows),
	.end = end_dmarc };

/* --- iprev --- */

static const struct mxa_field_row iprev_rows[] = {
	{ WORD("result", iprev_words), ALWAYS,
	    IN(struct mxa_iprev_verdict, result), .meaning = "The result." },
	{ TEXT("name", MAX_NAME), IN(struct mxa_iprev_verdict, name),
	    .meaning = "The name that was confirmed, or else the first one." },
};

static const struct mxa_field_table iprev_table = { TABLE(iprev_rows) };

/* --- the decision --- */

#define ACTION(member) IN(struct mxa_action, member)

/* The action's own 'would', until something else was read. */
#define WOULD_THE_SAME ((int)MXA_ACT_REJECT + 1)

static bool would_differ(const void *base)
{
	const struct mxa_action *act = base;

	return act->would != act->kind;
}

static bool has_reply(const void *base)
{
	const struct mxa_action *act = base;

	return act->reply.n > 0;
}

static void write_turned(
    struct mxa_field_writer *w, const char *key, const void *at)
{
	const enum mxa_ground *turned = at;

	if (*turned != MXA_GROUND_NONE)
		mxa_json_word(w->j, key, mxa_ground_name(*turned));
	else if (w->answer)
		mxa_json_null(w->j, key);
}

/* Another version may know other grounds. */
static void read_turned(struct mxa_field_reader *r, void *at)
{
	struct mxa_str name = mxa_json_take_str(&r->in);

	*(enum mxa_ground *)at =
	    name.len > 0 ? mxa_ground_from_name(name) : MXA_GROUND_NONE;
}

static void write_grounds(
    struct mxa_field_writer *w, const char *key, const void *at)
{
	const struct mxa_action *act = at;

	mxa_json_open(w->j, key, '[');
	for (size_t i = 0; i < act->n_grounds; i++)
		mxa_json_word(w->j, NULL, mxa_ground_name(act->ground[i]));
	mxa_json_close(w->j, ']');
}

static void read_grounds(struct mxa_field_reader *r, void *at)
{
	struct mxa_action *act = at;

	if (!mxa_json_enter(&r->in, '['))
		return;
	while (mxa_json_item(&r->in)) {
		struct mxa_str name = mxa_json_take_str(&r->in);

		if (act->n_grounds < MXA_GROUNDS)
			act->ground[act->n_grounds++] =
			    mxa_ground_from_name(name);
	}
}

/* Lines are cleaned as they were when they were made. */
static void read_reply_lines(struct mxa_field_reader *r, void *at)
{
	struct mxa_reply *reply = at;

	if (!mxa_json_enter(&r->in, '['))
		return;
	while (mxa_json_item(&r->in))
		mxa_reply_line(reply, r->a, mxa_json_take_str(&r->in));
}

static void write_reply_lines(
    struct mxa_field_writer *w, const char *key, const void *at)
{
	const struct mxa_reply *reply = at;

	mxa_json_list(w->j, key, reply->line, reply->n);
}

static void end_action(struct mxa_field_reader *r, void *base)
{
	struct mxa_action *act = base;
	struct mxa_reply *reply = &act->reply;

	if ((int)act->would == WOULD_THE_SAME)
		act->would = act->kind;
	if (reply->code[0] == '\0' && reply->enhanced[0] == '\0')
		reply->n = 0;
	else if (!mxa_reply_codes_ok(
		     mxa_str_from(reply->code), mxa_str_from(reply->enhanced)))
		r->bad = true;
}

static const struct mxa_field_row action_rows[] = {
	{ WORD("action", action_words), ALWAYS, ACTION(kind), .log = "action",
	    .meaning = "What was done." },
	{ WORD("would", action_words), ALWAYS, ACTION(would),
	    .absent = WOULD_THE_SAME, .present = would_differ, .log = "would",
	    .meaning = "What a profile other than monitor would have done." },
	{ WORD("cause", cause_words), ACTION(cause),
	    .absent = MXA_CAUSE_NOTHING, .log = "cause",
	    .meaning = "Why; absent: nothing spoke against the message." },
	{ WORD("profile", profile_words), ALWAYS, ACTION(profile),
	    .meaning = "The profile that applied." },
	{ TEXT("rule", MAX_NAME), ALWAYS, ACTION(rule), .log = "rule",
	    .meaning = "File and line of the setting that decided, or "
		       "default." },
	{ WORD("disposition", policy_words), ALWAYS, ACTION(disposition),
	    .log = "dis",
	    .meaning = "What became of the message by DMARC policy." },
	{ WORD("override", override_words), ACTION(override), .log = "override",
	    .meaning = "Why that is not the published policy, a word of RFC "
		       "9990." },
	{ TEXT("override_comment", MAX_PHRASE), ACTION(override_comment),
	    .meaning = "More about that, for reports." },
	{ OWN("turned"), ACTION(turned), .write = write_turned,
	    .read = read_turned,
	    .meaning = "The ground for which the published policy was not "
		       "applied." },
	{ WORD("recipients", merge_words), ACTION(merge), .log = "recipients",
	    .meaning = "The rules of the recipients differ, and the strictest "
		       "or the mildest of them was applied." },
	{ NUMBER("author"), ACTION(author), .absent = MXA_MAX_AUTHORS,
	    .most = MXA_MAX_AUTHORS - 1,
	    .meaning = "The author domain that decided, counted from 0." },
	{ TEXT("quarantine", MAX_PHRASE), ACTION(quarantine_reason),
	    .meaning = "The reason that was given to the MTA." },
	{ OWN("grounds"), .write = write_grounds, .read = read_grounds,
	    .log = "grounds", .meaning = "Names of the grounds that held." },
	{ .name = "code",
	    .type = MXA_FIELD_CHARS,
	    .most = 4,
	    ACTION(reply.code),
	    .present = has_reply,
	    .log = "reply",
	    .meaning = "The reply code." },
	{ .name = "enhanced",
	    .type = MXA_FIELD_CHARS,
	    .most = 12,
	    ACTION(reply.enhanced),
	    .present = has_reply,
	    .meaning = "The enhanced status code." },
	{ OWN("text"), ACTION(reply), .present = has_reply,
	    .write = write_reply_lines, .read = read_reply_lines,
	    .meaning = "The lines of the reply." },
};

static const struct mxa_field_table action_table = { TABLE(action_rows),
	.end = end_action };

/* --- evidence --- */

#define QUESTION(member) IN(struct mxa_evidence, member)
#define ANSWER(member) \
	VIA(struct mxa_evidence, answer, struct mxa_dns_answer, member)
#define ANSWER_ITSELF \
	.indirect = true, .via = offsetof(struct mxa_evidence, answer)

static const enum mxa_dns_type dns_types[] = { MXA_DNS_TXT, MXA_DNS_A,
	MXA_DNS_AAAA, MXA_DNS_MX, MXA_DNS_PTR };

static void write_type(
    struct mxa_field_writer *w, const char *key, const void *base)
{
	const struct mxa_evidence *e = base;

	mxa_json_word(w->j, key, mxa_dns_type_name(e->type));
}

static void read_type(struct mxa_field_reader *r, void *base)
{
	struct mxa_str s = mxa_json_take_str(&r->in);
	struct mxa_evidence *e = base;

	/* twice: records were read as those of another type */
	r->bad = r->bad || e->type != 0;
	for (size_t i = 0; i < MXA_ARRAY_LEN(dns_types); i++)
		if (mxa_str_is(s, mxa_dns_type_name(dns_types[i])))
			e->type = dns_types[i];
	((struct mxa_dns_answer *)e->answer)->type = e->type;
}

/* A record as people write it: "10 mail.example.com", "192.0.2.1", a text.  In
 * 'room', which holds an address or an MX. */
#define RECORD_ROOM (MXA_MAX_DOMAIN * 4 + 16)
static struct mxa_str record_text(const struct mxa_dns_record *rr,
    enum mxa_dns_type type, char room[RECORD_ROOM])
{
	char ip[MXA_IP_TEXT];

	switch (type) {
	case MXA_DNS_A:
	case MXA_DNS_AAAA:
		snprintf(room, RECORD_ROOM, "%s", mxa_ip_format(&rr->ip, ip));
		return mxa_str_from(room);
	case MXA_DNS_MX:
		snprintf(room, RECORD_ROOM, "%u %.*s", rr->preference,
		    MXA_STR_ARG(mxa_str_sub(rr->text, 0, MXA_MAX_DOMAIN * 4)));
		return mxa_str_from(room);
	case MXA_DNS_PTR:
	case MXA_DNS_TXT:
		break;
	}
	return rr->text;
}

static void write_records(
    struct mxa_field_writer *w, const char *key, const void *at)
{
	const struct mxa_dns_answer *ans = at;
	char room[RECORD_ROOM];

	if (ans->n == 0 && !w->answer)
		return;
	mxa_json_open(w->j, key, '[');
	for (size_t i = 0; i < ans->n && (w->answer || i < MAX_RR_KEPT); i++) {
		struct mxa_str s = record_text(&ans->rr[i], ans->type, room);

		if (w->answer)
			mxa_json_str(w->j, NULL, s);
		else
			mxa_json_cut(w->j, NULL, s, MAX_DATA_KEPT);
	}
	mxa_json_close(w->j, ']');
	if (ans->n > MAX_RR_KEPT && !w->answer)
		mxa_json_int(w->j, "more", (int64_t)(ans->n - MAX_RR_KEPT));
}

struct mxa_str mxa_evidence_text(
    struct mxa_arena *a, const struct mxa_evidence *e)
{
	const struct mxa_dns_answer *ans = e->answer;
	char room[RECORD_ROOM];
	struct mxa_buf b;

	if (ans == NULL)
		return MXA_STR("unanswered");
	if (ans->status != MXA_DNS_DATA)
		return mxa_str_from(mxa_dns_status_name(ans->status));
	mxa_buf_init(&b, a, MXA_MAX_RECORD);
	for (size_t i = 0; i < ans->n; i++) {
		mxa_buf_adds(&b, i > 0 ? ", " : "");
		mxa_buf_addstr(&b, record_text(&ans->rr[i], ans->type, room));
	}
	return mxa_buf_str(&b);
}

static void write_answer(
    struct mxa_field_writer *w, const char *key, const void *at)
{
	mxa_json_str(w->j, key, mxa_evidence_text(w->a, at));
}

static void read_one_record(struct mxa_field_reader *r, struct mxa_str s,
    enum mxa_dns_type type, struct mxa_dns_record *rr)
{
	uint64_t preference;
	size_t space;

	*rr = (struct mxa_dns_record){ .text = s };
	if (type == MXA_DNS_A || type == MXA_DNS_AAAA) {
		rr->text = MXA_STR_NONE;
		r->bad = !mxa_ip_parse(s, &rr->ip) || r->bad;
	} else if (type == MXA_DNS_MX) {
		space = mxa_str_chr(s, ' ', 0);
		if (!mxa_str_u64(
			mxa_str_sub(s, 0, space), 65535, &preference)) {
			r->bad = true;
			return;
		}
		rr->preference = (uint16_t)preference;
		rr->text = mxa_str_sub(s, space + 1, s.len);
	}
}

static void read_records(struct mxa_field_reader *r, void *at)
{
	struct mxa_dns_answer *ans = at;
	struct mxa_dns_record *rr = NULL;
	size_t room = 0;

	/* the type comes before the records that it explains */
	r->bad = r->bad || ans->type == 0;
	if (!mxa_json_enter(&r->in, '['))
		return;
	ans->n = 0;
	while (mxa_json_item(&r->in)) {
		struct mxa_str s = mxa_json_take_str(&r->in);

		if (ans->n == MXA_MAX_DNS_RECORDS)
			continue;
		rr = mxa_arena_room(r->a, rr, ans->n, &room, sizeof(*rr));
		read_one_record(r, s, ans->type, &rr[ans->n++]);
	}
	ans->rr = rr;
}

/* The status until one was read: the question was not answered. */
#define NOT_ANSWERED ((int)MXA_DNS_SPENT + 1)

static void begin_question(struct mxa_field_reader *r, void *base)
{
	struct mxa_evidence *e = base;

	e->answer = mxa_arena_calloc(r->a, 1, sizeof(*e->answer));
}

static void end_question(struct mxa_field_reader *r, void *base)
{
	struct mxa_evidence *e = base;
	struct mxa_dns_answer *ans = (struct mxa_dns_answer *)e->answer;

	r->bad = r->bad || e->type == 0;
	if ((int)ans->status == NOT_ANSWERED)
		e->answer = NULL;
	ans->name = ans->canonical = e->name;
}

static const struct mxa_field_row question_rows[] = {
	{ TEXT("name", MAX_NAME), ALWAYS, QUESTION(name),
	    .meaning = "The name that was asked for." },
	{ OWN("type"), .write = write_type, .read = read_type,
	    .meaning = "The type of the records that were asked for." },
	{ FLAG("cached"), QUESTION(cached),
	    .meaning = "The answer was known; no server was asked." },
	{ WORD("status", status_words), ALWAYS, ANSWER(status),
	    .absent = NOT_ANSWERED,
	    .meaning =
		"What came of it; absent: there was no answer in time." },
	{ NUMBER("ms"), ALWAYS, ANSWER(ms),
	    .meaning = "Milliseconds that it took." },
	{ NUMBER("ttl"), ANSWER(ttl),
	    .meaning = "Seconds for which the records may be kept." },
	{ FLAG("ad"), ANSWER(ad), .meaning = "Validated by DNSSEC." },
	{ TEXT("detail", MAX_PHRASE), ANSWER(detail),
	    .meaning = "More about the status, for people." },
	{ OWN("answer"), .place = MXA_PLACE_ANSWER, .write = write_answer,
	    .meaning = "The records as one text, or the status where there "
		       "are none." },
	{ OWN("answer"), ANSWER_ITSELF, .answer = "records",
	    .write = write_records, .read = read_records,
	    .meaning = "The records: addresses, texts, names; of MX, the "
		       "preference and the name." },
	{ OWN("more"), .place = MXA_PLACE_JOURNAL,
	    .meaning = "Records that are not shown." },
};

static const struct mxa_field_table question_table = { TABLE(question_rows),
	.begin = begin_question, .end = end_question };

/* --- the message --- */

#define LINE(member) IN(struct mxa_line, member)
#define TXN(member) VIA(struct mxa_line, txn, struct mxa_txn, member)
#define MSG(member) TXN(msg.member)
#define VERDICT(member) TXN(verdict.member)

static const struct mxa_txn *txn_of(const void *base)
{
	const struct mxa_line *l = base;

	return l->txn;
}

static bool was_verified(const void *base)
{
	return txn_of(base)->msg.exempt == MXA_EXEMPT_NO;
}

static bool was_relayed(const void *base)
{
	const struct mxa_msg *m = &txn_of(base)->msg;

	return m->relay_hops > 0 || m->client_unknown;
}

static bool helo_was_checked(const void *base)
{
	return was_verified(base) && txn_of(base)->verdict.helo_checked;
}

static bool arc_was_checked(const void *base)
{
	return was_verified(base) && txn_of(base)->verdict.arc.evaluated;
}

static bool iprev_was_checked(const void *base)
{
	return was_verified(base) &&
	    txn_of(base)->verdict.iprev.result != MXA_IPREV_SKIPPED;
}

static bool has_dns(const void *base)
{
	const struct mxa_line *l = base;

	return l->has_dns;
}

static void write_version(
    struct mxa_field_writer *w, const char *key, const void *at)
{
	(void)at;
	mxa_json_int(w->j, key, MXA_JOURNAL_VERSION);
}

/* The policy that the log names. */
static void write_policy(
    struct mxa_field_writer *w, const char *key, const void *at)
{
	const struct mxa_dmarc_domain *d = worst_domain(at);

	if (d != NULL && d->record != NULL)
		mxa_json_word(w->j, key, mxa_dmarc_policy_name(d->policy));
	else if (w->answer)
		mxa_json_null(w->j, key);
}

/* A subject is people's own, except that of a DMARC report: the importer must
 * know report mail. */
static bool is_kept(const struct mxa_field *f)
{
	return !mxa_str_caseis(f->name, "Subject") ||
	    mxa_str_casestarts(
		mxa_str_trim(f->value), MXA_STR("Report Domain:"));
}

/* The fields that decide() or a reader of the journal asks for. */
static void write_headers(
    struct mxa_field_writer *w, const char *key, const void *at)
{
	static const char *const kept[] = { "List-Id", "List-Post",
		"Message-ID", "Subject" };

	mxa_json_open(w->j, key, '{');
	for (size_t i = 0; i < MXA_ARRAY_LEN(kept); i++) {
		const struct mxa_field *f = mxa_headers_find(at, kept[i], 0);

		if (f != NULL && is_kept(f))
			mxa_json_cut(w->j, kept[i], mxa_str_trim(f->value),
			    MAX_ADDRESS_KEPT);
	}
	mxa_json_close(w->j, '}');
}

static void read_headers(struct mxa_field_reader *r, void *at)
{
	struct mxa_str key;

	if (!mxa_json_enter(&r->in, '{'))
		return;
	while (mxa_json_member(&r->in, &key)) {
		struct mxa_str value = mxa_json_take_str(&r->in);

		if (value.p != NULL)
			mxa_headers_add(at, key, value, false);
	}
}

static void write_notes(
    struct mxa_field_writer *w, const char *key, const void *at)
{
	const struct mxa_notes *notes = at;

	if (notes->n == 0 && !w->answer)
		return;
	mxa_json_open(w->j, key, '[');
	for (const struct mxa_note *n = notes->first; n; n = n->next) {
		struct mxa_json_mark mark = mxa_json_mark(w->j);

		mxa_json_cut(w->j, NULL, n->text, MXA_MAX_NOTE);
		if (!w->answer && mxa_json_undo(w->j, mark, LIMIT_NOTES)) {
			w->cut = true;
			break;
		}
	}
	mxa_json_close(w->j, ']');
}

static void read_notes(struct mxa_field_reader *r, void *at)
{
	if (!mxa_json_enter(&r->in, '['))
		return;
	while (mxa_json_item(&r->in)) {
		struct mxa_str s = mxa_json_take_str(&r->in);

		if (s.p != NULL)
			mxa_note(at, "%.*s", MXA_STR_ARG(s));
	}
}

static void write_cut(
    struct mxa_field_writer *w, const char *key, const void *at)
{
	const bool *cut = at;

	if (w->cut || *cut)
		mxa_json_bool(w->j, key, true);
}

static const struct mxa_field_row line_rows[] = {
	{ NUMBER("v"), LINE(version), .place = MXA_PLACE_JOURNAL,
	    .write = write_version,
	    .meaning = "1.  Adding keys does not change it." },
	{ .name = "time",
	    .type = MXA_FIELD_TIME,
	    ALWAYS,
	    LINE(time),
	    .absent = -1,
	    .meaning = "RFC 3339, UTC." },
	{ TEXT("id", MAX_NAME), ALWAYS, MSG(queue_id),
	    .meaning = "Queue id of the MTA; NOQUEUE where it named none.  "
		       "MTAs use ids again." },
	{ TEXT("receiver", MAX_NAME), MSG(receiver),
	    .meaning = "Our authserv-id." },
	{ .name = "ip",
	    .type = MXA_FIELD_IP,
	    MSG(ip),
	    .log = "ip",
	    .meaning = "Address of the client; absent without one.  After a "
		       "trusted relay it is the client of that." },
	{ .name = "peer",
	    .type = MXA_FIELD_IP,
	    MSG(peer),
	    .present = was_relayed,
	    .log = "relay",
	    .meaning = "The trusted relay that was connected." },
	{ NUMBER("hops"), MSG(relay_hops),
	    .meaning = "Received fields from there to the client." },
	{ FLAG("client_unknown"), MSG(client_unknown),
	    .meaning = "The relay's Received fields do not lead to a client "
		       "whose address can be read." },
	{ TEXT("ptr", MAX_NAME), MSG(client_name),
	    .meaning = "Name of the client as the MTA confirmed it." },
	{ TEXT("helo", MAX_NAME), ALWAYS, MSG(helo), .log = "helo",
	    .meaning = "What the client said in HELO." },
	{ TEXT("daemon", MAX_NAME), MSG(daemon_name),
	    .meaning = "The listener of the MTA that took the message, "
		       "{daemon_name}, if the MTA says." },
	{ TEXT("mfrom", MAX_ADDRESS_KEPT), ALWAYS, MSG(mail_from),
	    .log = "mfrom",
	    .meaning = "Sender of the envelope; empty: the null sender." },
	{ FLAG("authenticated"), MSG(authenticated),
	    .meaning = "The client logged in." },
	{ TEXT("auth", MAX_NAME), MSG(auth_id), .meaning = "As whom." },
	{ WORD("exempt", exempt_words), MSG(exempt), .log = "exempt",
	    .meaning = "Why nothing was verified.  Such a line has no "
		       "results." },
	{ FLAG("no_quarantine"), MSG(no_quarantine),
	    .meaning = "The MTA has no hold queue for us, so that quarantine "
		       "becomes a tag." },
	{ FLAG("smtputf8"), MSG(smtputf8),
	    .meaning = "The transaction used SMTPUTF8." },
	{ NUMBER("body"), ALWAYS, MSG(body_bytes),
	    .meaning = "Octets of the body." },
	{ NUMBER("ms"), ALWAYS, TXN(ms), .log = "ms",
	    .meaning = "Milliseconds that the end of the message waited." },
	{ FLAG("unanswered"), TXN(unanswered), .log = "answered",
	    .meaning = "The MTA hung up before it had our answer, and decided "
		       "about the message without it." },
	{ OBJECT("action", action_table), TXN(action), .has_flag = true,
	    .flag = offsetof(struct mxa_line, has_action),
	    .meaning = "The decision." },
	{ OBJECT("spf", spf_table), VERDICT(spf), .present = was_verified,
	    .limit = LIMIT,
	    .meaning = "SPF for MAIL FROM, or for HELO if the sender is the "
		       "null sender." },
	{ OBJECT("spf_helo", spf_table), VERDICT(helo),
	    .present = helo_was_checked, .limit = LIMIT, .log = "spf-helo",
	    .has_flag = true, .flag = offsetof(struct mxa_line, helo_checked),
	    .meaning = "SPF for HELO, which never counts for DMARC." },
	{ LIST("from", MXA_MAX_AUTHORS), ALWAYS, VERDICT(authors.domain),
	    .text = MAX_NAME,
	    .count = offsetof(struct mxa_txn, verdict.authors.n),
	    .element = sizeof(struct mxa_str), .in_place = true,
	    .present = was_verified, .limit = LIMIT, .log = "from",
	    .meaning = "The author domains, as A-labels." },
	{ OBJECT("authors", authors_table), VERDICT(authors),
	    .present = was_verified, .limit = LIMIT,
	    .meaning = "How From was read." },
	{ OBJECT("dmarc", dmarc_table), VERDICT(dmarc), .present = was_verified,
	    .limit = LIMIT, .meaning = "DMARC, for each author domain." },
	{ OWN("policy"), VERDICT(dmarc), .write = write_policy,
	    .present = was_verified, .limit = LIMIT, .log = "policy",
	    .meaning = "The DMARC policy that applied to the worst author "
		       "domain, as in the log." },
	{ LIST("dkim", MXA_MAX_SIGNATURES_SEEN), ALWAYS, VERDICT(dkim.sig),
	    .count = offsetof(struct mxa_txn, verdict.dkim.n),
	    .element = sizeof(struct mxa_dkim_sig), .table = &sig_table,
	    .present = was_verified, .limit = LIMIT_DKIM,
	    .meaning = "The DKIM signatures, the topmost first." },
	{ NUMBER("dkim_untried"), VERDICT(dkim.untried),
	    .present = was_verified,
	    .meaning = "Signatures beyond maximum-signatures, which were not "
		       "verified." },
	{ OBJECT("arc", arc_table), VERDICT(arc), .present = arc_was_checked,
	    .shown = true, .limit = LIMIT, .has_flag = true,
	    .flag = offsetof(struct mxa_line, arc_checked),
	    .meaning = "ARC, where it is on." },
	{ OBJECT("iprev", iprev_table), VERDICT(iprev),
	    .present = iprev_was_checked, .limit = LIMIT,
	    .meaning = "The name of the client's address." },
	{ WORD("no_mail", no_mail_words), VERDICT(no_mail),
	    .present = was_verified,
	    .meaning = "How the sender's domain says that it sends no mail: "
		       "its SPF record is v=spf1 -all, or it has a null MX." },
	{ OWN("header"), MSG(headers), .answer = "fields",
	    .present = was_verified, .limit = LIMIT, .write = write_headers,
	    .read = read_headers,
	    .meaning = "Fields that the decision looks at, and the "
		       "Message-ID: List-Id, List-Post, Message-ID; of a DMARC "
		       "report also Subject." },
	{ NUMBER("rcpts"), ALWAYS, MSG(n_rcpt_seen),
	    .meaning = "How many recipients were accepted." },
	{ LIST("rcpt", MXA_MAX_RCPTS), ALWAYS, MSG(rcpt),
	    .text = MAX_ADDRESS_KEPT,
	    .count = offsetof(struct mxa_txn, msg.n_rcpt),
	    .element = sizeof(struct mxa_str), .limit = LIMIT_RCPT,
	    .meaning = "Their addresses." },
	{ OWN("notes"), VERDICT(notes), .write = write_notes,
	    .read = read_notes, .part = MXA_WITHOUT_NOTES,
	    .meaning = "Remarks made on the way, in the words of the log." },
	{ NUMBER("questions"), ALWAYS, LINE(counts.questions),
	    .present = has_dns, .log = "dns",
	    .meaning = "How many questions to the DNS the message asked." },
	{ NUMBER("sent"), ALWAYS, LINE(counts.sent), .present = has_dns,
	    .meaning = "How many of them the cache could not answer." },
	{ LIST("dns", MAX_EVIDENCE), ALWAYS, LINE(evidence),
	    .count = offsetof(struct mxa_line, n_evidence),
	    .element = sizeof(struct mxa_evidence), .table = &question_table,
	    .present = has_dns, .limit = LIMIT, .part = MXA_WITHOUT_DNS,
	    .meaning = "The questions, in the order in which they were "
		       "asked." },
	{ FLAG("cut"), .place = MXA_PLACE_JOURNAL, LINE(cut),
	    .write = write_cut,
	    .meaning = "The line would have been too long: recipients, "
		       "signatures, notes or answers are missing." },
};

const struct mxa_field_table mxa_fields = { TABLE(line_rows) };

static const struct mxa_field_row file_rows[] = {
	{ NUMBER("v"), LINE(version), .write = write_version, .meaning = "1." },
	{ .name = "time",
	    .type = MXA_FIELD_TIME,
	    ALWAYS,
	    LINE(time),
	    .absent = -1,
	    .meaning = "When the file was begun." },
	{ TEXT("file", MAX_NAME), ALWAYS, LINE(file_id),
	    .meaning = "Its id.  With the offset of a line it names a message "
		       "once and for all." },
	{ TEXT("mxauth", MAX_NAME), ALWAYS, LINE(writer),
	    .meaning = "The program that writes it." },
};

const struct mxa_field_table mxa_file_fields = { TABLE(file_rows) };
