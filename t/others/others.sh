#!/bin/sh
# others.sh N - N generated cases for each method through the implementations of
# others that are installed (Debian's python3-spf, python3-dkim, libmail-spf-perl,
# libmail-dkim-perl), compared with ours.  Status 1: a difference that no list
# explains.
n=${1:-10000}
seed=${OTHERS_SEED:-1}
python=${PYTHON:-/usr/bin/python3}
dir=$(cd "${srcdir:-.}" && pwd)/t/others
status=0
any=0

# has SCRIPT MODULE
has() {
	case $1 in
	*.py) "$python" -c "import $2" 2>/dev/null ;;
	*.pl) perl "-M$2" -e 1 2>/dev/null ;;
	esac
}

# run SCRIPT: reads the cases
run() {
	case $1 in
	*.py) "$python" "$dir/$1" ;;
	*.pl) perl "$dir/$1" ;;
	esac
}

# compare METHOD SCRIPT MODULE
compare() {
	if ! has "$2" "$3"; then
		echo "$3 is not installed: skipped"
		return 0
	fi
	echo "$3, $n cases of $1:"
	any=1
	"$builddir/t/others/dump" "$1" "$n" "$seed" >"$builddir/$1.cases" &&
		run "$2" <"$builddir/$1.cases" || status=1
	rm -f "$builddir/$1.cases"
}

compare spf run_pyspf.py spf
compare spf run_mailspf.pl Mail::SPF
compare dkim run_dkimpy.py dkim
compare dkim run_maildkim.pl Mail::DKIM
[ "$any" = 1 ] || exit 77
exit "$status"
