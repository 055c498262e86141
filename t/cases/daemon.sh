#!/bin/sh
# The scenarios about From through a real mxauthd.
exec "$builddir/t/cases/run_daemon" "$srcdir"/t/cases/from-*.case
