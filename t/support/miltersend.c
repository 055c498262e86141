/* miltersend.c - hands one message to a milter as Postfix would, for shell
 * tests.
 *
 *	miltersend SOCKET QUEUE-ID CLIENT-IP MAIL-FROM RCPT... <MESSAGE
 *
 * Prints "QUEUE-ID: accept", or quarantine, defer, reject with the reply, then
 * the header fields that were added.  Exit status 0 when there was an answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/support/milterclient.h"

static char text[1 << 20];

static const char *word(const struct mtc_result *r)
{
	switch (r->reply) {
	case MTC_ACCEPT:
	case MTC_CONTINUE:
		return mtc_find(r, 'q', NULL, 0) ? "quarantine" : "accept";
	case MTC_REPLYCODE:
		return r->text[0] == '4' ? "defer" : "reject";
	case MTC_TEMPFAIL:
		return "defer";
	case MTC_REJECT:
		return "reject";
	case MTC_GONE:
	case MTC_NONE:
	case MTC_DISCARD:
	case MTC_SKIPPED:
		break;
	}
	return "none";
}

int main(int argc, char **argv)
{
	struct mtc_message m = { .text = text };
	struct mtc_result r = { .reply = MTC_GONE };
	struct mtc *mtc;
	bool gone;

	if (argc < 6 || argc > 5 + 8) {
		fputs("usage: miltersend SOCKET QUEUE-ID IP FROM RCPT...\n",
		    stderr);
		return 64;
	}
	m.len = fread(text, 1, sizeof(text) - 1, stdin);
	m.queue_id = argv[2];
	m.mail_from = argv[4];
	for (int i = 5; i < argc; i++)
		m.rcpt[i - 5] = argv[i];
	mtc = mtc_open(argv[1]);
	if (mtc == NULL || !mtc_negotiate(mtc, &mtc_postfix)) {
		perror(argv[1]);
		return 1;
	}
	mtc_macros(mtc, 'C', "j", "mx.example.org", NULL);
	mtc_connect(mtc, "client.example", argv[3]);
	mtc_helo(mtc, "client.example");
	mtc_send(mtc, &m, &r);
	printf("%s: %s\n", argv[2], word(&r));
	if (r.text != NULL)
		printf("%s\n", r.text);
	for (size_t i = 0; i < r.n; i++)
		if (r.edit[i].kind == 'i' || r.edit[i].kind == 'h')
			printf("%s:%s\n", r.edit[i].name, r.edit[i].value);
	mtc_quit(mtc);
	mtc_close(mtc);
	gone = r.reply == MTC_GONE;
	mtc_result_free(&r);
	return gone;
}
