#!/bin/sh
# tools.sh - the postmaster's tool over many at once, beside its peers, in one
# run: CPU seconds (user and system) of a mail log through mxauth explain and
# through pflogsumm, and of bounces.  `make bench-tools`; the numbers of
# doc/performance.md are this script's.
set -eu
messages=${BENCH_LOG_MESSAGES:-280000}
bounces=${BENCH_BOUNCES:-20000}
dir=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT
: >"$dir/zone"
: >"$dir/conf"

# cpu COMMAND...: CPU seconds that it and its children took
cpu() {
	sh -c '"$@" >/dev/null 2>&1; times' sh "$@" | awk '
	function seconds(t) { split(t, p, /[ms]/); return p[1] * 60 + p[2] }
	NR == 2 { printf "%.2f", seconds($1) + seconds($2) }'
}

# row WHAT UNITS SECONDS
row() {
	awk -v what="$1" -v n="$2" -v s="$3" 'BEGIN {
		printf "%-44s %9d %8.2f s %9.0f/s\n", what, n, s,
			(s > 0) ? n / s : 0 }'
}

explain() {
	"$builddir/mxauth" explain --config "$dir/conf" --zone "$dir/zone" "$@"
}

"$builddir/t/support/loggen" "$messages" 1 >"$dir/log" 2>"$dir/truth"
lines=$(wc -l <"$dir/log")
printf '%-44s %9s %10s %11s\n' "input" "units" "CPU" "a CPU second"
row "log lines, mxauth explain" "$lines" \
	"$(cpu "$builddir/mxauth" explain --config "$dir/conf" \
		--zone "$dir/zone" "$dir/log")"
if command -v pflogsumm >/dev/null; then
	row "log lines, pflogsumm" "$lines" "$(cpu pflogsumm "$dir/log")"
else
	echo "pflogsumm is not installed: skipped"
fi
counts=$(explain --json "$dir/log" | sed -n \
	's/^  "\(deliveries\|refused\|deferred\)": \([0-9]*\),$/\2/p' |
	tr '\n' ' ')
[ "$counts" = "$(head -n 1 "$dir/truth") " ] || {
	echo "the log's truth was not met: $counts" >&2
	exit 1
}

awk -v n="$bounces" 'BEGIN { for (i = 0; i < n; i++) {
	print "From - Fri Nov 27 09:14:01 2026"
	print "From: MAILER-DAEMON@mail.example.com (Mail Delivery System)"
	print "To: user" i "@shop" i % 50 ".example"
	print "Date: Fri, 27 Nov 2026 09:14:01 +0000"
	print "Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0"
	print "Content-Type: multipart/report; report-type=delivery-status;"
	print " boundary=b" i "\n\n--b" i
	print "Content-Type: text/plain\n\nThis is the mail system at host"
	print "mail.example.com.\n\n<r" i "@example.net>: host mx.example.net"
	print "    said: 550 5.7.26 refused by the DMARC policy of shop" \
		i % 50 ".example\n    (in reply to end of DATA command)\n"
	print "--b" i "\nContent-Type: message/delivery-status\n"
	print "Reporting-MTA: dns; mail.example.com\n"
	print "Final-Recipient: rfc822; r" i "@example.net\nAction: failed"
	print "Status: 5.7.26\nRemote-MTA: dns; mx.example.net"
	print "Diagnostic-Code: smtp; 550 5.7.26 refused by the DMARC policy"
	print " of shop" i % 50 ".example\n\n--b" i
	print "Content-Type: message/rfc822-headers\n"
	print "From: a@shop" i % 50 ".example\nTo: r" i "@example.net"
	print "Subject: number " i "\n\n--b" i "--\n" } }' >"$dir/mbox"
row "bounces of an mbox, mxauth explain" "$bounces" \
	"$(cpu "$builddir/mxauth" explain --config "$dir/conf" \
		--zone "$dir/zone" "$dir/mbox")"
