/* zonefile.c - RFC 1035 section 5: lines are joined and their directives
 * obeyed here, ldns reads the records.
 *
 * ldns reads whole files as well, but drops the comments in which our faults
 * stand, cuts owners whose escapes make them longer than 255 characters, and
 * silently ends records at 64 KiB of text, which a long TXT record reaches. */
#include "dns/zonefile.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"

#define DEFAULT_TTL 3600
#define MAX_ENTRY ((size_t)1 << 20)  /* bytes of one TXT record, joined */
#define MAX_OTHER ((size_t)32 << 10) /* of any other: ldns cuts it later */

struct reader {
	const struct mxa_zonefile_sink *sink;
	struct mxa_str text;
	size_t at;
	unsigned line;		 /* of 'at' */
	unsigned start;		 /* of the entry being read */
	struct mxa_arena *arena; /* for one entry */
	ldns_rdf *origin;
	ldns_rdf *owner; /* of the last record */
	uint32_t ttl;
};

static void free_rr(ldns_rr **rr)
{
	ldns_rr_free(*rr);
}

/* --- joining lines --- */

static struct mxa_str physical_line(const struct reader *r)
{
	return mxa_str_sub(r->text, r->at, mxa_str_chr(r->text, '\n', r->at));
}

static const char *fault_line(struct reader *r)
{
	struct mxa_str line = physical_line(r);

	r->at += line.len;
	return r->sink->fault(
	    r->sink->ctx, mxa_str_trim(mxa_str_sub(line, 2, line.len)));
}

/* A quoted string with its quotes; escapes stay for ldns. */
static const char *join_quoted(struct reader *r, struct mxa_buf *out)
{
	mxa_buf_addc(out, r->text.p[r->at++]);
	while (r->at < r->text.len && r->text.p[r->at] != '\n') {
		char c = r->text.p[r->at++];

		mxa_buf_addc(out, c);
		if (c == '"')
			return NULL;
		if (c == '\\' && r->at < r->text.len &&
		    r->text.p[r->at] != '\n')
			mxa_buf_addc(out, r->text.p[r->at++]);
	}
	return "a quoted string does not end on its line";
}

/* One character outside of quotes and parentheses; comments are skipped. */
static const char *join_plain(struct reader *r, struct mxa_buf *out)
{
	char c = r->text.p[r->at];

	switch (c) {
	case '\0':
		return "a NUL byte";
	case '"':
		return join_quoted(r, out);
	case ';':
		r->at += physical_line(r).len;
		return NULL;
	case '\\':
		mxa_buf_addc(out, c);
		if (++r->at < r->text.len && r->text.p[r->at] != '\n')
			mxa_buf_addc(out, r->text.p[r->at++]);
		return NULL;
	case '\r':
		c = ' ';
		break;
	default:
		break;
	}
	mxa_buf_addc(out, c);
	r->at++;
	return NULL;
}

/* The next entry without comments, on one line; empty lines come as entries.
 * Faults are handed over on the way. */
static const char *join_lines(struct reader *r, struct mxa_buf *out)
{
	const char *error = NULL;
	bool at_start = true;
	bool open = false; /* inside parentheses */

	r->start = r->line;
	while (error == NULL && r->at < r->text.len) {
		char c = r->text.p[r->at];

		if (at_start && mxa_str_starts(physical_line(r), MXA_STR(";!")))
			error = fault_line(r);
		else if (c == '(' || c == ')') {
			if (open == (c == '('))
				error = "parentheses do not match";
			open = c == '(';
			mxa_buf_addc(out, ' ');
			r->at++;
		} else if (c == '\n') {
			r->at++;
			r->line++;
			if (!open)
				return NULL;
			mxa_buf_addc(out, ' ');
		} else
			error = join_plain(r, out);
		at_start = c == '\n';
	}
	if (error == NULL && open)
		error = "parentheses do not match";
	return error;
}

/* --- entries --- */

/* The next word; 'entry' then begins behind it.  A backslash protects. */
static struct mxa_str next_word(struct mxa_str *entry)
{
	size_t from = 0, end;

	while (from < entry->len && mxa_is_space(entry->p[from]))
		from++;
	end = from;
	while (end < entry->len && !mxa_is_space(entry->p[end])) {
		end += entry->p[end] == '\\' && end + 1 < entry->len;
		end++;
	}
	struct mxa_str found = mxa_str_sub(*entry, from, end);

	*entry = mxa_str_sub(*entry, end, entry->len);
	return found;
}

/* Absolute name; NULL: not one. */
static ldns_rdf *absolute_name(struct reader *r, struct mxa_str text)
{
	const char *s = mxa_str_cstr(r->arena, text);
	ldns_rdf *name;

	if (mxa_str_is(text, "@"))
		return ldns_rdf_clone(r->origin);
	name = ldns_dname_new_frm_str(s);
	if (name != NULL && !ldns_dname_str_absolute(s) &&
	    ldns_dname_cat(name, r->origin) != LDNS_STATUS_OK) {
		ldns_rdf_deep_free(name);
		name = NULL;
	}
	return name;
}

static const char *read_directive(struct reader *r, struct mxa_str entry)
{
	struct mxa_str what = next_word(&entry);
	struct mxa_str value = next_word(&entry);
	ldns_rdf *origin;
	const char *end;

	if (value.len == 0 || mxa_str_trim(entry).len > 0)
		return "a directive takes one value";
	if (mxa_str_caseis(what, "$TTL")) {
		const char *s = mxa_str_cstr(r->arena, value);

		r->ttl = ldns_str2period(s, &end);
		return *end == '\0' ? NULL : "this is no time";
	}
	if (!mxa_str_caseis(what, "$ORIGIN"))
		return "only $ORIGIN and $TTL are understood";
	origin = absolute_name(r, value);
	if (origin == NULL)
		return "this is no domain name";
	ldns_rdf_deep_free(r->origin);
	r->origin = origin;
	return NULL;
}

/* "IN 300 TXT" in the order that ldns reads: "300 IN TXT". */
static struct mxa_str ttl_first(struct reader *r, struct mxa_str rest)
{
	struct mxa_str behind = rest;
	struct mxa_str class = next_word(&behind);
	struct mxa_str ttl = next_word(&behind);

	if (!mxa_str_caseis(class, "IN") || ttl.len == 0 ||
	    !mxa_is_digit(ttl.p[0]))
		return rest;
	return mxa_str_from(mxa_arena_printf(
	    r->arena, " %.*s IN%.*s", MXA_STR_ARG(ttl), MXA_STR_ARG(behind)));
}

/* The part of 'rest' up to and with the word TXT, if that is the type: 'rest'
 * then begins with the strings.  Else nothing. */
static struct mxa_str txt_head(struct mxa_str *rest)
{
	struct mxa_str behind = *rest;

	for (int i = 0; i < 3; i++) { /* TTL, class, type */
		struct mxa_str w = next_word(&behind);
		struct mxa_str head = { rest->p, rest->len - behind.len };
		struct mxa_str next = mxa_str_trim(behind);

		if (!mxa_str_caseis(w, "TXT"))
			continue;
		if (next.len == 0 || mxa_str_starts(next, MXA_STR("\\#")))
			break; /* an error and the form of RFC 3597: ldns's */
		*rest = next;
		return head;
	}
	return MXA_STR_NONE;
}

/* A quoted string without its quotes, or a word. */
static struct mxa_str next_string(struct mxa_str *rest)
{
	struct mxa_str s = mxa_str_trim(*rest);
	size_t end = 1;

	if (s.len == 0 || s.p[0] != '"')
		return next_word(rest);
	while (end < s.len && s.p[end] != '"')
		end += s.p[end] == '\\' ? 2 : 1;
	*rest = mxa_str_sub(s, end + 1, s.len);
	return mxa_str_sub(s, 1, end);
}

static const char *add_strings(
    struct reader *r, struct mxa_str rest, ldns_rr *rr)
{
	ldns_rdf_deep_free(ldns_rr_pop_rdf(rr)); /* which stood for them */
	while (mxa_str_trim(rest).len > 0) {
		ldns_rdf *f = ldns_rdf_new_frm_str(LDNS_RDF_TYPE_STR,
		    mxa_str_cstr(r->arena, next_string(&rest)));

		if (f == NULL)
			return "a string is longer than 255 octets, or has a "
			       "broken escape";
		ldns_rr_push_rdf(rr, f);
	}
	return NULL;
}

static ldns_rr *parse_rr(
    struct reader *r, struct mxa_str entry, const char **error)
{
	struct mxa_str rest = ttl_first(r, entry);
	struct mxa_str head = txt_head(&rest);
	ldns_rdf *prev = NULL;
	ldns_rr *rr = NULL;
	ldns_status status;
	const char *line;

	line = head.len > 0
	    ? mxa_arena_printf(r->arena, "@ %.*s \"\"", MXA_STR_ARG(head))
	    : mxa_arena_printf(r->arena, "@ %.*s", MXA_STR_ARG(rest));
	*error = "this entry is too long";
	if (strlen(line) > MAX_OTHER)
		return NULL;
	*error = NULL;
	status = ldns_rr_new_frm_str(&rr, line, r->ttl, r->origin, &prev);
	ldns_rdf_deep_free(prev);
	if (status != LDNS_STATUS_OK) {
		*error = ldns_get_errorstr_by_id(status);
		return NULL;
	}
	if (head.len > 0)
		*error = add_strings(r, rest, rr);
	return rr;
}

static const char *read_zone_record(struct reader *r, struct mxa_str entry)
{
	MXA_CLEANUP(free_rr) ldns_rr *rr = NULL;
	const char *error;
	ldns_rdf *owner;

	if (!mxa_is_space(entry.p[0])) {
		owner = absolute_name(r, next_word(&entry));
		if (owner == NULL)
			return "the owner is no domain name";
		ldns_rdf_deep_free(r->owner);
		r->owner = owner;
	}
	if (r->owner == NULL)
		return "there is no owner before this line";
	rr = parse_rr(r, entry, &error);
	if (error != NULL)
		return error;
	if (ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN)
		return "the class is not IN";
	return r->sink->record(r->sink->ctx, r->owner, rr);
}

static const char *read_entry(struct reader *r)
{
	const char *error;
	struct mxa_str text;
	struct mxa_buf b;

	mxa_buf_init(&b, r->arena, MAX_ENTRY);
	error = join_lines(r, &b);
	if (error != NULL)
		return error;
	if (b.full)
		return "this entry is too long";
	text = mxa_buf_str(&b);
	if (mxa_str_trim(text).len == 0)
		return NULL;
	if (text.p[0] == '$')
		return read_directive(r, text);
	return read_zone_record(r, text);
}

char *mxa_zonefile_read(
    const char *name, struct mxa_str text, const struct mxa_zonefile_sink *sink)
{
	struct reader r = { .sink = sink,
		.text = text,
		.line = 1,
		.arena = mxa_arena_new(),
		.origin = ldns_dname_new_frm_str("."),
		.ttl = DEFAULT_TTL };
	const char *error = NULL;
	char *out = NULL;

	while (error == NULL && r.at < r.text.len) {
		error = read_entry(&r);
		if (error != NULL)
			out = mxa_xstrdup(mxa_arena_printf(
			    r.arena, "%s:%u: %s", name, r.start, error));
		mxa_arena_reset(r.arena);
	}
	ldns_rdf_deep_free(r.origin);
	ldns_rdf_deep_free(r.owner);
	mxa_arena_free(r.arena);
	return out;
}
