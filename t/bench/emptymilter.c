/* emptymilter.c - a filter that does nothing, with NR_* as mxauthd asks for
 * it: what libmilter itself costs.
 *
 *	emptymilter SOCKET
 *	emptyahead SOCKET	with milter/readahead.c below it */
#include <libmilter/mfapi.h>
#include <stdio.h>

#ifdef BENCH_READAHEAD
#include "milter/listen.h"
#include "milter/readahead.h"

static bool open_socket(char *socket)
{
	static struct listener l;
	struct listen_options o = { .socket = mxa_str_from(socket),
		.mode = 0600,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1 };

	if (!listen_open(&l, &o))
		return false;
	readahead_listen(l.fd);
	return smfi_setconn(l.conn) == MI_SUCCESS;
}
#else
static int open_socket(char *socket)
{
	return smfi_setconn(socket) == MI_SUCCESS;
}
#endif

static sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions,
    unsigned long steps, unsigned long f2, unsigned long f3,
    unsigned long *pactions, unsigned long *psteps, unsigned long *pf2,
    unsigned long *pf3)
{
	(void)ctx;
	(void)f2;
	(void)f3;
	*pactions = actions & SMFIF_ADDHDRS;
	*psteps = steps &
	    (unsigned long)(SMFIP_NOUNKNOWN | SMFIP_NODATA | SMFIP_NR_CONN |
		SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR |
		SMFIP_NR_EOH | SMFIP_NR_BODY | SMFIP_HDR_LEADSPC);
	*pf2 = *pf3 = 0;
	return SMFIS_CONTINUE;
}

static sfsistat on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *sa)
{
	(void)ctx;
	(void)host;
	(void)sa;
	return SMFIS_NOREPLY;
}

static sfsistat on_text(SMFICTX *ctx, char *text)
{
	(void)ctx;
	(void)text;
	return SMFIS_NOREPLY;
}

static sfsistat on_envelope(SMFICTX *ctx, char **argv)
{
	(void)ctx;
	(void)argv;
	return SMFIS_NOREPLY;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return SMFIS_NOREPLY;
}

static sfsistat on_eoh(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_NOREPLY;
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *p, size_t len)
{
	(void)ctx;
	(void)p;
	(void)len;
	return SMFIS_NOREPLY;
}

static sfsistat on_eom(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_CONTINUE;
}

int main(int argc, char **argv)
{
	static char name[] = "empty";
	struct smfiDesc desc = {
		.xxfi_name = name,
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_ADDHDRS,
		.xxfi_connect = on_connect,
		.xxfi_helo = on_text,
		.xxfi_envfrom = on_envelope,
		.xxfi_envrcpt = on_envelope,
		.xxfi_header = on_header,
		.xxfi_eoh = on_eoh,
		.xxfi_body = on_body,
		.xxfi_eom = on_eom,
		.xxfi_negotiate = on_negotiate,
	};

	if (argc != 2) {
		fputs("usage: emptymilter SOCKET\n", stderr);
		return 64;
	}
	if (!open_socket(argv[1]) || smfi_register(desc) != MI_SUCCESS)
		return 70;
	return smfi_main() == MI_SUCCESS ? 0 : 70;
}
