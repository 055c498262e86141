/* check_check_host.c - the native SPF engine, rule by rule of RFC 7208, over
 * t/zones/spf.zone. */
#include "auth/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/spf/plan.h"
#include "base/attr.h"
#include "base/limits.h"
#include "t/support/spfsuite.h"
#include "t/support/spftest.h"

static struct spftest t;

static void setup(void)
{
	struct mxa_arena *a = mxa_arena_new();

	spftest_open(&t, test_read(a, test_path("zones/spf.zone")));
	mxa_arena_free(a);
}

static void teardown(void)
{
	spftest_close(&t);
}

/* "RESULT MECHANISM of RECORD_DOMAIN LOOKUPS/VOIDS [local]" */
static const char *shown(const struct mxa_spf_verdict *v)
{
	return mxa_arena_printf(t.arena, "%s %.*s of %.*s %u/%u%s",
	    mxa_spf_result_name(v->result), MXA_STR_ARG(v->mechanism),
	    MXA_STR_ARG(v->record_domain), v->lookups, v->voids,
	    v->used_local_part ? " local" : "");
}

static const struct {
	const char *rule, *ip, *from, *want, *reason;
} rows[] = {
	/* 2.3, 2.4, 4.3: what can be evaluated */
	{ "4.3 single label", "192.0.2.1", "ann@localhost", "none  of  0/0",
	    "the sender's domain cannot have an SPF record: localhost" },
	{ "4.3 literal", "192.0.2.1", "ann@[192.0.2.1]", "none  of  0/0",
	    "the sender's domain cannot have an SPF record: [192.0.2.1]" },
	{ "4.3 bare address", "192.0.2.1", "ann@192.0.2.1", "none  of  0/0",
	    "the sender's domain cannot have an SPF record: 192.0.2.1" },
	{ "4.3 empty label", "192.0.2.1", "ann@a..plain.example",
	    "none  of  0/0",
	    "the sender's domain cannot have an SPF record: a..plain.example" },
	{ "4.3 long label", "192.0.2.1",
	    "ann@a234567890123456789012345678901234567890123456789012345678901"
	    "234.wild.example",
	    "none  of  0/0", NULL },
	{ "4.3 label of 63", "192.0.2.1",
	    "ann@a234567890123456789012345678901234567890123456789012345678901"
	    "23.wild.example",
	    "pass ip4:192.0.2.1 of a23456789012345678901234567890123456789012"
	    "345678901234567890123.wild.example 0/0",
	    NULL },
	{ "4.3 capitals and trailing dot", "192.0.2.1", "ann@PLAIN.Example.",
	    "pass ip4:192.0.2.0/24 of plain.example 0/0",
	    "192.0.2.1 is listed in the SPF record of plain.example "
	    "(ip4:192.0.2.0/24)" },
	{ "4.3 no local part", "192.0.2.1", "@plain.example",
	    "pass ip4:192.0.2.0/24 of plain.example 0/0", NULL },

	/* 4.4, 4.5: lookup and choice */
	{ "4.4 no such name", "192.0.2.1", "ann@nowhere.example",
	    "none  of  0/0",
	    "nowhere.example publishes no SPF record: the name does not "
	    "exist" },
	{ "4.4 no TXT", "192.0.2.1", "ann@nodata.example", "none  of  0/0",
	    "nodata.example publishes no SPF record" },
	{ "4.4 timeout", "192.0.2.1", "ann@timeout.example",
	    "temperror  of timeout.example 0/0",
	    "timeout asking TXT timeout.example" },
	{ "4.4 servfail", "192.0.2.1", "ann@servfail.example",
	    "temperror  of servfail.example 0/0",
	    "servfail asking TXT servfail.example" },
	{ "4.4 refused", "192.0.2.1", "ann@refused.example",
	    "temperror  of refused.example 0/0",
	    "refused asking TXT refused.example" },
	{ "4.4 malformed", "192.0.2.1", "ann@malformed.example",
	    "temperror  of malformed.example 0/0",
	    "malformed asking TXT malformed.example" },
	{ "4.4 alias", "192.0.2.1", "ann@alias.example",
	    "pass ip4:192.0.2.0/24 of alias.example 0/0", NULL },
	{ "4.5 nothing that is SPF", "192.0.2.1", "ann@notspf.example",
	    "none  of  0/0", "notspf.example publishes no SPF record" },
	{ "4.5 among others", "192.0.2.1", "ann@among.example",
	    "pass ip4:192.0.2.1 of among.example 0/0", NULL },
	{ "4.5 two", "192.0.2.1", "ann@two.example",
	    "permerror  of two.example 0/0",
	    "two.example publishes more than one SPF record" },
	{ "4.5 version alone", "192.0.2.1", "ann@bare.example",
	    "neutral default of bare.example 0/0",
	    "192.0.2.1 is not listed in the SPF record of bare.example, which "
	    "has no \"all\"" },
	{ "3.3 strings joined", "192.0.2.1", "ann@joined.example",
	    "pass ip4:192.0.2.1 of joined.example 0/0", NULL },
	{ "4.6.1 spaces", "192.0.2.9", "ann@spaces.example",
	    "fail -all of spaces.example 0/0",
	    "192.0.2.9 is not listed in the SPF record of spaces.example "
	    "(-all)" },
	{ "4.6.1 capitals", "192.0.2.1", "ann@case.example",
	    "pass IP4:192.0.2.1 of case.example 0/0", NULL },
	{ "4.6 mistake", "192.0.2.1", "ann@syntax.example",
	    "permerror ip4:192.0.2 of syntax.example 0/0",
	    "syntax error in the record of syntax.example at position 33: "
	    "ip4:192.0.2 (not an IPv4 address)" },
	{ "4.6 mistake behind the match", "192.0.2.1", "ann@late.example",
	    "permerror moo of late.example 0/0",
	    "syntax error in the record of late.example at position 27: moo "
	    "(unknown mechanism)" },
	{ "4.6.1 tab", "192.0.2.1", "ann@tab.example",
	    "permerror ip4:192.0.2.1\t-all of tab.example 0/0",
	    "syntax error in the record of tab.example at position 21: "
	    "ip4:192.0.2.1?-all (not an IPv4 address)" },
	{ "3.1 not ASCII", "192.0.2.1", "ann@utf8.example",
	    "permerror a:\xe3\x83\x9d.example of utf8.example 0/0",
	    "syntax error in the record of utf8.example at position 24: "
	    "a:???.example (a byte outside visible ASCII)" },
	{ "4.6.2 softfail", "198.51.100.1", "ann@soft.example",
	    "softfail ~all of soft.example 0/0",
	    "198.51.100.1 is not listed in the SPF record of soft.example "
	    "(~all)" },
	{ "4.6.2 neutral", "198.51.100.1", "ann@open.example",
	    "neutral ?all of open.example 0/0",
	    "198.51.100.1 is not listed in the SPF record of open.example "
	    "(?all)" },
	{ "4.7 no match", "192.0.2.9", "ann@nothing.example",
	    "neutral default of nothing.example 0/0", NULL },

	/* 5.1 */
	{ "5.1 everybody", "203.0.113.7", "ann@everybody.example",
	    "pass +all of everybody.example 0/0",
	    "203.0.113.7 like every address is allowed by the SPF record of "
	    "everybody.example (+all)" },
	{ "5.1 ends it", "192.0.2.9", "ann@first.example",
	    "softfail ~all of first.example 0/0", NULL },

	/* 5.2 */
	{ "5.2 pass matches", "192.0.2.1", "ann@inc.example",
	    "pass ip4:192.0.2.0/24 of plain.example 1/0",
	    "192.0.2.1 is listed in the SPF record of plain.example used by "
	    "inc.example (ip4:192.0.2.0/24)" },
	{ "5.2 fail does not", "198.51.100.1", "ann@inc.example",
	    "softfail ~all of inc.example 1/0", NULL },
	{ "5.2 nor softfail", "198.51.100.1", "ann@incsoft.example",
	    "fail -all of incsoft.example 1/0", NULL },
	{ "5.2 nor neutral", "198.51.100.1", "ann@incopen.example",
	    "fail -all of incopen.example 1/0", NULL },
	{ "5.2 qualified", "192.0.2.1", "ann@incminus.example",
	    "fail -include:plain.example of incminus.example 1/0",
	    "192.0.2.1 is refused by the SPF record of incminus.example "
	    "(-include:plain.example)" },
	{ "5.2 none", "192.0.2.1", "ann@incnone.example",
	    "permerror include:nodata.example of incnone.example 1/1",
	    "include:nodata.example in the record of incnone.example leads to "
	    "no SPF record" },
	{ "5.2 no such name", "192.0.2.1", "ann@incnx.example",
	    "permerror include:nowhere.example of incnx.example 1/1",
	    "include:nowhere.example in the record of incnx.example leads to "
	    "no SPF record: nowhere.example does not exist" },
	{ "5.2 temperror", "192.0.2.1", "ann@inctemp.example",
	    "temperror  of timeout.example 1/0",
	    "timeout asking TXT timeout.example used by inctemp.example" },
	{ "5.2 permerror", "192.0.2.1", "ann@incperm.example",
	    "permerror ip4:192.0.2 of syntax.example 1/0", NULL },
	{ "5.2 two records", "192.0.2.1", "ann@inctwo.example",
	    "permerror  of two.example 1/0",
	    "two.example used by inctwo.example publishes more than one SPF "
	    "record" },
	{ "5.2 in each other", "192.0.2.1", "ann@incdeep.example",
	    "pass ip4:192.0.2.0/24 of plain.example 2/0", NULL },
	{ "5.2 no usable name", "192.0.2.1", "ann@incbad.example",
	    "permerror include:a..b.example of incbad.example 1/0",
	    "include:a..b.example in the record of incbad.example leads to no "
	    "SPF record: a..b.example is no usable name" },
	{ "5.2 not reached", "192.0.2.9", "ann@inclate.example",
	    "pass ip4:192.0.2.9 of inclate.example 0/0", NULL },

	/* 5.3 */
	{ "5.3 own", "192.0.2.2", "ann@a.example", "pass a of a.example 1/0",
	    "192.0.2.2 is listed in the SPF record of a.example (a)" },
	{ "5.3 no", "192.0.2.3", "ann@a.example", "fail -all of a.example 1/0",
	    NULL },
	{ "5.3 IPv6", "2001:db8::1", "ann@a.example", "pass a of a.example 1/0",
	    NULL },
	{ "5.3 other name", "192.0.2.1", "ann@other.example",
	    "pass a:a.example of other.example 1/0", NULL },
	{ "5.3 CIDR 4", "192.0.2.77", "ann@cidr.example",
	    "pass a:a.example/24//64 of cidr.example 1/0", NULL },
	{ "5.3 CIDR 6", "2001:db8::77", "ann@cidr.example",
	    "pass a:a.example/24//64 of cidr.example 1/0", NULL },
	{ "5.3 outside CIDR 6", "2001:db8:0:1::1", "ann@cidr.example",
	    "fail -all of cidr.example 1/0", NULL },
	{ "5.3 /0 is any address", "203.0.113.7", "ann@zero.example",
	    "pass a:a.example/0 of zero.example 1/0", NULL },
	{ "5.3 //0 needs one of its kind", "2001:db8::9", "ann@zero6.example",
	    "fail -all of zero6.example 1/1", NULL },
	{ "5.3 no such name", "192.0.2.1", "ann@anx.example",
	    "fail -all of anx.example 1/1", NULL },
	{ "5.3 error", "192.0.2.1", "ann@atemp.example",
	    "temperror a:servfail.example of atemp.example 1/0",
	    "servfail asking A servfail.example for a:servfail.example in the "
	    "record of atemp.example" },
	{ "5.3 name that cannot be asked", "192.0.2.1", "ann@along.example",
	    "fail -all of along.example 1/0", NULL },

	/* 5.4 */
	{ "5.4 second host", "192.0.2.2", "ann@mx.example",
	    "pass mx of mx.example 1/0", NULL },
	{ "5.4 IPv6", "2001:db8::2", "ann@mx.example",
	    "pass mx of mx.example 1/0", NULL },
	{ "5.4 no", "192.0.2.3", "ann@mx.example",
	    "fail -all of mx.example 1/0", NULL },
	{ "5.4 CIDR", "192.0.2.3", "ann@mxother.example",
	    "pass mx:mx.example/30 of mxother.example 1/0", NULL },
	{ "5.4 null MX", "192.0.2.1", "ann@nullmx.example",
	    "neutral ?all of nullmx.example 1/0", NULL },
	{ "5.4 no MX is not A", "192.0.2.1", "ann@mximplicit.example",
	    "neutral ?all of mximplicit.example 1/1", NULL },
	{ "5.4 error at a host", "192.0.2.1", "ann@mxtemp.example",
	    "temperror mx of mxtemp.example 1/0",
	    "servfail asking A servfail.example for mx in the record of "
	    "mxtemp.example" },
	{ "5.4 error", "192.0.2.1", "ann@mxtemp2.example",
	    "temperror mx:servfail.example of mxtemp2.example 1/0", NULL },
	{ "4.6.4 tenth host", "192.0.2.1", "ann@mxten.example",
	    "pass mx of mxten.example 1/0", NULL },
	{ "4.6.4 eleven hosts", "192.0.2.1", "ann@mxeleven.example",
	    "permerror mx of mxeleven.example 1/0",
	    "more than 10 MX hosts of mxeleven.example for mx in the record of "
	    "mxeleven.example" },

	/* 5.5 */
	{ "5.5 below", "192.0.2.1", "ann@ptr.example",
	    "pass ptr of ptr.example 1/0", NULL },
	{ "5.5 does not lead back", "192.0.2.2", "ann@ptr.example",
	    "neutral ?all of ptr.example 1/0", NULL },
	{ "5.5 only a suffix", "192.0.2.3", "ann@ptr.example",
	    "neutral ?all of ptr.example 1/0", NULL },
	{ "5.5 a name with an error is passed over", "192.0.2.4",
	    "ann@ptr.example", "pass ptr of ptr.example 1/0", NULL },
	{ "5.5 error is no match", "192.0.2.5", "ann@ptr.example",
	    "neutral ?all of ptr.example 1/0", NULL },
	{ "5.5 no name", "192.0.2.6", "ann@ptr.example",
	    "neutral ?all of ptr.example 1/1", NULL },
	{ "5.5 argument", "192.0.2.1", "ann@ptrother.example",
	    "pass ptr:ptr.example of ptrother.example 1/0", NULL },
	{ "5.5 equal", "192.0.2.1", "ann@ptrself.example",
	    "pass ptr:host.ptr.example of ptrself.example 1/0", NULL },
	{ "5.5 IPv6", "2001:db8::1", "ann@ptrother.example",
	    "pass ptr:ptr.example of ptrother.example 1/0", NULL },

	/* 5.6 */
	{ "5.6 inside", "192.0.2.128", "ann@ip.example",
	    "pass ip4:192.0.2.128/25 of ip.example 0/0", NULL },
	{ "5.6 outside", "192.0.2.127", "ann@ip.example",
	    "fail -all of ip.example 0/0", NULL },
	{ "5.6 inside 6", "2001:db8:1:ffff::1", "ann@ip.example",
	    "pass ip6:2001:db8:1::/48 of ip.example 0/0", NULL },
	{ "5.6 outside 6", "2001:db8:2::1", "ann@ip.example",
	    "fail -all of ip.example 0/0", NULL },
	{ "5.6 /0", "203.0.113.7", "ann@ip4zero.example",
	    "pass ip4:0.0.0.0/0 of ip4zero.example 0/0", NULL },
	{ "5 other family", "192.0.2.1", "ann@ipzero.example",
	    "neutral ?all of ipzero.example 0/0", NULL },
	{ "5 mapped client is IPv4", "::ffff:192.0.2.1", "ann@plain.example",
	    "pass ip4:192.0.2.0/24 of plain.example 0/0", NULL },
	{ "5 mapped network is IPv6", "::ffff:192.0.2.1", "ann@mapped.example",
	    "fail -all of mapped.example 0/0", NULL },
	{ "loopback is an address", "127.0.0.1", "ann@plain.example",
	    "fail -all of plain.example 0/0", NULL },
	{ "loopback is an address", "::1", "ann@plain.example",
	    "fail -all of plain.example 0/0", NULL },

	/* 5.7 */
	{ "5.7 there", "192.0.2.1", "ann@exists.example",
	    "pass exists:%{ir}.list.example of exists.example 1/0", NULL },
	{ "5.7 not there", "192.0.2.2", "ann@exists.example",
	    "fail -all of exists.example 1/1", NULL },
	{ "5.7 AAAA alone is not there", "192.0.2.6", "ann@exists.example",
	    "fail -all of exists.example 1/1", NULL },
	{ "5.7 A for IPv6, too", "2001:db8::9", "ann@existssix.example",
	    "pass exists:four.example of existssix.example 1/0", NULL },
	{ "5.7 error", "192.0.2.1", "ann@existstemp.example",
	    "temperror exists:timeout.example of existstemp.example 1/0",
	    NULL },
	{ "5.7 by user", "192.0.2.1", "ann@exlocal.example",
	    "pass exists:%{l}.users.example of exlocal.example 1/0 local",
	    NULL },
	{ "5.7 by user", "192.0.2.1", "bob@exlocal.example",
	    "fail -all of exlocal.example 1/1 local", NULL },

	/* 6.1 */
	{ "6.1 pass", "192.0.2.1", "ann@redir.example",
	    "pass ip4:192.0.2.0/24 of plain.example 1/0", NULL },
	{ "6.1 fail", "198.51.100.1", "ann@redir.example",
	    "fail -all of plain.example 1/0",
	    "198.51.100.1 is not listed in the SPF record of plain.example used "
	    "by redir.example (-all)" },
	{ "6.1 after the mechanisms", "203.0.113.1", "ann@redirfirst.example",
	    "pass ip4:203.0.113.1 of redirfirst.example 0/0", NULL },
	{ "6.1 not with all", "198.51.100.1", "ann@rediroff.example",
	    "neutral ?all of rediroff.example 0/0", NULL },
	{ "6.1 none", "192.0.2.1", "ann@redirnone.example",
	    "permerror redirect=nodata.example of redirnone.example 1/1",
	    "redirect=nodata.example in the record of redirnone.example leads "
	    "to no SPF record" },
	{ "6.1 temperror", "192.0.2.1", "ann@redirtemp.example",
	    "temperror  of timeout.example 1/0", NULL },
	{ "6.1 %{d} is the target", "192.0.2.1", "ann@redird.example",
	    "pass exists:%{d}.%{o}.seen.example of dmacro.example 2/0 local",
	    NULL },
	{ "4.6.4 redirect in a circle", "192.0.2.1", "ann@loop.example",
	    "permerror redirect=loop.example of loop.example 11/0",
	    "more than 10 DNS lookups in the record of loop.example, at "
	    "redirect=loop.example" },
	{ "4.6.4 include in a circle", "192.0.2.1", "ann@incloop.example",
	    "permerror include:incloop.example of incloop.example 11/0", NULL },

	/* 4.6.4 */
	{ "4.6.4 the tenth matches", "192.0.2.1", "ann@ten.example",
	    "pass a:a.example of ten.example 10/0", NULL },
	{ "4.6.4 the eleventh is too many", "192.0.2.1", "ann@eleven.example",
	    "permerror a:a.example of eleven.example 11/0",
	    "more than 10 DNS lookups in the record of eleven.example, at "
	    "a:a.example" },
	{ "4.6.4 shared by includes", "192.0.2.1", "ann@shared.example",
	    "permerror a:four.example of three.example 11/0",
	    "more than 10 DNS lookups in the record of shared.example, at "
	    "a:four.example of three.example" },
	{ "4.6.4 redirect counts", "192.0.2.1", "ann@redirten.example",
	    "permerror redirect=plain.example of redirten.example 11/0", NULL },
	{ "4.6.4 addresses are free", "192.0.2.1", "ann@free.example",
	    "pass ip4:192.0.2.1 of free.example 0/0", NULL },
	{ "4.6.4 two voids", "192.0.2.1", "ann@void2.example",
	    "neutral ?all of void2.example 2/2", NULL },
	{ "4.6.4 three voids", "192.0.2.1", "ann@void3.example",
	    "permerror exists:nx2.example of void3.example 3/3",
	    "more than 2 DNS lookups without an answer in the record of "
	    "void3.example, at exists:nx2.example" },
	{ "4.6.4 a match ends the count", "192.0.2.1", "ann@voidmatch.example",
	    "pass ip4:192.0.2.1 of voidmatch.example 2/2", NULL },

	/* 7 */
	{ "7 transformers", "192.0.2.1", "ann-x@mac.example",
	    "pass exists:%{l1r-}.%{d1r}.%{v}.mac.seen.example of mac.example "
	    "1/0 local",
	    NULL },
	{ "7 HELO", "192.0.2.1", "ann@helo.example",
	    "pass exists:%{h}.helo.seen.example of helo.example 1/0", NULL },
	{ "7 validated name", "192.0.2.1", "ann@pmac.example",
	    "pass exists:%{p}.p.seen.example of pmac.example 1/0", NULL },
	{ "7 no validated name", "192.0.2.2", "ann@pnone.example",
	    "pass exists:%{p}.none.seen.example of pnone.example 1/0", NULL },
	{ "7 error at the name", "192.0.2.5", "ann@pnone.example",
	    "pass exists:%{p}.none.seen.example of pnone.example 1/0", NULL },
	{ "7.3 of several names the domain", "192.0.2.7", "ann@prank.example",
	    "pass exists:%{p}.p.seen.example of prank.example 1/0", NULL },
	{ "7.3 else one below it", "192.0.2.8", "ann@pbelow.example",
	    "pass exists:%{p}.p.seen.example of pbelow.example 1/0", NULL },
	{ "7.3 else any", "192.0.2.7", "ann@pany.example",
	    "pass exists:%{p}.any.seen.example of pany.example 1/0", NULL },
	{ "7 escaped", "192.0.2.1", "ann+x@url.example",
	    "pass exists:%{S}.url.seen.example of url.example 1/0 local",
	    NULL },

	/* RFC 8616 */
	{ "8616 U-label", "192.0.2.1",
	    "ann@B\xc3\xbc"
	    "cher.example",
	    "pass ip4:192.0.2.1 of xn--bcher-kva.example 0/0", NULL },
	{ "8616 UTF-8 local part", "192.0.2.1",
	    "\xe3\x83\x9d\xe3\x82\xb9\xe3\x83\x88@idn.example",
	    "pass ip4:192.0.2.1 of idn.example 1/0", NULL },
	{ "8616 UTF-8 local part in redirect", "192.0.2.1",
	    "\xe3\x83\x9d@idnredir.example",
	    "neutral default of idnredir.example 1/0", NULL },
};

static void check_row(const struct mxa_spf_query *q, int i)
{
	struct mxa_spf_verdict v;

	spftest_check(&t, &mxa_spf_native, q, &v);
	ck_assert_msg(strcmp(shown(&v), rows[i].want) == 0,
	    "%s: got \"%s\", want \"%s\"", rows[i].rule, shown(&v),
	    rows[i].want);
	ck_assert_msg(v.reason.text.len > 0, "%s: no reason", rows[i].rule);
	if (rows[i].reason != NULL)
		ck_str_is(v.reason.text, rows[i].reason);
}

START_TEST(rules)
{
	struct mxa_spf_query q = spftest_query(mxa_str_from(rows[_i].ip),
	    MXA_STR("mx.example.org"), mxa_str_from(rows[_i].from));

	check_row(&q, _i);
	/* the same after a plan, with a trace */
	t.plan = t.trace = true;
	check_row(&q, _i);
}
END_TEST

static const struct {
	const char *rule, *from, *want;
} explained[] = {
	{ "6.2", "ann@exp.example",
	    "198.51.100.1 may not send for exp.example, says mx.example.org." },
	{ "6.2 expanded name, joined strings", "ann@expmacro.example",
	    "ask ann@expmacro.example" },
	{ "6.2 two records", "ann@exptwo.example", "" },
	{ "6.2 no record", "ann@expnone.example", "" },
	{ "6.2 error", "ann@exptemp.example", "" },
	{ "6.2 mistake", "ann@expbad.example", "" },
	{ "6.2 not ASCII", "ann@exp8bit.example", "" },
	{ "6.2 not for softfail", "ann@expsoft.example", "" },
	{ "6.2 of the record that fails", "ann@expinc.example",
	    "the record of expinc.example says so" },
	{ "6.2 not of an included one", "ann@expincl.example", "" },
	{ "6.2 of a redirect's target", "ann@expredir.example",
	    "198.51.100.1 may not send for exp.example, says mx.example.org." },
};

START_TEST(explanations)
{
	struct mxa_spf_query q = spftest_query(MXA_STR("198.51.100.1"),
	    MXA_STR("mx.example.org"), mxa_str_from(explained[_i].from));
	struct mxa_spf_verdict v;

	spftest_check(&t, &mxa_spf_native, &q, &v);
	ck_str_is(v.explanation, explained[_i].want);
	/* what is only explained does not decide */
	ck_assert(!v.used_local_part);
	ck_assert_uint_eq(v.voids, 0);
}
END_TEST

START_TEST(explanations_are_cut)
{
	struct mxa_spf_query q = spftest_query(MXA_STR("198.51.100.1"),
	    MXA_STR("mx.example.org"), MXA_STR("ann@explong.example"));
	struct mxa_spf_verdict v;

	spftest_check(&t, &mxa_spf_native, &q, &v);
	ck_assert_uint_eq(v.explanation.len, 255);
}
END_TEST

/* RFC 7208 section 2.4: the HELO name stands in for the null sender. */
START_TEST(null_sender_is_helo)
{
	struct mxa_spf_query q = spftest_query(
	    MXA_STR("192.0.2.1"), MXA_STR("mail.example"), MXA_STR(""));
	struct mxa_spf_verdict v;

	spftest_check(&t, &mxa_spf_native, &q, &v);
	ck_assert_str_eq(shown(&v), "pass ip4:192.0.2.1 of mail.example 0/0");
	ck_assert_int_eq(v.identity, MXA_SPF_HELO);
	ck_str_is(v.domain, "mail.example");
	ck_str_is(v.sender, "postmaster@mail.example");
}
END_TEST

START_TEST(helo_that_is_no_domain)
{
	static const char *const helo[] = { "[192.0.2.1]", "OEMCOMPUTER", "",
		"JUMPIN' JUPITER", "192.0.2.1" };
	struct mxa_spf_verdict v;

	for (size_t i = 0; i < MXA_ARRAY_LEN(helo); i++) {
		struct mxa_spf_query q = spftest_query(
		    MXA_STR("192.0.2.1"), mxa_str_from(helo[i]), MXA_STR(""));

		spftest_check(&t, &mxa_spf_native, &q, &v);
		ck_assert_str_eq(shown(&v), "none  of  0/0");
		ck_assert_uint_eq(mxa_budget_counts(t.budget).questions, 0);
	}
	ck_str_is(v.reason.text,
	    "the HELO name cannot have an SPF record: 192.0.2.1");
}
END_TEST

START_TEST(no_client_address)
{
	struct mxa_spf_query q = spftest_query(MXA_STR("192.0.2.1"),
	    MXA_STR("mx.example.org"), MXA_STR("ann@plain.example"));
	struct mxa_spf_verdict v;

	memset(&q.ip, 0, sizeof(q.ip));
	spftest_check(&t, &mxa_spf_native, &q, &v);
	ck_assert_str_eq(shown(&v), "none  of  0/0");
	ck_str_is(v.reason.text, "the client has no address");
}
END_TEST

/* A mapped address that reached us unconverted. */
START_TEST(mapped_address_in_a_query)
{
	struct mxa_spf_query q = spftest_query(MXA_STR("192.0.2.1"),
	    MXA_STR("mx.example.org"), MXA_STR("ann@plain.example"));
	struct mxa_spf_verdict v;

	q.ip = (struct mxa_ip){ 6, { [10] = 0xff, 0xff, 192, 0, 2, 1 } };
	spftest_check(&t, &mxa_spf_native, &q, &v);
	ck_assert_str_eq(
	    shown(&v), "pass ip4:192.0.2.0/24 of plain.example 0/0");
}
END_TEST

START_TEST(void_limit_is_a_setting)
{
	struct mxa_spf_query q = spftest_query(MXA_STR("192.0.2.1"),
	    MXA_STR("mx.example.org"), MXA_STR("ann@void3.example"));
	struct mxa_spf_verdict v;

	t.options.spf_max_voids = 3;
	spftest_check(&t, &mxa_spf_native, &q, &v);
	ck_assert_str_eq(shown(&v), "neutral ?all of void3.example 3/3");
	t.options.spf_max_voids = 0;
	spftest_check(&t, &mxa_spf_native, &q, &v);
	ck_assert_str_eq(
	    shown(&v), "permerror a:nx1.example of void3.example 1/1");
}
END_TEST

/* The separate HELO check pays from another share. */
START_TEST(helo_check_has_its_own_share)
{
	struct mxa_spf_query q = spftest_query(
	    MXA_STR("192.0.2.1"), MXA_STR("mail.example"), MXA_STR(""));
	struct mxa_spf_verdict v;
	char name[32];

	t.budget = mxa_budget_open(t.dns, 20000);
	t.env.budget = t.budget;
	for (int i = 0; i < MXA_MAX_QUESTIONS_SPF; i++) {
		snprintf(name, sizeof(name), "n%d.example", i);
		mxa_dns_prefetch(
		    t.budget, MXA_SHARE_SPF, mxa_str_from(name), MXA_DNS_A);
	}
	mxa_spf_native.check(&t.env, &q, &v);
	ck_assert_int_eq(v.result, MXA_SPF_TEMPERROR);
	ck_str_is(v.reason.text,
	    "too many DNS questions for one message, asking TXT mail.example");
	q.share = MXA_SHARE_OTHER;
	mxa_spf_native.check(&t.env, &q, &v);
	ck_assert_int_eq(v.result, MXA_SPF_PASS);
}
END_TEST

#define L60 "a23456789012345678901234567890123456789012345678901234567890"

/* A reason is never lost, however long the names in it are. */
START_TEST(reasons_of_long_names)
{
	static const char *const zones[] = {
		L60 "." L60 ".b.example TXT \"v=spf1 ip4:" L60 L60 "\"\n",
		L60 "." L60 ".b.example TXT \"v=spf1 a:" L60 "." L60
		    ".x.example -all\"\n;! timeout *.x.example\n",
		L60 "." L60 ".b.example TXT \"v=spf1 mx:" L60 "." L60
		    ".x.example -all\"\n;! servfail *.x.example\n",
		L60 "." L60 ".b.example TXT \"v=spf1 include:" L60 "." L60
		    ".x.example -all\"\n",
		L60 "." L60 ".b.example TXT \"v=spf1 +all:" L60 L60 L60 "\"\n",
	};
	struct mxa_spf_query q =
	    spftest_query(MXA_STR("192.0.2.1"), MXA_STR("mx.example.org"),
		MXA_STR("ann@" L60 "." L60 "." L60 ".c.example"));
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_spf_verdict v;

	teardown();
	spftest_open(&t,
	    mxa_str_from(mxa_arena_printf(a,
		"$TTL 300\n" L60 "." L60 "." L60
		".c.example TXT \"v=spf1 redirect=" L60 "." L60
		".b.example\"\n%s",
		zones[_i])));
	spftest_check(&t, &mxa_spf_native, &q, &v);
	ck_assert(
	    v.result == MXA_SPF_PERMERROR || v.result == MXA_SPF_TEMPERROR);
	ck_assert_uint_gt(v.reason.text.len, 250);
	ck_assert_uint_lt(v.reason.text.len, 600);
	mxa_arena_free(a);
}
END_TEST

/* A record as long as TCP carries one is read to its end. */
START_TEST(no_record_is_too_long)
{
	struct mxa_spf_query q = spftest_query(MXA_STR("192.0.2.1"),
	    MXA_STR("mx.example.org"), MXA_STR("ann@long.example"));
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_spf_verdict v;
	struct mxa_buf text, zone;

	mxa_buf_init(&text, a, MXA_MAX_RECORD);
	mxa_buf_adds(&text, "v=spf1");
	while (text.len < MXA_MAX_RECORD - 400)
		mxa_buf_printf(&text, " ip4:10.%zu.%zu.0/24",
		    text.len / 256 % 256, text.len % 256);
	mxa_buf_adds(&text, " ip4:192.0.2.1 -all");
	mxa_buf_init(&zone, a, (size_t)1 << 20);
	mxa_buf_adds(&zone, "long.example 300 TXT");
	zone_add_text(&zone, mxa_buf_str(&text));
	mxa_buf_adds(&zone,
	    "\ninc.example 300 TXT \"v=spf1 include:long.example ~all\"\n");
	teardown();
	spftest_open(&t, mxa_buf_str(&zone));
	t.plan = _i == 1;
	spftest_check(&t, &mxa_spf_native, &q, &v);
	ck_assert_str_eq(shown(&v), "pass ip4:192.0.2.1 of long.example 0/0");
	q.domain = MXA_STR("inc.example");
	q.ip.b[3] = 2;
	spftest_check(&t, &mxa_spf_native, &q, &v);
	ck_assert_str_eq(shown(&v), "softfail ~all of inc.example 1/0");
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("check_host");
	TCase *tc = tcase_create("check_host");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, rules, 0, MXA_ARRAY_LEN(rows));
	tcase_add_loop_test(tc, explanations, 0, MXA_ARRAY_LEN(explained));
	tcase_add_test(tc, explanations_are_cut);
	tcase_add_test(tc, null_sender_is_helo);
	tcase_add_test(tc, helo_that_is_no_domain);
	tcase_add_test(tc, no_client_address);
	tcase_add_test(tc, mapped_address_in_a_query);
	tcase_add_test(tc, void_limit_is_a_setting);
	tcase_add_test(tc, helo_check_has_its_own_share);
	tcase_add_loop_test(tc, no_record_is_too_long, 0, 2);
	tcase_add_loop_test(tc, reasons_of_long_names, 0, 5);
	suite_add_tcase(s, tc);
	return test_main(s);
}
