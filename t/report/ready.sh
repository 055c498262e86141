#!/bin/sh
# ready.sh - mxauth report ready and import: 90 days of generated reports, the
# four stories of doc/explain.md, from files and from the store, bad input.
# With STORE_URL on that database, else on SQLite.
build=$(cd "${builddir:-.}" && pwd)
top=$(cd "${srcdir:-.}" && pwd)
mxauth=$build/mxauth
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-ready.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
. "${srcdir:-.}/t/support/is.sh"
url=${STORE_URL:-sqlite:$tmp/store.db}

# has TEXT WORDS: the last output has them
has() {
	if tr -s '\n ' '  ' <"$tmp/out" | grep -qF -- "$2"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAIL: %s: no "%s" in\n' "$1" "$2"
		cat "$tmp/out"
	fi
}

# report WANT ARGUMENT...: its exit status; output is kept
report() {
	want=$1
	shift
	"$mxauth" report "$@" >"$tmp/out" 2>"$tmp/err"
	is "status of mxauth report $*" "$want" "$?"
}

# value KEY: of the JSON in the last output, the first one
value() {
	sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" "$tmp/out" | head -n 1
}

if ! command -v python3 >/dev/null; then
	echo "skipped: needs python3"
	exit 77
fi

# --- 90 days ---

python3 "$top/t/report/generate.py" "$tmp/all" 90 50 || exit 99
cat >"$tmp/zone" <<'END'
ready.example. TXT "v=spf1 ip4:192.0.2.0/24 ~all"
service.example. TXT "v=spf1 ip4:192.0.2.0/24 ~all"
END
ready() {
	want=$1
	shift
	report "$want" ready --zone "$tmp/zone" "$@"
}

# the five domains of generate.py: DOMAIN STATUS READY BLOCKING DAYS
check_domains() {
	while read -r domain status verdict blocking days; do
		ready "$status" --json "$@" "$domain" $files
		is "$domain: ready" "$verdict" "$(value ready)"
		is "$domain: in the way" "$blocking" "$(value blocking)"
		is "$domain: days" "$days" "$(value days)"
	done <<'END'
ready.example 0 reject 0 90
service.example 1 no 1 90
lists.example 0 quarantine 0 90
parked.example 1 no 0 90
fresh.example 1 wait 0 3
END
}

files=$tmp/all
check_domains
report 0 --html "$tmp/page.html" "$tmp/all"
size=$(wc -c <"$tmp/page.html")
is "the page of 90 days, 50 sources and 5 domains has at most 500 kB" yes \
	"$([ "$size" -le 500000 ] && echo yes || echo "$size")"
ready 1 service.example "$tmp/all"
has "the service is named" "If esp.example works for you, let it sign with DKIM"
has "the new sender" "crm.example (1 address): 27 messages, 0 % aligned, new"
has "strangers are not all listed" "more strangers"
ready 1 --lang ja service.example "$tmp/all"
has "in Japanese" "esp.example"
is "no English sentence is left" "" "$(grep -E '[a-z] (the|is|are|for|of) [a-z]' \
	"$tmp/out")"

# --- the store ---

report 0 import --store "$url" --json "$tmp/all"
is "new reports" 363 "$(value new)"
report 0 import --store "$url" --json "$tmp/all"
is "the second time none is new" "0 363" "$(value new) $(value known)"
files=
check_domains --store "$url"
ready 1 --store "$url" --json --since 2026-11-14 ready.example
is "--since" 7 "$(value days)"
files=$tmp/all
ready 1 --json --since 2026-11-14 ready.example "$tmp/all"
is "--since with files" 7 "$(value days)"
"$mxauth" report import --store "$url" --json "$tmp/all" >"$tmp/one" &
report 0 import --store "$url" "$tmp/all"
wait $!
is "two at once" 0 $?
ready 0 --store "$url" --html "$tmp/page.html" ready.example
is "the page of the store" 1 \
	"$(grep -c 'class="answer ok">p=reject is safe' "$tmp/page.html")"
ready 73 --store "$url" --html "$tmp/none/page.html" ready.example
report 0 import --store "$url" "$tmp/all"
has "text" "0 new reports with 0 rows, 363 known ones, 0 errors"

# --- reverse names

cat >>"$tmp/zone" <<'END'
9.2.0.192.in-addr.arpa. PTR out9.isp.example.
out9.isp.example. A 192.0.2.9
1.113.0.203.in-addr.arpa. PTR mail.forged.example.
mail.forged.example. A 203.0.113.77
9.100.51.198.in-addr.arpa. PTR mx.isp.example.
mx.isp.example. A 198.51.100.9
END
{
	cat <<'END'
<feedback><report_metadata><org_name>gmail.example</org_name>
<email>noreply@gmail.example</email><report_id>n1</report_id><date_range>
<begin>1795132800</begin><end>1795219199</end></date_range></report_metadata>
<policy_published><domain>names.example</domain><p>none</p></policy_published>
END
	for ip in 192.0.2.9 198.51.100.9 203.0.113.1; do
		cat <<END
<record><row><source_ip>$ip</source_ip><count>5</count><policy_evaluated>
<disposition>none</disposition><dkim>fail</dkim><spf>fail</spf>
</policy_evaluated></row><identifiers><header_from>names.example</header_from>
</identifiers><auth_results><spf><domain>names.example</domain>
<result>fail</result></spf></auth_results></record>
END
	done
	echo '</feedback>'
} >"$tmp/names.xml"
ready 1 --html "$tmp/page.html" names.example "$tmp/names.xml"
is "nothing is asked unless told to" 0 "$(grep -c isp.example "$tmp/page.html")"
ready 1 --names --html "$tmp/page.html" names.example "$tmp/names.xml"
has "two networks are one sender" "isp.example (192.0.2.0/24, …) (2 addresses)"
has "a name that does not lead back is none" "203.0.113.0/24 (1 address)"
is "and on the page" 1 \
	"$(grep -c '<b>isp.example (192.0.2.0/24, …)</b>' "$tmp/page.html")"
report 0 --names --zone "$tmp/zone" --html "$tmp/page.html" "$tmp/names.xml"
is "and without ready" 1 \
	"$(grep -c '<b>isp.example (192.0.2.0/24, …)</b>' "$tmp/page.html")"

# --- the four stories (doc/explain.md) ---

# story DOMAIN IP COUNT DISPOSITION SPF RESULTS: a report of one row
story() {
	cat <<END
<feedback><report_metadata><org_name>gmail.example</org_name>
<email>noreply@gmail.example</email><report_id>$1</report_id><date_range>
<begin>1795132800</begin><end>1795219199</end></date_range></report_metadata>
<policy_published><domain>$1</domain><p>$7</p></policy_published>
<record><row><source_ip>$2</source_ip><count>$3</count><policy_evaluated>
<disposition>$4</disposition><dkim>fail</dkim><spf>$5</spf></policy_evaluated>
</row><identifiers><header_from>$1</header_from></identifiers><auth_results>$6
</auth_results></record></feedback>
END
}
spf() {
	printf '<spf><domain>%s</domain><result>%s</result></spf>' "$1" "$2"
}
mkdir "$tmp/stories"
story forgot.example 192.0.2.10 2 reject fail \
	"$(spf forgot.example none)" reject >"$tmp/stories/1.xml"
story sub.example.co.jp 192.0.2.154 3 none fail \
	"$(spf sub.example.co.jp fail)" none >"$tmp/stories/2.xml"
story firm.example 192.0.2.20 4 none fail \
	"$(spf firm.example none)" none >"$tmp/stories/3.xml"
story example.com 198.51.100.25 5 reject fail \
	"$(spf example.com permerror)" reject >"$tmp/stories/4.xml"
story example.net 198.51.100.26 5 none fail \
	"$(spf provider.example pass)" none >"$tmp/stories/5.xml"
: >"$tmp/nothing"
report 1 ready --zone "$tmp/nothing" forgot.example "$tmp/stories"
has "1: nothing passes" "none of 2 messages passed, so no sender of yours is known"
printf 'forgot.example. TXT "v=spf1 ip4:192.0.2.10 ~all"\n' >"$tmp/zone1"
report 1 ready --zone "$tmp/zone1" --json forgot.example "$tmp/stories"
is "1: the record that was missing is there" repaired "$(value kind)"
report 1 ready --zone "$tmp/nothing" --json sub.example.co.jp "$tmp/stories"
is "2: not listed" "no stranger spf-not-listed" \
	"$(value ready) $(value kind) $(value cause)"
has "2: what is missing" "add it to the SPF record of sub.example.co.jp"
printf 'example.co.jp. TXT "v=spf1 ip4:192.0.2.154 -all"\n' >"$tmp/zone2"
report 1 ready --zone "$tmp/zone2" --json sub.example.co.jp "$tmp/stories"
is "2: the parent's record does not count" stranger "$(value kind)"
report 1 ready --zone "$tmp/nothing" --json firm.example "$tmp/stories"
is "3: no SPF record" "no stranger spf-missing" \
	"$(value ready) $(value kind) $(value cause)"
report 1 ready --zone "$tmp/nothing" --json example.com "$tmp/stories"
is "4: the record is broken" "no stranger spf-error" \
	"$(value ready) $(value kind) $(value cause)"
report 1 ready --zone "$tmp/nothing" --json example.net "$tmp/stories"
is "authenticated, not aligned" "no service unaligned true" \
	"$(value ready) $(value kind) $(value cause) $(value blocks)"
has "what is missing" "let it sign with DKIM for example.net (d=example.net)"

# --- bad input ---

report 0 --help
report 0 ready --help
report 64
report 64 ready
report 64 ready not_a..domain "$tmp/all"
report 64 import
report 64 ready --since yesterday ready.example
report 75 ready --store sqlite:/nowhere/at/all.db ready.example
report 75 import --store sqlite:/nowhere/at/all.db "$tmp/all"
report 1 ready --zone "$tmp/zone" nobody.example "$tmp/all"
has "no report" "nobody.example: No report is about nobody.example."
printf 'not a report' >"$tmp/bad"
ready 1 ready.example "$tmp/bad" "$tmp/all"
has "the others count" "p=reject is safe"
report 1 import --store "$url" "$tmp/bad" "$tmp/stories"
has "a bad file is counted" "5 new reports with 5 rows, 0 known ones, 1 errors"
is "and named" 1 "$(grep -c "$tmp/bad: neither XML" "$tmp/err")"
report 1 import --store "$url" "$tmp/missing"
mkdir "$tmp/empty"
report 1 import --store "$url" "$tmp/empty"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
