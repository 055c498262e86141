# make.sh - writes every page that mxauth has into $tmp, in English and Japanese,
# from ordinary data and from data that tries to become markup.  Sourced; wants
# $top, $mxauth and $tmp, sets $status to 1 when a page was not written.

# a report whose texts try to become markup
hostile() {
	printf '<feedback><report_metadata><org_name>%s</org_name><email>a@b' "$1"
	printf '</email><report_id>1</report_id><date_range><begin>1795132800'
	printf '</begin><end>1795219199</end></date_range></report_metadata>'
	printf '<policy_published><domain>victim.example</domain><p>%s</p>' "$1"
	printf '</policy_published>'
	i=0
	while [ $i -lt "$2" ]; do
		printf '<record><row><source_ip>2001:db8:%x::1</source_ip><count>1' $i
		printf '</count><policy_evaluated><disposition>none</disposition>'
		printf '<dkim>fail</dkim><spf>fail</spf><reason><type>%s</type>' "$1"
		printf '<comment>%s</comment></reason></policy_evaluated></row>' "$1"
		printf '<identifiers><header_from>victim.example</header_from>'
		printf '</identifiers><auth_results><spf><domain>%s%d</domain>' \
			"$1" $i
		printf '<result>pass</result></spf></auth_results></record>'
		i=$((i + 1))
	done
	printf '</feedback>\n'
}
evil='"&gt;&lt;/td&gt;&lt;img src=x onerror="window.hacked=1"&gt;&lt;script&gt;window.hacked=1&lt;/script&gt;&#x202e;&amp;lt;'
hostile "$evil" 30 >"$tmp/hostile.xml"
hostile "x" 10000 >"$tmp/many.xml"
python3 "$top/t/report/generate.py" "$tmp/all" 30 50 || exit 99
cat >"$tmp/bounce" <<'END'
From: MAILER-DAEMON@mail.forgot.example
Subject: Undelivered

<someone@gmail.example>: host mx.gmail.example[192.0.2.200] said: 550-5.7.26
    Unauthenticated email from forgot.example is not accepted due to
    550 5.7.26 domain's DMARC policy <script>window.hacked=1</script>
    <img src=x onerror=window.hacked=1> (in reply to end of DATA command)
END
cat >"$tmp/zone" <<'END'
forgot.example. MX 10 mail.forgot.example.
mail.forgot.example. A 192.0.2.10
_dmarc.forgot.example. TXT "v=DMARC1; p=reject; x=<script>window.hacked=1</script>"
END

python3 "$top/t/page/journal.py" "$tmp/journal" 7 60 || exit 99
cat >"$tmp/mxauth.conf" <<END
journal: { directory = "$tmp/journal" }
store: { url = "sqlite:$tmp/store.db" host = "mx1.example" }
END
now=2026-11-21T20:00:00Z

# [ $store = yes ]: built with SQLite
store=yes
"$mxauth" history import --config "$tmp/mxauth.conf" --now $now \
	>"$tmp/out" 2>&1 || store=no
status=0
for lang in en ja; do
	"$mxauth" report --lang $lang --html "$tmp/report-$lang.html" \
		"$tmp/all" >"$tmp/out" || status=1
	"$mxauth" explain --lang $lang --zone "$tmp/zone" \
		--html "$tmp/explain-$lang.html" "$tmp/bounce" >"$tmp/out" ||
		status=1
	[ $store = no ] ||
		"$mxauth" history page --lang $lang --now $now \
			--config "$tmp/mxauth.conf" \
			--html "$tmp/history-$lang.html" || status=1
	"$mxauth" lint --lang $lang --zone "$tmp/zone" \
		--config "$tmp/mxauth.conf" \
		--html "$tmp/lint-$lang.html" forgot.example >"$tmp/out"
done
"$mxauth" report --html "$tmp/hostile.html" "$tmp/hostile.xml" >"$tmp/out"
"$mxauth" report --html "$tmp/many.html" "$tmp/many.xml" >"$tmp/out"
[ $store = no ] ||
	"$mxauth" history page --config "$tmp/mxauth.conf" --now $now --full \
		--html "$tmp/full.page" || status=1
[ $store = no ] ||
	"$mxauth" history page --config "$tmp/mxauth.conf" --now $now --full \
		--html "$tmp/journal.page" "$tmp/journal" || status=1
"$mxauth" explain --config "$tmp/mxauth.conf" --html "$tmp/queue-id.html" \
	4F00013 >"$tmp/out" || status=1
size=$(wc -c <"$tmp/many.html")
if [ $status != 0 ] || [ "$size" -gt 1000000 ]; then
	echo "FAIL: a page was not written, or has $size bytes"
	status=1
fi
