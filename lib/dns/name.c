/* name.c - names between text and wire. */
#include "dns/name.h"

#include <string.h>

bool mxa_name_asked(
    struct mxa_str s, char space[MXA_ASKED_NAME], struct mxa_str *out)
{
	size_t label = 0;

	if (s.len > 0 && s.p[s.len - 1] == '.')
		s.len--;
	if (s.len == 0 || s.len > MXA_MAX_DOMAIN)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		space[i] = mxa_lower(s.p[i]);
		if (s.p[i] != '.') {
			if (++label > MXA_MAX_LABEL)
				return false;
			continue;
		}
		if (label == 0)
			return false;
		label = 0;
	}
	*out = mxa_str_make(space, s.len);
	return label > 0;
}

size_t mxa_name_to_wire(struct mxa_str name, uint8_t out[MXA_WIRE_NAME])
{
	size_t from = 0, len = 0;

	while (from < name.len) {
		size_t dot = mxa_str_chr(name, '.', from);

		out[len++] = (uint8_t)(dot - from);
		memcpy(out + len, name.p + from, dot - from);
		len += dot - from;
		from = dot + 1;
	}
	out[len++] = 0;
	return len;
}

static size_t put_octet(char *out, uint8_t octet)
{
	if (octet == '.') {
		memcpy(out, "\\046", 4);
		return 4;
	}
	*out = mxa_lower((char)octet);
	return 1;
}

struct mxa_str mxa_name_from_wire(
    const uint8_t *wire, size_t len, char space[MXA_NAME_TEXT])
{
	size_t at = 0, used = 0;

	if (len > MXA_WIRE_NAME)
		len = MXA_WIRE_NAME;
	while (at < len && wire[at] != 0) {
		size_t end = at + 1 + wire[at];

		if (used > 0)
			space[used++] = '.';
		for (at++; at < end && at < len; at++)
			used += put_octet(space + used, wire[at]);
	}
	return mxa_str_make(space, used);
}
