#!/bin/sh
# Every module lib/<floor>/<module>.c and cli/<module>.c has its test: t/unit/
# <floor>/check_<module>.c, or what the table below names (tables of text files,
# scripts, and tests of several modules).  Modules without one are listed; in
# the floors that are complete there must be none.
cd "${srcdir:-.}" || exit 99
complete="record lint bounce explain cli"

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
lib/auth/sig/squeeze_neon.c t/unit/auth/check_squeeze.c
lib/auth/sig/squeeze_x86.c t/unit/auth/check_squeeze.c
lib/auth/align.c t/unit/auth/check_dmarc.c
lib/mail/authres_forged.c t/unit/mail/check_authres.c
lib/mail/authres_format.c t/unit/mail/check_authres.c
lib/conf/import_rows.c t/config.sh
lib/dns/zonefile.c t/unit/dns/check_zone.c
lib/history/fields_read.c t/unit/history/check_fields.c
lib/history/fields_write.c t/unit/history/check_fields.c
lib/history/import_directory.c t/unit/history/check_import.c
lib/history/prune.c t/unit/history/check_journal.c
lib/history/report_line.c t/unit/history/check_tally.c
lib/history/scan.c t/unit/history/check_journal.c
lib/history/store_sqlite.c t/unit/history/check_store.c
lib/history/store_pgsql.c t/store/store.sh
lib/history/store_schema.c t/unit/history/check_store.c
lib/bounce/auth_fields.c t/unit/bounce/check_bounce.c
lib/bounce/dialogue.c t/unit/bounce/check_bounce.c
lib/bounce/dsn.c t/unit/bounce/check_bounce.c
lib/bounce/facts.c t/unit/bounce/check_texts.c
lib/bounce/html.c t/unit/bounce/check_input.c
lib/bounce/intake.c t/unit/bounce/check_mailbox.c
lib/bounce/logstamp.c t/unit/bounce/check_maillog.c
lib/bounce/maillog_exim.c t/unit/bounce/check_maillog.c
lib/bounce/parts.c t/dsn/others.cases
lib/bounce/pasted.c t/unit/bounce/check_input.c
lib/bounce/provider.c t/unit/bounce/check_texts.c
lib/bounce/refusal_table.c t/unit/bounce/check_refusal.c
lib/bounce/returned.c t/unit/bounce/check_bounce.c
lib/bounce/transcript.c t/unit/bounce/check_bounce.c
lib/bounce/webhook.c t/unit/bounce/forms.c
lib/explain/advise.c t/dsn/answers.cases
lib/explain/answer.c t/dsn/answers.cases
lib/explain/causes.c t/dsn/answers.cases
lib/explain/examined.c t/dsn/answers.cases
lib/explain/forwarded.c t/dsn/answers.cases
lib/explain/other_matters.c t/unit/explain/check_explain.c
lib/explain/provider_rules.c t/dsn/others.cases
lib/explain/sender.c t/dsn/answers.cases
lib/explain/signatures.c t/dsn/answers.cases
lib/report/received/model.c t/unit/report/check_kept.c
lib/report/sent/deliver.c t/unit/report/check_delivery.c
lib/report/sent/sender.c t/unit/report/check_delivery.c
lib/report/sent/target.c t/unit/report/check_delivery.c
lib/report/sent/mailer.c t/unit/report/check_sent.c
lib/report/sent/make.c t/unit/report/check_sent.c
lib/report/sent/model.c t/unit/report/check_sent.c
lib/report/sent/smtp.c t/store/reports.sh
cli/cmd_check.c t/check.sh
cli/cmd_config.c t/config.sh
cli/cmd_explain.c t/dsn/bounces.sh
cli/cmd_history.c t/store/history.sh
cli/cmd_history_import.c t/store/history.sh
cli/cmd_history_list.c t/store/history.sh
cli/cmd_history_page.c t/store/history.sh
cli/cmd_history_prune.c t/store/history.sh
cli/cmd_history_status.c t/store/history.sh
cli/cmd_lint.c t/lint/text.sh
cli/cmd_policy.c t/config.sh
cli/cmd_replay.c t/replay.sh
cli/cmd_report.c t/report/reports.sh
cli/cmd_report_received.c t/report/ready.sh
cli/cmd_report_sent.c t/report/sent.sh
cli/cmd_selftest.c t/selftest.sh
cli/cmd_spf.c t/spf.sh
cli/common.c t/check.sh
cli/explain_change.c t/dsn/change.sh
cli/explain_json.c t/dsn/bounces.sh
cli/explain_many.c t/dsn/many.sh
cli/explain_queue.c t/dsn/queue.sh
cli/explain_store.c t/store/history.sh
cli/explain_story.c t/dsn/queue.sh
cli/explain_text.c t/dsn/bounces.sh
cli/history_journal.c t/store/history.sh
cli/language.c t/po.sh
cli/lint_json.c t/lint/lint.sh
cli/lint_text.c t/lint/text.sh
cli/main.c t/options.sh
cli/page_answers.c t/page/answers.sh
cli/page_history.c t/page/history.sh
cli/page_history_answers.c t/page/history.sh
cli/page_history_cells.c t/page/history.sh
cli/page_history_messages.c t/page/history.sh
cli/page_history_tables.c t/page/history.sh
cli/page_received.c t/page/answers.sh
cli/page_story.c t/page/history.sh
cli/replay_suggest.c t/replay.sh
cli/reverse_names.c t/report/ready.sh
cli/store_common.c t/store/history.sh
cli/store_metrics.c t/store/history.sh
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

for module in $(find lib cli -name '*.c' ! -name '*_none.c' | LC_ALL=C sort); do
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
