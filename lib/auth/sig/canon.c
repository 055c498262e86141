/* canon.c - see canon.h.
 *
 * Text hardly ever holds two blanks in a row or a blank at the end of a line,
 * so that even relaxed canonicalisation mostly means "as it is": what costs is
 * finding the places where it does not.  odd_space() looks for them sixteen
 * bytes at a time. */
#include "auth/sig/canon.h"

#include <string.h>

#include "auth/sig/squeeze.h"
#include "mail/headers.h"

#define LANES 16
typedef unsigned char lanes __attribute__((vector_size(LANES)));

#define ALL(c) ((lanes){ c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c })

/* Which of eight bytes, each 0 or 255, is the first that is not 0; 'mask' has
 * them in the order of memory. */
static size_t first_set(uint64_t mask)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (size_t)__builtin_ctzll(mask) / 8;
#else
	return (size_t)__builtin_clzll(mask) / 8;
#endif
}

/* The first of the LANES bytes at 'p' that is white space which may change;
 * LANES: none.  'p' has one byte more.  Vectors stay in here: passing them
 * between functions differs between 32-bit processors with and without SSE. */
static size_t first_odd(const char *p)
{
	lanes here, next, odd;
	uint64_t half[2];

	memcpy(&here, p, sizeof(here));
	memcpy(&next, p + 1, sizeof(next));
	odd = (lanes)((here == ALL('\t')) |
	    ((here == ALL(' ')) &
		((next == ALL(' ')) | (next == ALL('\t')) |
		    (next == ALL('\r')))));
	memcpy(half, &odd, sizeof(half));
	if ((half[0] | half[1]) == 0)
		return LANES;
	return half[0] != 0 ? first_set(half[0]) : 8 + first_set(half[1]);
}

/* Offset of the first white space that relaxed canonicalisation may change: a
 * TAB, or a SP before white space, a CR or the end.  'len' when there is
 * none. */
static size_t odd_space(const char *p, size_t len)
{
	size_t i = 0;

	while (i + LANES < len) {
		size_t n = first_odd(p + i);

		i += n;
		if (n < LANES)
			return i;
	}
	for (; i < len; i++) {
		if (p[i] == '\t')
			break;
		if (p[i] == ' ' &&
		    (i + 1 == len || mxa_is_wsp(p[i + 1]) || p[i + 1] == '\r'))
			break;
	}
	return i;
}

static size_t wsp_run(const char *p, size_t len)
{
	size_t i = 0;

	while (i < len && mxa_is_wsp(p[i]))
		i++;
	return i;
}

const char *mxa_canon_name(enum mxa_canon c)
{
	return c == MXA_CANON_RELAXED ? "relaxed" : "simple";
}

static void put_bytes(
    const struct mxa_canon_sink *sink, const char *p, size_t len)
{
	if (len > 0)
		sink->put(sink->ctx, p, len);
}

/* --- header fields, section 3.4.1 and 3.4.2 --- */

/* A relaxed value on its way; it comes in up to two pieces, with b= between. */
struct value {
	const struct mxa_canon_sink *sink;
	bool started; /* something other than white space was written */
	bool wsp;     /* white space held back */
};

static void relaxed_text(struct value *v, const char *p, size_t len)
{
	if (len == 0)
		return;
	if (v->wsp && v->started)
		put_bytes(v->sink, " ", 1);
	v->wsp = false;
	v->started = true;
	put_bytes(v->sink, p, len);
}

/* Text without a line end. */
static void relaxed_line(struct value *v, const char *p, size_t len)
{
	size_t i = 0;

	while (i < len) {
		size_t space = wsp_run(p + i, len - i);
		size_t run = odd_space(p + i + space, len - i - space);

		v->wsp |= space > 0;
		relaxed_text(v, p + i + space, run);
		i += space + run;
	}
}

/* Offset of the first CRLF at or behind 'from'; s.len when there is none. */
static size_t line_end(struct mxa_str s, size_t from)
{
	size_t cr = mxa_str_chr(s, '\r', from);

	while (cr < s.len && (cr + 1 == s.len || s.p[cr + 1] != '\n'))
		cr = mxa_str_chr(s, '\r', cr + 1);
	return cr;
}

/* Unfolding: line ends go, the white space behind them stays one blank. */
static void relaxed_piece(struct value *v, struct mxa_str s)
{
	size_t from = 0;

	while (from < s.len) {
		size_t end = line_end(s, from);

		relaxed_line(v, s.p + from, end - from);
		from = end + 2;
	}
}

static void relaxed_name(const struct mxa_canon_sink *sink, struct mxa_str name)
{
	char lower[128];
	size_t n = 0;

	for (size_t i = 0; i < name.len; i++) {
		lower[n++] = mxa_lower(name.p[i]);
		if (n == sizeof(lower)) {
			put_bytes(sink, lower, n);
			n = 0;
		}
	}
	put_bytes(sink, lower, n);
	put_bytes(sink, ":", 1);
}

void mxa_canon_field(enum mxa_canon c, const struct mxa_field *f, size_t from,
    size_t to, const struct mxa_canon_sink *sink)
{
	const char *raw = f->raw.p;
	size_t value = (size_t)(f->value.p - raw);

	if (from == to)
		from = to = f->raw.len;
	if (c == MXA_CANON_SIMPLE) {
		put_bytes(sink, raw, from);
		put_bytes(sink, raw + to, f->raw.len - to);
	} else {
		struct value v = { .sink = sink };

		relaxed_name(sink, f->name);
		relaxed_piece(&v, mxa_str_sub(f->raw, value, from));
		relaxed_piece(&v, mxa_str_sub(f->raw, to, f->raw.len));
	}
}

/* --- body, section 3.4.3 and 3.4.4 --- */

void mxa_canon_body_init(
    struct mxa_canon_body *b, enum mxa_canon c, struct mxa_canon_sink sink)
{
	*b = (struct mxa_canon_body){
		.canon = c, .sink = sink, .way = mxa_squeezers()[0]
	};
}

static const char crlf64[] = "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"
			     "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"
			     "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"
			     "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"
			     "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"
			     "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"
			     "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"
			     "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n";

/* Content follows: what was held back stays in front of it. */
static void release_held(struct mxa_canon_body *b)
{
	while (b->lines > 0) {
		uint64_t n = b->lines < 64 ? b->lines : 64;

		put_bytes(&b->sink, crlf64, (size_t)n * 2);
		b->lines -= n;
	}
	if (b->wsp)
		put_bytes(&b->sink, " ", 1);
	b->wsp = false;
	b->content = true;
}

/* A run that needs no change inside.  CRLFs at its end are held back. */
static void body_run(struct mxa_canon_body *b, const char *p, size_t len)
{
	size_t end = len;

	while (end >= 2 && p[end - 2] == '\r' && p[end - 1] == '\n')
		end -= 2;
	if (end > 0) {
		release_held(b);
		put_bytes(&b->sink, p, end);
	}
	b->lines += (len - end) / 2;
}

/* A clean run this long is not copied; others are, so much at a time. */
#define LONG_RUN ((size_t)512)
#define SQUEEZED ((size_t)4 * 1024)

/* Writes what the text at 'p' becomes, which does not begin with white space,
 * up to where it ends or where white space begins whose end must be seen; how
 * many octets of it that were. */
static size_t relaxed_some(struct mxa_canon_body *b, const char *p, size_t len)
{
	char out[SQUEEZED];
	size_t n, used;

	if (len < MXA_SQUEEZE_LEAST) {
		n = odd_space(p, len);
		body_run(b, p, n);
		return n;
	}
	used = b->way->clean(p, len);
	if (used >= LONG_RUN) {
		/* CRLF stays together */
		used -= p[used - 1] == '\r';
		body_run(b, p, used);
		return used;
	}
	n = b->way->squeeze(
	    p, len < sizeof(out) ? len : sizeof(out), out, &used);
	if (p[used - 1] == '\r') {
		used--;
		n--;
	}
	body_run(b, out, n);
	return used;
}

static void relaxed_run(struct mxa_canon_body *b, const char *p, size_t len)
{
	size_t i = 0;

	while (i < len) {
		size_t space = wsp_run(p + i, len - i);

		b->wsp |= space > 0;
		i += space;
		/* white space at the end of a line goes with it */
		if (len - i >= 2 && p[i] == '\r' && p[i + 1] == '\n')
			b->wsp = false;
		i += relaxed_some(b, p + i, len - i);
	}
}

void mxa_canon_body_feed(struct mxa_canon_body *b, const char *p, size_t len)
{
	if (len == 0)
		return;
	if (b->cr) {
		b->cr = false;
		if (*p == '\n') {
			b->wsp = false;
			b->lines++;
			p++;
			len--;
		} else {
			release_held(b);
			put_bytes(&b->sink, "\r", 1);
		}
	}
	if (len > 0 && p[len - 1] == '\r') {
		b->cr = true;
		len--;
	}
	if (b->canon == MXA_CANON_SIMPLE)
		body_run(b, p, len);
	else
		relaxed_run(b, p, len);
}

void mxa_canon_body_finish(struct mxa_canon_body *b)
{
	if (b->cr) {
		release_held(b);
		put_bytes(&b->sink, "\r", 1);
		b->cr = false;
	}
	/* simple: an empty body is one CRLF; relaxed: it is nothing */
	if (b->content || b->canon == MXA_CANON_SIMPLE)
		put_bytes(&b->sink, "\r\n", 2);
}
