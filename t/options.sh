#!/bin/sh
# options.sh - option tables, --help, mxauth(1) and the completions tell of the
# same commands and options; so do mxauthd -h and mxauthd(8).
top=$(cd "${srcdir:-.}" && pwd)
build=$(cd "${builddir:-.}" && pwd)
mxauth=$build/mxauth
manual=$top/cli/mxauth.1
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-options.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

# same WHAT FILE FILE: equal lists
same() {
	if diff "$2" "$3" >"$tmp/diff"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $1"
		cat "$tmp/diff"
	fi
}

# within WHAT FILE FILE: no line of the first is missing in the second
within() {
	comm -23 "$2" "$3" >"$tmp/missing"
	if [ ! -s "$tmp/missing" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $1: $(tr '\n' ' ' <"$tmp/missing")"
	fi
}

# long options in a text, without the dashes
options_of() {
	grep -oE -- '--[a-z][a-z-]*' | cut -c 3- | sort -u
}

# below COMMAND: the commands below it that its usage names ("mxauth report
# preview|send"), one a line
below() {
	"$mxauth" "$1" --help | sed -n "s/.*mxauth $1 \([a-z|]*\) .*/\1/p" |
		tr '|' '\n' | sort -u
}

# help_of COMMAND: its --help, and that of each command below it
help_of() {
	{
		echo
		below "$1"
	} | while read -r below; do
		"$mxauth" "$1" $below --help || echo "status $?"
	done
}

# taken_of COMMAND: which of the options on standard input it takes, or a command
# below it; the option behind each keeps it from doing anything
taken_of() {
	{
		echo
		below "$1"
	} >"$tmp/commands-below"
	while read -r option; do
		while read -r below; do
			if ! "$mxauth" "$1" $below "--$option=x" --bogus 2>&1 |
				grep -q "unrecognized option '--$option=x'"
			then
				echo "$option"
				break
			fi
		done <"$tmp/commands-below"
	done
}

# manual_options PATTERN [PAGE]: those of the part of mxauth(1) whose heading
# matches, and of a page of its own
manual_options() {
	{
		awk -v want="$1" '
			/^\.S[sh] / { on = $0 ~ want }
			on' "$manual"
		[ ! -f "${2:-}" ] || cat "$2"
	} | grep -oE 'Fl -[a-z][a-z-]*' | cut -c 5- | sort -u
}

# zsh_completes WORD...: what zsh would offer for the last, without its own
# functions, which only work at a terminal
zsh_completes() {
	zsh -f -c '
		_call_program() { shift; eval "$@" }
		compadd() { print -l -- ${(P)2} }
		_describe() { print -l -- ${${(P)2}%%:*} }
		_files() { }
		file=$1
		shift
		words=("$@") CURRENT=$#
		set --
		source $file' zsh "$top/contrib/completion/_mxauth" "$@"
}

"$mxauth" --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' | sort >"$tmp/commands"
sed -n 's/^\.Ss mxauth \([a-z]*\).*/\1/p' "$manual" | sort -u >"$tmp/sections"
same "mxauth(1) has the commands of mxauth --help" "$tmp/commands" \
	"$tmp/sections"

# what mxauth says without a command that it has
# said STATUS STREAM LINE ARGUMENT...: the first line on out or err
said() {
	want="status $1 $3"
	stream=$2
	shift 3
	"$mxauth" "$@" >"$tmp/out" 2>"$tmp/err"
	echo "status $? $(head -n 1 "$tmp/$stream")" >"$tmp/got"
	echo "$want" >"$tmp/want"
	same "mxauth $*" "$tmp/want" "$tmp/got"
}
usage='usage: mxauth COMMAND [OPTION]...'
said 64 err "$usage"
said 64 err "mxauth: unknown command 'chec'" chec
said 64 err "mxauth: unknown command '--bogus'" --bogus
for word in help --help -h; do
	said 0 out "$usage" $word
done
version=$("$build/mxauthd" -V | sed 's/^mxauthd/mxauth/;1q')
for word in --version -V; do
	said 0 out "$version" $word
done
said 64 err "mxauth spf: unrecognized option '--bogus'" spf --bogus
said 0 out 'usage: mxauth spf [OPTION]... ADDRESS|DOMAIN' spf --help

# options that every command takes, and the tables of single ones
manual_options '^.Sh DESCRIPTION' >"$tmp/common"
printf '%s\n' config dns help json lang zone >"$tmp/want"
same "mxauth(1) has the common options" "$tmp/want" "$tmp/common"

while read -r command; do
	help_of "$command" >"$tmp/help" 2>&1
	options_of <"$tmp/help" >"$tmp/in-help"
	manual_options "^.Ss mxauth $command( |\$)" \
		"$top/cli/mxauth-$command.1" >"$tmp/in-manual"
	sort -u "$tmp/in-manual" "$tmp/common" >"$tmp/told"
	sort -u "$tmp/in-help" "$tmp/common" >"$tmp/helped"
	# an option that --help forgets ends it (cli/common.c)
	grep '^status ' "$tmp/help" >"$tmp/ended"
	same "$command: --help" /dev/null "$tmp/ended"
	taken_of "$command" <"$tmp/in-help" >"$tmp/taken"
	within "$command: options of --help that do not exist" "$tmp/in-help" \
		"$tmp/taken"
	within "$command: options that mxauth(1) forgets" "$tmp/in-help" \
		"$tmp/told"
	within "$command: options of mxauth(1) that do not exist" \
		"$tmp/in-manual" "$tmp/helped"
	"$mxauth" "$command" --help | options_of >"$tmp/in-help"
	if command -v bash >/dev/null; then
		bash -c '. "$1"
			COMP_WORDS=("$2" "$3" --) COMP_CWORD=2
			_mxauth
			printf "%s\n" "${COMPREPLY[@]}"' sh \
			"$top/contrib/completion/mxauth.bash" "$mxauth" \
			"$command" | cut -c 3- | sort -u >"$tmp/completed"
		same "$command: completion of bash" "$tmp/in-help" \
			"$tmp/completed"
	fi
	if command -v fish >/dev/null; then
		PATH=$build:$PATH fish -N -c "
			source $top/contrib/completion/mxauth.fish
			complete -C'mxauth $command --'" |
			sed 's/[[:space:]].*//' | cut -c 3- | sort -u \
			>"$tmp/completed"
		same "$command: completion of fish" "$tmp/in-help" \
			"$tmp/completed"
	fi
	if command -v zsh >/dev/null; then
		zsh_completes "$mxauth" "$command" -- | cut -c 3- | sort -u \
			>"$tmp/completed"
		same "$command: completion of zsh" "$tmp/in-help" \
			"$tmp/completed"
	fi
done <"$tmp/commands"

if command -v bash >/dev/null; then
	bash -c '. "$1"
		COMP_WORDS=("$2" "") COMP_CWORD=1
		_mxauth
		printf "%s\n" "${COMPREPLY[@]}"' sh \
		"$top/contrib/completion/mxauth.bash" "$mxauth" | sort \
		>"$tmp/completed"
	same "completion of bash has the commands" "$tmp/commands" \
		"$tmp/completed"
fi

# commands below a command; in a folder without files to offer
mkdir "$tmp/empty"
for command in report history; do
	below "$command" >"$tmp/below"
	if command -v bash >/dev/null; then
		(cd "$tmp/empty" && bash -c '. "$1"
			COMP_WORDS=("$2" "$3" "") COMP_CWORD=2
			_mxauth
			printf "%s\n" "${COMPREPLY[@]}"' sh \
			"$top/contrib/completion/mxauth.bash" "$mxauth" \
			"$command") | sort -u >"$tmp/completed"
		same "$command: bash completes the commands below it" \
			"$tmp/below" "$tmp/completed"
	fi
	if command -v fish >/dev/null; then
		(cd "$tmp/empty" && PATH=$build:$PATH fish -N -c "
			source $top/contrib/completion/mxauth.fish
			complete -C'mxauth $command '") |
			sed 's/[[:space:]].*//' | grep -v '^--' | sort -u \
			>"$tmp/completed"
		same "$command: fish completes the commands below it" \
			"$tmp/below" "$tmp/completed"
	fi
	if command -v zsh >/dev/null; then
		zsh_completes "$mxauth" "$command" "" | sort -u \
			>"$tmp/completed"
		same "$command: zsh completes the commands below it" \
			"$tmp/below" "$tmp/completed"
	fi
done
if command -v zsh >/dev/null; then
	zsh -n "$top/contrib/completion/_mxauth" >"$tmp/zsh" 2>&1
	same "zsh can read its completion" /dev/null "$tmp/zsh"
fi

# --- the daemon

"$build/mxauthd" -h | sed -n 's/^  -\([a-zA-Z]\) .*/\1/p' | sort >"$tmp/in-help"
sed -n 's/^\.It Fl \([a-zA-Z]\)\( .*\)*$/\1/p' "$top/milter/mxauthd.8" | sort \
	>"$tmp/in-manual"
same "mxauthd(8) has the options of mxauthd -h" "$tmp/in-help" \
	"$tmp/in-manual"

# --- the manuals

if command -v mandoc >/dev/null; then
	for page in "$top"/cli/*.[17] "$top/milter/mxauthd.8" "$top"/etc/*.5; do
		mandoc -Tlint -W warning "$page" 2>&1 |
			grep -vE 'referenced manual not found|outdated mandoc.db|new sentence, new line' \
			>"$tmp/lint"
		same "$(basename "$page") is clean" /dev/null "$tmp/lint"
		grep -c '^\.Dd ' "$page" >"$tmp/mdoc"
		echo 1 >"$tmp/want"
		same "$(basename "$page") is mdoc" "$tmp/want" "$tmp/mdoc"
	done
fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
