#!/bin/sh
# Every whole-message scenario.
exec "$builddir/t/cases/run_cases" "$srcdir"/t/cases/*.case
