/* fuzz_zone.c - the text of a zone file, and a few questions to what it says.
 */
#include "t/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "dns/zone.h"

static void ask(struct mxa_budget *b, struct mxa_str name)
{
	static const enum mxa_dns_type types[] = { MXA_DNS_A, MXA_DNS_TXT,
		MXA_DNS_MX, MXA_DNS_PTR, MXA_DNS_AAAA };

	/* delays are not waited for */
	for (size_t i = 0; i < MXA_ARRAY_LEN(types); i++)
		mxa_dns_prefetch(b, MXA_SHARE_SPF, name, types[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_str text = { (const char *)data, size };
	char *error = NULL;
	struct mxa_dns *dns;
	struct mxa_budget *b;

	dns = mxa_dns_zone_text("fuzz", text, NULL, &error);
	require((dns == NULL) == (error != NULL));
	if (dns == NULL) {
		require(strncmp(error, "fuzz:", 5) == 0);
		free(error);
		return 0;
	}
	b = mxa_budget_open(dns, 10);
	ask(b, MXA_STR("example.com"));
	ask(b, MXA_STR("a.b.example.com"));
	ask(b, mxa_str_sub(text, 0, mxa_str_chr(text, ' ', 0)));
	mxa_budget_close(b);
	mxa_dns_free(dns);
	return 0;
}
