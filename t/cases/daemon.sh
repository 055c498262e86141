#!/bin/sh
# Every whole-message scenario through a real mxauthd.
exec "$builddir/t/cases/run_daemon" "$srcdir"/t/cases/*.case
