#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# with-postgresql.sh TEST_DATABASE: its tests over PostgreSQL, or exit status 77 where Debian's server is not installed.
set -euo pipefail
"$(dirname "${BASH_SOURCE[0]}")/../support/postgresql" available
export INXT_TEST_POSTGRESQL=1
LSAN_OPTIONS=suppressions=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/lsan.supp${LSAN_OPTIONS:+:$LSAN_OPTIONS}
export LSAN_OPTIONS
counted=$("$1" --test-case='postgresql: *' --count)
[[ $counted =~ filters:\ [1-9] ]] || {
  echo "with-postgresql: $1 has no such tests" >&2
  exit 1
}
exec "$1" --test-case='postgresql: *'
