#!/bin/sh
# Every module lib/<floor>/<module>.c has its test: t/unit/<floor>/
# check_<module>.c, or what the table below names (tables of text files, and
# tests of several modules).  Modules without one are listed; in the floors that
# are complete there must be none.
cd "${srcdir:-.}" || exit 99
complete="record lint"

# MODULE TEST
elsewhere='
lib/lint/examine_bimi.c t/lint/bimi-*.case
lib/lint/examine_dkim.c t/lint/dkim-*.case
lib/lint/examine_dmarc.c t/lint/dmarc-*.case
lib/lint/examine_mx.c t/lint/mx-*.case
lib/lint/examine_sender.c t/lint/ptr-*.case
lib/lint/examine_spf.c t/lint/spf-*.case
lib/lint/examine_tls.c t/lint/mta-sts-*.case
lib/lint/report_uri.c t/lint/dmarc-rua-*.case
lib/lint/spf_terms.c t/lint/spf-*.case
lib/auth/spf/eval.c t/unit/auth/check_check_host.c
lib/auth/align.c t/unit/auth/check_dmarc.c
lib/mail/authres_forged.c t/unit/mail/check_authres.c
lib/mail/authres_format.c t/unit/mail/check_authres.c
lib/dns/zonefile.c t/unit/dns/check_zone.c
lib/history/fields_read.c t/unit/history/check_fields.c
lib/history/fields_write.c t/unit/history/check_fields.c
lib/history/prune.c t/unit/history/check_journal.c
lib/history/report_line.c t/unit/history/check_tally.c
lib/history/scan.c t/unit/history/check_journal.c
'
own=0
other=0
missing=0
failed=0

# has_test MODULE
has_test() {
	name=$(basename "$1" .c)
	for test in t/unit/*/"check_$name.c"; do
		[ -e "$test" ] && own=$((own + 1)) && return 0
	done
	pattern=$(printf '%s' "$elsewhere" | sed -n "s|^$1 ||p")
	[ -n "$pattern" ] || return 1
	for test in $pattern; do
		[ -e "$test" ] && other=$((other + 1)) && return 0
	done
	return 1
}

for module in $(find lib -name '*.c' | LC_ALL=C sort); do
	has_test "$module" && continue
	missing=$((missing + 1))
	floor=${module#lib/}
	floor=${floor%%/*}
	case " $complete " in
	*" $floor "*)
		failed=$((failed + 1))
		echo "FAIL: $module has no test"
		;;
	*) echo "no test of its own: $module" ;;
	esac
done
for module in $(printf '%s' "$elsewhere" | sed -n 's/ .*//p'); do
	[ -e "$module" ] && continue
	failed=$((failed + 1))
	echo "FAIL: $module is named here, but is not there"
done
echo "$own modules with a test of their own, $other tested elsewhere," \
	"$missing listed"
echo "$((own + other)) passed, $failed failed"
[ "$failed" = 0 ]
