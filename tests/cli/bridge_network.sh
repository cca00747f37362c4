# SPDX-License-Identifier: AGPL-3.0-or-later
# A Bridge and Hosts that report to it, on loopback addresses of their own: sourced, after network.sh.

postgresql=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../support/postgresql")
bridge_within=()  # the command that a Bridge is run by, if any
unset INXT_DATA INXT_DATABASE INXT_LISTEN INXT_ANNOUNCE INXT_LOCAL INXT_BRIDGE STATE_DIRECTORY

# start_bridge ADDRESS [ARGUMENT...]: on this address, its folder is ./bridge; sets bridge_pid and bridge_id, and writes
# bridge.line (its descriptor) and bridge.accept (a Host's list that names it).  No Host is new to it.
start_bridge() {
  start_bridge_in bridge "$@"
  inxt-bridge descriptor bridge >bridge.line
  echo "bridge $bridge_id" >bridge.accept
}
# start_bridge_in FOLDER ADDRESS [ARGUMENT...]: one process of a Bridge; sets bridge_pid, bridge_at and bridge_id.
start_bridge_in() {
  local folder=$1 address=$2 i
  shift 2
  mkdir -p "$folder"
  rm -f "$folder/descriptor.jsonl"
  : >"log.$folder"
  "${bridge_within[@]}" inxt-bridge --data "$folder" --listen "$address" --allow-private-addresses --heartbeat 5s --probe-interval 1s \
    --new-audits 0 ${bridge_database:+--database "$bridge_database"} "$@" 2>"log.$folder" &
  bridge_pid=$!
  started+=("$bridge_pid")
  for ((i = 0; i < 600; ++i)); do
    if grep -q event=ready "log.$folder"; then
      bridge_at=$(sed -n 's/.*listening on \([0-9.:]*\).*/\1/p' "log.$folder")
      bridge_id=$(sed -n 's/.* as \([0-9a-f]*\)$/\1/p' "log.$folder")
      return
    fi
    kill -0 "$bridge_pid" 2>/dev/null || break
    sleep 0.05
  done
  echo "the Bridge did not start:"; cat "log.$folder"; exit 1
}

# use_database sqlite|postgresql: what Bridges keep their tables in that start from now on; without it, or with sqlite, a
# file in their folder.  The test is skipped where there is no PostgreSQL.
use_database() {
  bridge_database=
  [[ ${1-} == postgresql ]] || return 0
  "$postgresql" available || exit 77
  chmod 755 "$work"  # the server runs as another user
  mkdir cluster
  "$postgresql" init "$work/cluster" || exit 1
  start_postgresql
  bridge_database=$("$postgresql" address "$work/cluster")
}
start_postgresql() {
  "$postgresql" serve "$work/cluster" >/dev/null 2>&1 </dev/null &
  server_pid=$!
  "$postgresql" wait "$work/cluster" || exit 1
}
stop_postgresql() { { kill -QUIT "$server_pid"; wait "$server_pid"; } 2>/dev/null; server_pid=; }
sql() { "$postgresql" sql "$work/cluster" "$1"; }  # prints what it finds, columns divided by |

kill_bridge() { { kill -KILL "$bridge_pid"; wait "$bridge_pid"; } 2>/dev/null; }

# start_vouched_hosts FIRST LAST [ARGUMENT...]: Hosts that take whom the Bridge vouches for, each in a /24 of its own.
start_vouched_hosts() {
  local first=$1 last=$2 n
  shift 2
  for ((n = first; n <= last; ++n)); do
    host_at[$n]=127.0.$((subnet + n)).1:0
    launch_host "$n" --accept bridge.accept --bridge bridge.line "$@"
  done
  for ((n = first; n <= last; ++n)); do await_host "$n"; done
}

# await_hosts COUNT BRIDGE_FILE: until the Bridge knows and has reached so many.
await_hosts() {
  local i
  for ((i = 0; i < 600; ++i)); do
    [[ $(inxt-hosts --bridge "$2" 2>/dev/null | wc -l) -ge $1 ]] && return
    sleep 0.1
  done
  echo "the Bridge never reached $1 Hosts:"; tail -20 log.bridge; exit 1
}

# use_key NAME: from now on tools use the key file NAME, made where there is none.
use_key() {
  [[ -e $1 ]] || inxt-key new --no-passphrase --words-out "$1.words" -o "$1" 2>/dev/null || { echo "no key $1"; exit 1; }
  export INXT_KEY_FILE=$work/$1
}
# Those of accounts; the Bridge has pieces of its own there, to measure the Hosts with.
pieces_of_accounts() { find store.*/pieces -type f ! -name "*-${bridge_id:0:16}*" | wc -l; }
account_at() { inxt-key show --for-host "$bridge_id"; }
used_at_bridge() { inxt-bridge accounts bridge | jq -s --arg holder "$1" 'map(select(.holder == $holder))[0].used_bytes'; }
