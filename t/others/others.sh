#!/bin/sh
# others.sh N - N generated cases for each method through the implementations of
# others that are installed (Debian's python3-spf, python3-dkim), compared with
# ours.  Status 1: a difference that no list explains.
n=${1:-10000}
seed=${OTHERS_SEED:-1}
python=${PYTHON:-/usr/bin/python3}
dir=$(cd "${srcdir:-.}" && pwd)/t/others
status=0
any=0

# has MODULE
has() {
	"$python" -c "import $1" 2>/dev/null
}

# compare MODULE METHOD SCRIPT
compare() {
	if ! has "$1"; then
		echo "$1 is not installed: skipped"
		return 0
	fi
	echo "$1, $n cases of $2:"
	any=1
	"$builddir/t/others/dump" "$2" "$n" "$seed" >"$builddir/$2.cases" &&
		"$python" "$dir/$3" <"$builddir/$2.cases" || status=1
	rm -f "$builddir/$2.cases"
}

compare spf spf run_pyspf.py
compare dkim dkim run_dkimpy.py
[ "$any" = 1 ] || exit 77
exit "$status"
