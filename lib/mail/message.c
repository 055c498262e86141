/* message.c - envelope addresses and the facts of one message. */
#include "mail/message.h"

#include "base/arena.h"
#include "base/limits.h"

const char *mxa_exempt_name(enum mxa_exempt e)
{
	switch (e) {
	case MXA_EXEMPT_NO:
		return "no";
	case MXA_EXEMPT_AUTHENTICATED:
		return "authenticated";
	case MXA_EXEMPT_NETWORK:
		return "trusted-network";
	case MXA_EXEMPT_LOCAL:
		return "local";
	case MXA_EXEMPT_RULE:
		return "rule";
	}
	return "?";
}

void mxa_msg_init(struct mxa_msg *m, struct mxa_arena *a)
{
	*m = (struct mxa_msg){ .queue_id = MXA_STR("NOQUEUE") };
	mxa_headers_init(&m->headers, a);
}

/* Offset of the last '@' outside quotes, s.len when there is none.  Quotes
 * that are never closed quote nothing. */
static size_t last_at(struct mxa_str s)
{
	size_t outside = s.len, any = s.len;
	bool quoted = false;

	for (size_t i = 0; i < s.len; i++) {
		if (quoted && s.p[i] == '\\') {
			i++;
		} else if (s.p[i] == '"') {
			quoted = !quoted;
		} else if (s.p[i] == '@') {
			any = i;
			if (!quoted)
				outside = i;
		}
	}
	return quoted ? any : outside;
}

/* "@a,@b:u@c" is u@c (RFC 5321 section 4.1.1.3: ignore the route). */
static struct mxa_str without_route(struct mxa_str s)
{
	size_t colon = mxa_str_chr(s, ':', 0);

	if (s.len > 0 && s.p[0] == '@' && colon < s.len)
		return mxa_str_sub(s, colon + 1, s.len);
	return s;
}

void mxa_address_split(struct mxa_str path, struct mxa_str *whole,
    struct mxa_str *local, struct mxa_str *domain)
{
	struct mxa_str s = mxa_str_trim(path);
	size_t at;

	if (s.len > 0 && s.p[0] == '<')
		s = mxa_str_sub(s, 1, s.len);
	if (s.len > 0 && s.p[s.len - 1] == '>')
		s.len--;
	s = without_route(s);
	at = last_at(s);
	*whole = s;
	*local = mxa_str_sub(s, 0, at);
	*domain = mxa_str_sub(s, at + 1, s.len);
}

/* Copy of the address in 'path', at most MXA_MAX_ADDRESS bytes of it: the end,
 * which holds the domain. */
static struct mxa_str keep_address(struct mxa_arena *a, struct mxa_str path)
{
	struct mxa_str whole, local, domain;

	mxa_address_split(path, &whole, &local, &domain);
	if (whole.len > MXA_MAX_ADDRESS)
		whole =
		    mxa_str_sub(whole, whole.len - MXA_MAX_ADDRESS, whole.len);
	return mxa_str_dup(a, whole);
}

void mxa_msg_set_mail_from(
    struct mxa_msg *m, struct mxa_arena *a, struct mxa_str path)
{
	size_t at;

	m->mail_from = keep_address(a, path);
	at = last_at(m->mail_from);
	m->mail_local = mxa_str_sub(m->mail_from, 0, at);
	m->mail_domain = mxa_str_sub(m->mail_from, at + 1, m->mail_from.len);
}

void mxa_msg_add_rcpt(
    struct mxa_msg *m, struct mxa_arena *a, struct mxa_str path)
{
	size_t n = m->n_rcpt;

	m->n_rcpt_seen++;
	if (n == MXA_MAX_RCPTS)
		return;
	/* room for a power of two, doubled whenever that is used up */
	if ((n & (n - 1)) == 0)
		m->rcpt = mxa_arena_grow(a, m->rcpt, n * sizeof(*m->rcpt),
		    (n ? 2 * n : 1) * sizeof(*m->rcpt));
	m->rcpt[m->n_rcpt++] = keep_address(a, path);
}
