# SPDX-License-Identifier: AGPL-3.0-or-later
# A network of real Hosts on loopback addresses of their own, for tests of the tools: sourced, not run.
# After `begin_network FOLDER_OF_THE_TOOLS` the working folder is a fresh one; all that was started ends with the shell.
set -u

begin_network() {
  PATH=$(realpath "$1"):$PATH
  hostile=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../support/hostile_host.py")
  work=$(mktemp -d)
  cd "$work" || exit 1
  trap end_network EXIT
  trap 'exit 130' INT TERM
  export XDG_CONFIG_HOME=$work/config XDG_CACHE_HOME=$work/cache XDG_STATE_HOME=$work/state
  unset INXT_KEY_FILE CREDENTIALS_DIRECTORY INXT_HOSTS INXT_JOBS NOTIFY_SOCKET
  failed=0
  declare -gA host_pid=() host_id=() host_at=()
  started=()
  inxt-key new --no-passphrase --words-out words 2>/dev/null || { echo "no key"; exit 1; }
}

end_network() {
  local pid
  for pid in "${host_pid[@]}" "${started[@]}"; do kill -KILL "$pid" 2>/dev/null; done
  [[ -z ${server_pid-} ]] || kill -QUIT "$server_pid" 2>/dev/null  # PostgreSQL's, which has shared memory to give back
  wait 2>/dev/null
  cd / && rm -rf "$work"
}

wrong() { echo "FAILED (line ${BASH_LINENO[*]}): $*"; failed=1; }
expect() {  # expect STATUS COMMAND...: its outputs are in `out` and `err`
  local wanted=$1 status=0
  shift
  "$@" >out 2>err || status=$?
  [[ $status == "$wanted" ]] || { wrong "status $status, not $wanted: $*"; cat err; }
}
has() { grep -qF -- "$2" "$1" || { wrong "no \"$2\" in $1:"; cat "$1"; }; }
lacks() { ! grep -qF -- "$2" "$1" || { wrong "\"$2\" is in $1:"; cat "$1"; }; }
same() { cmp -s "$1" "$2" || wrong "$1 and $2 differ: $3"; }
none() { [[ ! -e $1 ]] || wrong "$1 is there: $2"; }

# start_host N [ARGUMENT...]: Host N on 127.0.1.N, its store in store.N; ready when it returns.
start_host() {
  local n=$1
  shift
  launch_host "$n" "$@"
  await_host "$n"
}
launch_host() {
  local n=$1
  shift
  : >"log.$n"
  rm -f "store.$n/descriptor.jsonl"
  inxt-host --store "store.$n" --capacity 1GiB --accept any --listen "${host_at[$n]:-127.0.1.$n:0}" "$@" 2>"log.$n" &
  host_pid[$n]=$!
}
await_host() {
  local n=$1 i
  for ((i = 0; i < 400; ++i)); do
    if grep -q 'listening on' "log.$n"; then
      host_at[$n]=$(sed -n 's/.*listening on \([0-9.:]*\).*/\1/p' "log.$n")
      host_id[$n]=$(sed -n 's/.* as \([0-9a-f]*\)$/\1/p' "log.$n")
      return
    fi
    kill -0 "${host_pid[$n]}" 2>/dev/null || break
    sleep 0.05
  done
  echo "Host $n did not start:"; cat "log.$n"; exit 1
}
start_hosts() {  # start_hosts FIRST LAST [ARGUMENT...]: side by side
  local first=$1 last=$2 n
  shift 2
  for ((n = first; n <= last; ++n)); do launch_host "$n" "$@"; done
  for ((n = first; n <= last; ++n)); do await_host "$n"; done
}
kill_host() { kill -KILL "${host_pid[$1]}"; wait "${host_pid[$1]}" 2>/dev/null; unset "host_pid[$1]"; }
hosts_file() {  # hosts_file N...: their descriptors
  local n
  for n in "$@"; do cat "store.$n/descriptor.jsonl"; done
}
pieces_on_disk() { find store.*/pieces -type f | wc -l; }
file_of_piece() { find "store.$1/pieces" -name "$2-*"; }  # file_of_piece HOST PIECE_ID
flip_byte() {  # flip_byte FILE OFFSET
  local byte
  byte=$(od -An -tu1 -j "$2" -N 1 "$1")
  printf '%b' "\\x$(printf %x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# start_hostile NAME ARGUMENT...: its hosts line is in NAME.
start_hostile() {
  local name=$1 i
  shift
  "$hostile" "$@" >"$name" &
  started+=($!)
  for ((i = 0; i < 400; ++i)); do
    [[ ! -s $name ]] || return 0
    sleep 0.05
  done
  echo "the hostile Host did not start"; exit 1
}
# A manifest whose places at Host N lead to the Host of a hosts line instead (places are not signed).
moved_to() {  # moved_to HOSTS_LINE MANIFEST N
  local id at
  id=$(jq -r .host "$1") at=$(jq -r '.addresses[0]' "$1")
  sed -e "s/${host_id[$3]}/$id/" -e "/\"type\":\"place\"/s/\"${host_at[$3]}\"/\"$at\"/" "$2"
}

finish() {
  [[ $failed == 0 ]] && echo passed
  exit "$failed"
}
