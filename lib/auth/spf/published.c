/* published.c - choosing among TXT records, and parsing once. */
#include "auth/spf/published.h"

#include <stdlib.h>

#include "base/arena.h"

size_t mxa_spf_select(const struct mxa_dns_answer *answer, struct mxa_str *text)
{
	size_t count = 0;

	for (size_t i = 0; i < answer->n; i++) {
		if (!mxa_spf_is_record(answer->rr[i].text))
			continue;
		if (count++ == 0)
			*text = answer->rr[i].text;
	}
	return count;
}

static void *decode_record(const struct mxa_dns_answer *answer)
{
	struct mxa_spf_published *p = mxa_xcalloc(1, sizeof(*p));
	struct mxa_str text = MXA_STR_NONE;

	p->count = mxa_spf_select(answer, &text);
	if (p->count == 1)
		mxa_spf_parse(&p->record, text, false);
	if (p->record.n > MXA_SPF_MAX_KEPT_TERMS) {
		mxa_spf_record_done(&p->record);
		p->parse_again = true;
	}
	return p;
}

static void drop_record(void *decoded)
{
	struct mxa_spf_published *p = decoded;

	mxa_spf_record_done(&p->record);
	free(p);
}

const struct mxa_spf_published *mxa_spf_published(
    const struct mxa_dns_answer *answer)
{
	return mxa_dns_decoded(
	    answer, MXA_SLOT_SPF, decode_record, drop_record);
}
