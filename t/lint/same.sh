#!/bin/sh
# lint and explain propose the same SPF or DMARC record for the same input: the
# list of broken records, and every record of the lint and bounce tables.
exec "$builddir/t/lint/run_same" "$builddir/mxauth" "$srcdir/t/lint/broken" \
	"$srcdir"/t/lint/*.case "$srcdir/t/dsn/zone"
