/* fuzz_dnswire.c - octets of a packet that is to answer a question.
 *
 * The first octet chooses type and EDNS, the rest is the packet; its id is made
 * to fit, since nothing else would be read. */
#include "t/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "dns/wire.h"

static void check(const struct mxa_wire_answer *got)
{
	require(got->owner.len > 0 && got->owner.len <= MXA_WIRE_NAME);
	require(got->n <= MXA_MAX_DNS_RECORDS);
	require(got->cnames <= MXA_MAX_CNAMES + 1);
	require(got->kind != MXA_WIRE_FAILED || got->detail != NULL);
	if (got->kind == MXA_WIRE_ANSWER)
		require((got->status == MXA_DNS_DATA) == (got->n > 0));
	for (size_t i = 0; i < got->n; i++)
		require(got->rr[i].text.len <= MXA_MAX_RECORD);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum mxa_dns_type types[] = { MXA_DNS_A, MXA_DNS_TXT,
		MXA_DNS_MX, MXA_DNS_PTR, MXA_DNS_AAAA };
	struct mxa_wire_question q = { .id = 0x1234 };
	struct mxa_arena *a;
	struct mxa_wire_answer got;
	uint8_t *packet;

	if (size < 1 || size > 65536)
		return 0;
	q.type = types[data[0] % 5];
	q.edns = data[0] & 0x80;
	q.name.len = mxa_name_to_wire(MXA_STR("a.example"), q.name.octets);
	packet = malloc(size);
	memcpy(packet, data + 1, size - 1);
	if (size > 2) {
		packet[0] = 0x12;
		packet[1] = 0x34;
	}
	a = mxa_arena_new();
	mxa_wire_read(packet, size - 1, &q, a, &got);
	check(&got);
	mxa_arena_free(a);
	free(packet);
	return 0;
}
