#!/bin/sh
# Every bounce of t/dsn through `mxauth explain`.
exec "$builddir/t/dsn/run_bounces" "$builddir/mxauth" "$srcdir/t/dsn/zone" \
	"$srcdir"/t/dsn/*.cases
