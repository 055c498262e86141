#!/bin/sh
# Do the tests notice when the code says something else?
#
# usage: t/mutate.sh [-f 'FILE...'] [-t 'TEST...'] [-j JOBS] N SEED
#
# Takes N places at random (the same for the same SEED) in the product code, or
# in the FILEs, and changes one token at each: a comparison to its neighbour,
# && to ||, true to false, + to -, 0 to 1, "break" to nothing, a negation away.
# Each change is made alone, in a copy of the tree; the copy is built, and the
# tests run until one fails.  A change that no test notices is a survivor and is
# listed with its line: either a test is missing, or the change means the same.
#
# TESTs are programs and scripts below the build folder, as in TESTS= of `make
# check`; default: those of the file's floor.  Run it in the source folder; the
# copy is configured like the build folder $builddir (default: build).  Status
# 0: all were noticed, 1: survivors, 99: it could not be done.
jobs=2
files=
tests=
while getopts f:t:j: opt; do
	case $opt in
	f) files=$OPTARG ;;
	t) tests=$OPTARG ;;
	j) jobs=$OPTARG ;;
	*) exit 99 ;;
	esac
done
shift $((OPTIND - 1))
[ $# = 2 ] || {
	sed -n 's/^# usage: /usage: /p' "$0" >&2
	exit 99
}
count=$1
seed=$2
builddir=${builddir:-build}
[ -f configure.ac ] && [ -x "$builddir/config.status" ] || {
	echo "mutate: run it in the source folder of a configured tree" >&2
	exit 99
}
dir=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-mutate.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 99' INT TERM
[ -n "$files" ] || files=$(find lib milter cli -name '*.c' | LC_ALL=C sort)

# --- places: FILE LINE COLUMN LENGTH NEW, one a line ---

list_places() {
	awk '
	# the line with comments, strings and characters as blanks
	function mask(s,   out, c, n, i) {
		out = ""
		n = length(s)
		for (i = 1; i <= n; i++) {
			c = substr(s, i, 1)
			if (comment) {
				if (substr(s, i, 2) == "*/") {
					comment = 0
					i++
					out = out " "
				}
				out = out " "
			} else if (substr(s, i, 2) == "/*") {
				comment = 1
				i++
				out = out "  "
			} else if (c == "\"" || c == "\047") {
				out = out " "
				for (i++; i <= n && substr(s, i, 1) != c; i++) {
					if (substr(s, i, 1) == "\\") {
						i++
						out = out " "
					}
					out = out " "
				}
				out = out " "
			} else
				out = out c
		}
		return out
	}
	# every place of "token", with "new" in its place
	function place(code, token, new, before, after,   at, rest, b, a) {
		at = 0
		rest = code
		while ((i = index(rest, token)) > 0) {
			at += i
			b = at > 1 ? substr(code, at - 1, 1) : " "
			a = substr(code, at + length(token), 1) " "
			if (b !~ before && substr(a, 1, 1) !~ after)
				print FILENAME, FNR, at, length(token), new
			at += length(token) - 1
			rest = substr(code, at + 1)
		}
	}
	FNR == 1 { comment = 0; more = 0 }
	{
		code = mask($0)
		preprocessor = more || code ~ /^[ \t]*#/
		more = preprocessor && code ~ /\\$/
		if (preprocessor || code !~ /^[ \t]/)
			next
		place(code, "<=", "<", "[<]", "[=]")
		place(code, ">=", ">", "[>]", "[=]")
		place(code, "<", "<=", "[<]", "[<=]")
		place(code, ">", ">=", "[->]", "[>=]")
		place(code, "==", "!=", "[=!]", "[=]")
		place(code, "!=", "==", "[x]", "[x]")
		place(code, "&&", "||", "[&]", "[&]")
		place(code, "||", "&&", "[|]", "[|]")
		place(code, "true", "false", "[A-Za-z0-9_]", "[A-Za-z0-9_]")
		place(code, "false", "true", "[A-Za-z0-9_]", "[A-Za-z0-9_]")
		place(code, " + ", " - ", "[x]", "[x]")
		place(code, " - ", " + ", "[x]", "[x]")
		place(code, "++", "--", "[+]", "[+]")
		place(code, "!", "", "[!]", "[=]")
		place(code, "break;", ";", "[A-Za-z0-9_]", "[x]")
		place(code, "continue;", ";", "[A-Za-z0-9_]", "[x]")
		place(code, "0", "1", "[A-Za-z0-9_.]", "[A-Za-z0-9_.]")
		place(code, "1", "2", "[A-Za-z0-9_.]", "[A-Za-z0-9_.]")
	}' $files
}

# The same N of them for the same seed.
choose_places() {
	awk -v n="$count" -v seed="$seed" '
	{ line[NR] = $0 }
	END {
		srand(seed)
		for (i = 1; i <= n && i <= NR; i++) {
			k = i + int(rand() * (NR - i + 1))
			t = line[i]; line[i] = line[k]; line[k] = t
			print line[i]
		}
	}'
}

# --- which tests ---

# The programs that the scripts of a floor need, and the tests themselves.
floor_tests() {
	case $1 in
	lib/lint/*) echo t/unit/lint/check_* t/lint/lint.sh ;;
	lib/record/*) echo t/unit/record/check_* t/lint/lint.sh \
		t/lint/same.sh ;;
	lib/explain/summary.c) echo t/unit/explain/check_summary ;;
	lib/explain/*) echo t/unit/explain/check_* t/dsn/bounces.sh ;;
	lib/bounce/log* | lib/bounce/maillog*)
		echo t/unit/bounce/check_maillog
		;;
	lib/bounce/intake.c | lib/bounce/mailbox.c)
		echo t/unit/bounce/check_mailbox t/dsn/many.sh
		;;
	lib/bounce/*)
		echo t/unit/bounce/check_[bfirtw]* t/unit/explain/check_explain \
			t/dsn/bounces.sh
		;;
	lib/history/store_pgsql.c) echo t/unit/history/check_* \
		t/store/store.sh ;;
	lib/report/*) echo t/unit/report/check_* t/report/reports.sh ;;
	lib/auth/spf/engine_spf2.c) echo t/unit/auth/check_spf_engines ;;
	lib/auth/engine_opendkim.c) echo t/unit/auth/check_dkim_engines ;;
	lib/auth/spf/*) echo t/unit/auth/check_check_host \
		t/unit/auth/check_evaluate* t/unit/auth/check_grammar \
		t/unit/auth/check_macro t/unit/auth/check_plan \
		t/unit/auth/check_rounds t/unit/auth/check_trace \
		t/cases/cases.sh ;;
	lib/auth/sig/* | lib/auth/dkim*) echo t/unit/auth/check_arc \
		t/unit/auth/check_canon t/unit/auth/check_dkim \
		t/unit/auth/check_dkim_[kr]* t/unit/auth/check_evaluate* \
		t/unit/auth/check_key t/unit/auth/check_siglimits \
		t/unit/auth/check_squeeze t/unit/auth/check_verify \
		t/cases/cases.sh ;;
	lib/auth/*) echo t/unit/auth/check_arc t/unit/auth/check_dmarc* \
		t/unit/auth/check_evaluate* t/unit/auth/check_iprev \
		t/unit/auth/check_orgdom t/unit/auth/check_report_address \
		t/cases/cases.sh ;;
	lib/policy/*) echo t/unit/policy/check_* t/cases/cases.sh ;;
	lib/*)
		floor=${1#lib/}
		echo "t/unit/${floor%%/*}/check_*"
		;;
	milter/*) echo t/unit/milter/check_* t/cases/cases.sh ;;
	cli/cmd_check.c | cli/facts.c) echo t/unit/cli/check_facts t/check.sh ;;
	cli/cmd_spf.c) echo t/spf.sh ;;
	cli/explain_store.c) echo t/dsn/queue.sh t/store/history.sh ;;
	cli/explain_* | cli/cmd_explain.c)
		echo t/unit/cli/check_explain_wait t/dsn/change.sh \
			t/dsn/many.sh t/dsn/queue.sh t/page/answers.sh \
			t/dsn/bounces.sh
		;;
	cli/*lint*) echo t/lint/text.sh t/page/answers.sh t/lint/lint.sh ;;
	cli/page_received.c | cli/page_answers.c)
		echo t/page/answers.sh t/page/markup.sh t/report/ready.sh
		;;
	cli/*page*) echo t/unit/cli/check_page* t/page/history.sh \
		t/page/markup.sh t/store/history.sh ;;
	cli/history_journal.c) echo t/replay.sh ;;
	cli/*history* | cli/store_*) echo t/store/history.sh t/report/sent.sh ;;
	cli/*report_sent*) echo t/report/sent.sh ;;
	cli/*report* | cli/reverse_names.c)
		echo t/report/reports.sh t/report/ready.sh t/page/answers.sh
		;;
	cli/*replay*) echo t/replay.sh ;;
	cli/cmd_config.c) echo t/config.sh t/options.sh ;;
	cli/cmd_policy.c) echo t/config.sh ;;
	cli/cmd_selftest.c | cli/milter_probe.c | cli/*_conf.c)
		echo t/unit/cli/check_* t/selftest.sh
		;;
	cli/language.c) echo t/po.sh ;;
	cli/*) echo t/unit/cli/check_* t/options.sh t/check.sh t/config.sh \
		t/spf.sh ;;
	*) echo t/lint/lint.sh t/dsn/bounces.sh t/cases/cases.sh ;;
	esac
}

# Test programs by the names of their sources; scripts as they are, in the order
# in which they were named.
expand_tests() {
	for test; do
		for found in $test $test.c; do
			[ -e "$found" ] || continue
			echo "${found%.c}"
		done
	done | awk '!seen[$0]++' | awk '/\.sh$/ { later = later "\n" $0; next }
		!/Makefile/ { print } END { print later }'
}

needed_programs() {
	for test; do
		case $test in
		t/lint/lint.sh) echo mxauth t/lint/run_lint ;;
		t/lint/same.sh) echo mxauth t/lint/run_same ;;
		t/dsn/bounces.sh) echo mxauth t/dsn/run_bounces \
			po/locale/ja/LC_MESSAGES/mxauth.mo ;;
		t/report/reports.sh) echo mxauth t/report/run_reports ;;
		t/cases/cases.sh) echo mxauthd t/cases/run_cases ;;
		t/store/store.sh) echo all t/support/freeport ;;
		t/unit/milter/*) echo mxauthd "$test" ;;
		*.sh) echo all "$(grep -o 't/support/[a-z]*"' "$test" |
			tr -d '"')" ;;
		*) echo "$test" ;;
		esac
	done | tr ' ' '\n' | sort -u
}

# --- a change ---

mkdir "$dir/source" "$dir/original" || exit 99
for file in $files; do
	mkdir -p "$dir/original/$(dirname "$file")"
	cp "$file" "$dir/original/$file"
done
if [ "$(sed -n 's/^srcdir = //p' "$builddir/Makefile")" = .. ]; then
	# a build folder in the source folder comes along with what is built
	tar cf - --exclude=./.git . | tar xf - -C "$dir/source"
	work=$dir/source/$builddir
	sed "s|$PWD/|$dir/source/|g" "$builddir/Makefile" >"$work/Makefile"
else
	work=$dir/build
	mkdir "$work" || exit 99
	tar cf - --exclude=./.git . | tar xf - -C "$dir/source"
	find "$dir/source" -type f -exec touch -r "$dir" {} +
	(cd "$work" && eval "../source/configure -q $(
		"$OLDPWD/$builddir/config.status" --config 2>/dev/null)") \
		>"$dir/log" 2>&1 || {
		tail "$dir/log"
		echo "mutate: the copy cannot be configured" >&2
		exit 99
	}
fi

# True: the tests pass.
run_tests() {
	for test; do
		case $test in
		*.sh) set -- sh "$dir/source/$test" ;;
		*) set -- "$work/$test" ;;
		esac
		(cd "$work" && srcdir=$dir/source builddir=. LANG=C \
			CK_DEFAULT_TIMEOUT=60 timeout 900 "$@") \
			>"$dir/log" 2>&1 </dev/null
		case $? in
		0 | 77) ;;
		*) return 1 ;;
		esac
	done
}

build_programs() {
	make -C "$work" -s -j"$jobs" $(needed_programs "$@") \
		>"$dir/log" 2>&1
}

change_token() {
	awk -v line="$2" -v column="$3" -v len="$4" -v new="$5" '
	NR == line {
		$0 = substr($0, 1, column - 1) new \
			substr($0, column + len)
	}
	{ print }' "$dir/original/$1" >"$dir/source/$1"
}

noticed=0
survived=0
unbuilt=0
done=0
list_places | choose_places >"$dir/places"
[ -s "$dir/places" ] || {
	echo "mutate: there is nothing to change" >&2
	exit 99
}
last=
while read -r file line column len new; do
	[ -n "$last" ] && cp "$dir/original/$last" "$dir/source/$last"
	last=$file
	done=$((done + 1))
	printf '%d of %d\r' "$done" "$count" >&2
	chosen=$(cd "$dir/source" &&
		expand_tests ${tests:-$(floor_tests "$file")})
	if [ -z "$(echo "$sound" | grep -Fx "$(echo $chosen)")" ]; then
		# a test that fails without any change proves nothing
		build_programs $chosen && run_tests $chosen || {
			tail -5 "$dir/log"
			echo "mutate: the tests of $file fail by themselves" >&2
			exit 99
		}
		sound="$sound
$(echo $chosen)"
	fi
	change_token "$file" "$line" "$column" "$len" "$new"
	old=$(sed -n "${line}p" "$dir/original/$file" | cut -c"$column"-$((column + len - 1)))
	what="$file:$line:$column: '$old' as '$new'"
	verdict=survived
	for test in $chosen; do # each is built only when it is needed
		if ! build_programs "$test"; then
			verdict=unbuilt
		elif run_tests "$test"; then
			continue
		else
			verdict=noticed
		fi
		break
	done
	case $verdict in
	noticed) noticed=$((noticed + 1)) ;;
	unbuilt) unbuilt=$((unbuilt + 1)) ;;
	survived)
		survived=$((survived + 1))
		echo "survived: $what"
		sed -n "${line}p" "$dir/original/$file"
		;;
	esac
done <"$dir/places"
echo "$noticed noticed, $survived survived, $unbuilt do not compile" \
	"(seed $seed)"
[ "$survived" = 0 ]
