# SPDX-License-Identifier: AGPL-3.0-or-later
# One Bridge of three processes on one database; sourced by tests that kill them.  Before it: set -euo pipefail, `bridge` (the
# program), `kind` (sqlite or postgresql) and `bridge_options` (an array).  After it: three processes a, b and c, in folders
# of these names; `addresses` of all, `address` of the last, `id`, `port` (by name), `pids` (by name), `work`, `database`.
postgresql=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../support/postgresql")
[[ $kind == sqlite ]] || "$postgresql" available
work=$(mktemp -d)
chmod 755 "$work"  # the server runs as another user
server=
declare -A pids=()
end() {
  for name in "${!pids[@]}"; do kill -KILL "${pids[$name]}" 2>/dev/null || true; done
  [[ -z $server ]] || { kill -QUIT "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT
cd "$work"
unset INXT_DATA INXT_DATABASE INXT_LISTEN INXT_ANNOUNCE INXT_LOCAL NOTIFY_SOCKET STATE_DIRECTORY CREDENTIALS_DIRECTORY
export XDG_CONFIG_HOME=$work/no-config

fail() {
  echo "FAIL: $*" >&2
  tail -n 5 log.* >&2 2>/dev/null || true
  exit 1
}
# Addresses of this test's own, so that a process that starts again finds its port free.
host=127.$((RANDOM % 200 + 20)).$((RANDOM % 250 + 1)).1

start() {  # start NAME PORT: port 0 for any; sets address, id
  : >"log.$1"
  "$bridge" --data "$1" --listen "$host:$2" --announce 192.0.2.1:4243 --workers 4 --database "$database" "${bridge_options[@]}" \
    >/dev/null 2>"log.$1" &
  pids[$1]=$!
  for _ in $(seq 600); do
    if grep -q 'event=ready' "log.$1" 2>/dev/null; then
      address=$(jq -r '.listening[0]' "$1/run.json")
      id=$(jq -r .bridge "$1/run.json")
      return
    fi
    kill -0 "${pids[$1]}" 2>/dev/null || fail "$1 did not start"
    sleep 0.05
  done
  fail "$1 did not start in 30 s"
}

database=sqlite:$work/shared.sqlite
if [[ $kind == postgresql ]]; then
  mkdir cluster
  "$postgresql" init "$work/cluster"
  "$postgresql" serve "$work/cluster" >/dev/null 2>&1 </dev/null &
  server=$!
  "$postgresql" wait "$work/cluster"
  database=$("$postgresql" address "$work/cluster")
fi

start a 0
addresses=$address
declare -A port=([a]=${address##*:})
for name in b c; do
  mkdir -m 0700 "$name"
  cp -p a/identity.key "$name/"
  start "$name" 0
  addresses+=,$address
  port[$name]=${address##*:}
done
