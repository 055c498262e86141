#!/bin/sh
# Every zone of the lint.
exec "$builddir/t/lint/run_lint" "$srcdir"/t/lint/*.case
