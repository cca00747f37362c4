#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A Bridge of two processes on one PostgreSQL, killed in turn while files are put and removed through both; then a server
# that goes away, tables of a later version, and a disk that is full.  What was acknowledged is there, quotas count each byte
# once, and whoever asks is told to try again.
#
# usage: bridge-faults.sh FOLDER_OF_THE_TOOLS
source "$(dirname "${BASH_SOURCE[0]}")/network.sh"
source "$(dirname "${BASH_SOURCE[0]}")/bridge_network.sh"
begin_network "$1"
subnet=180
use_database postgresql

# ---- one Bridge of two processes, each at an address of its own that both announce
start_bridge 127.0.180.250:0
mkdir -m 0700 second && cp -p bridge/identity.key second/
declare -A at=([bridge]=$bridge_at) pid_of=()
pid_of[bridge]=$bridge_pid
start_bridge_in second 127.0.180.251:0
at[second]=$bridge_at pid_of[second]=$bridge_pid
announced=(--announce "${at[bridge]}" --announce "${at[second]}" --workers 20)
crash() { { kill -KILL "${pid_of[$1]}"; wait "${pid_of[$1]}"; } 2>/dev/null; }
again() { start_bridge_in "$1" "${at[$1]}" "${announced[@]}" && pid_of[$1]=$bridge_pid; }
for name in bridge second; do crash $name; again $name; done
inxt-bridge descriptor second >bridge.line
[[ $(jq '.addresses | length' bridge.line) == 2 ]] || wrong "not both are announced: $(cat bridge.line)"
start_vouched_hosts 1 3
inxt-bridge grant "$(account_at)" second --quota 1GiB --term 30d >mine || wrong "no grant"
export INXT_BRIDGE=$work/mine INXT_ALLOW_SAME=new
await_hosts 3 mine
head -c 40000 /dev/urandom >file

# Another account, which puts without a name.  All its files are of one size: what one is charged.
inxt-key new --no-passphrase --words-out other.words -o other 2>/dev/null || wrong "no key"
other=$(INXT_KEY_FILE=$work/other account_at)
inxt-bridge grant "$other" bridge --quota 1GiB --term 30d >others || wrong "no grant"
as_other() { INXT_KEY_FILE=$work/other INXT_BRIDGE=$work/others "$@"; }
charged() {
  sql "SELECT coalesce(sum(charged_bytes), 0) FROM charges NATURAL JOIN usage WHERE holder = decode('$other', 'hex')"
}
expect 0 as_other inxt-put -q -m 2 -o m.0 file
one=$(charged)
((one >= 80000)) || wrong "$one bytes are charged for 80,000"

# ---- two machines of one owner put at names, a third by the other account; the processes die in turn, each in the middle
# of requests
put_once() {  # put_once N I
  if [[ $1 == 3 ]]; then as_other inxt-put -q -m 2 -o "m.$2" file; else inxt-put -q -m 2 "file.$1" "inxt:/$1-$2"; fi
}
machine() {  # machine N: its files; what was acknowledged goes into acks, with the number of attempts
  local n=$1 i try status
  export XDG_STATE_HOME=$work/state.$n XDG_CACHE_HOME=$work/cache.$n
  for ((i = 1; i <= files; ++i)); do
    { cat file; echo "$n $i"; } >"file.$n"
    for ((try = 1; try <= 20; ++try)); do
      status=0
      put_once "$n" "$i" 2>"err.$n" || status=$?
      [[ $status == 5 ]] || break
      sleep 0.1
    done
    [[ $status == 0 ]] || { echo "machine $n, file $i: status $status: $(cat "err.$n")" >>wrongs; return; }
    echo "$n $i $try" >>acks
  done
}
files=8 machines=3
: >acks
working=()
for ((n = 1; n <= machines; ++n)); do machine $n & working+=($!); done
kills=0
acknowledged() { wc -l <acks; }
while (($(acknowledged) < files * machines - 6)) && [[ ! -e wrongs ]] && ((kills < 200)); do
  for name in bridge second; do
    before=$(acknowledged)
    for ((i = 0; i < 600; ++i)); do
      [[ $(acknowledged) == "$before" && ! -e wrongs ]] || break
      sleep 0.02
    done
    sleep 0.0$((RANDOM % 10))  # within the requests of another file
    crash $name
    again $name
    ((++kills))
  done
done
wait "${working[@]}"
[[ ! -e wrongs ]] || wrong "$(cat wrongs)"
[[ $(acknowledged) == $((files * machines)) ]] || wrong "$(acknowledged) files were acknowledged"
((kills >= 4)) || wrong "only $kills kills"
tries_of() { awk -v machines="$1" 'index(machines, $1) { sum += $3 } END { print sum }' acks; }
echo "$(acknowledged) files in $(tries_of 123) attempts, $kills kills"

# Nothing that was acknowledged is lost: at either process all names are there, and each leads to its bytes.
for name in second bridge; do
  crash $name  # so that the other one answers
  expect 0 inxt-ls inxt:/
  [[ $(grep -c . out) == $((files * 2)) ]] || wrong "$(grep -c . out) names without $name"
  again $name
done
while read -r n i _; do
  if [[ $n == 3 ]]; then
    expect 0 as_other inxt-get -q -o back "m.$i"
    same file back "file $i of the other account"
  else
    expect 0 inxt-get -q -o back "inxt:/$n-$i"
    { cat file; echo "$n $i"; } | cmp -s - back || wrong "file $n-$i"
  fi
done <acks

# No byte is counted twice: each sum is that of its rows, and a file that took one attempt is charged once.
sums_agree() {
  sql "SELECT 'quota: ' || encode(u.path, 'hex') || ' ' || u.used_bytes || ' instead of ' || parts FROM (
    SELECT path, used_bytes,
      coalesce((SELECT sum(charged_bytes) FROM charges c WHERE c.path = usage.path), 0) +
      coalesce((SELECT sum(reserved_bytes) FROM placement_hosts p WHERE p.path = usage.path), 0) +
      coalesce((SELECT sum(bytes + 256) FROM records r WHERE r.path = usage.path), 0) +
      coalesce((SELECT sum(octet_length(e.line) + 256) FROM log_entries e JOIN logs l ON l.key = e.log
                WHERE l.owner = usage.holder), 0) AS parts FROM usage) AS u
    WHERE used_bytes <> parts
    UNION ALL
    SELECT 'room: ' || encode(h.host, 'hex') || ' ' || charged_bytes || ' ' || reserved_bytes FROM host_room h
    WHERE charged_bytes <> coalesce((SELECT sum(charged_bytes) FROM charges c WHERE c.host = h.host), 0)
      OR reserved_bytes <> coalesce((SELECT sum(reserved_bytes + vouched_bytes) FROM placement_hosts p WHERE p.host = h.host), 0)
    UNION ALL
    SELECT 'placements: ' || placements FROM usage u
    WHERE placements <> (SELECT count(*) FROM placements p WHERE p.path = u.path)" >sums || wrong "sql"
  [[ ! -s sums ]] || wrong "sums: $(cat sums)"
}
sums_agree
[[ $(sql 'SELECT count(*) FROM usage') == 2 ]] || wrong "not two paths"
all=$(charged) tries=$(tries_of 3)
((all >= one * (files + 1) && all <= one * (tries + 1))) ||
  wrong "$all bytes are charged for $files files in $tries attempts, each of $one"

# ---- the server goes away: status 5, and the daemon waits for it
stop_postgresql
inxt-put -q -m 2 file inxt:/with >/dev/null 2>put.err &  # who asks meanwhile waits for a while
putting=$!
mkdir -m 0700 third && cp -p bridge/identity.key third/
timeout 60 inxt-bridge --data third --listen 127.0.180.252:0 --database "$bridge_database" 2>third.err &
starting=$!
expect 5 inxt-bridge accounts second
has err "database"
wait "$starting"
status=$?
[[ $status == 5 ]] || wrong "status $status of a start without the server: $(cat third.err)"
[[ $(curl -s --max-time 60 --unix-socket second/control http://localhost/status.json | jq .database.answers) == false ]] ||
  wrong "its status says that the database answers"
for name in bridge second; do kill -0 "${pid_of[$name]}" || wrong "$name has ended"; done
start_postgresql
status=0
wait "$putting" || status=$?
[[ $status == 0 || $status == 5 ]] || wrong "status $status of a put while the server was away: $(cat put.err)"
await_hosts 3 mine
((status == 0)) || expect 0 inxt-put -q -m 2 file inxt:/with
expect 0 inxt-get -q -o back inxt:/with
same file back "after the server came back"
sums_agree

# ---- tables of a later version: status 6, and nothing is changed
printf '{"data": "third", "database": "%s"}' "$bridge_database" >third.json
expect 0 inxt-bridge check --quick --config third.json
[[ $(jq -r .database out) == PostgreSQL && $(jq .version out) -gt 0 ]] || wrong "check: $(cat out)"
sql "INSERT INTO inxt_schema SELECT 9999, 'later', statements, applied_unix_s FROM inxt_schema LIMIT 1" || wrong "sql"
expect 6 timeout 60 inxt-bridge --data third --listen 127.0.180.252:0 --database "$bridge_database"
has err 9999
expect 6 inxt-bridge check --quick --config third.json
has err 9999
for name in bridge second; do crash $name; done

# ---- a disk that is full, which only this Bridge sees
if ! unshare --mount true 2>/dev/null; then
  echo "no mount namespaces here: the full disk was not tried"
  finish
fi
bridge_database=
mkdir full
unshare --mount bash -c 'mount -t tmpfs -o size=4m,mode=0700 none full && touch full/.mounted && exec sleep 1000' >/dev/null 2>&1 &
disk=$!
started+=($disk)
seen=/proc/$disk/root$work/full
for ((i = 0; i < 200; ++i)); do [[ ! -e $seen/.mounted ]] || break; sleep 0.05; done
rm "$seen/.mounted" || wrong "no disk"
bridge_within=(nsenter --target "$disk" --mount bash -c 'cd "$0" && exec "$@"' "$work")
start_bridge_in full 127.0.180.253:0
use_key third.key
inxt-bridge grant "$(account_at)" "$seen" --quota 1GiB --term 30d >theirs || wrong "no grant"
export INXT_BRIDGE=$work/theirs
expect 0 inxt-mkdir inxt:/0
head -c 8000000 /dev/zero >"$seen/ballast" 2>/dev/null
made=0 status=0
for ((i = 1; i <= 300 && status == 0; ++i)); do
  inxt-mkdir "inxt:/$i" 2>err || status=$?
  ((status)) || made=$i
done
[[ $status == 5 ]] || wrong "status $status for a full disk: $(cat err)"
has err "full"
expect 5 inxt-bridge grant "$(account_at)" "$seen" --quota 1GiB --term 30d
has err "full"
has err "make room"
kill_bridge
expect 7 timeout 60 "${bridge_within[@]}" inxt-bridge --data full --listen 127.0.180.253:0
rm "$seen/ballast"
start_bridge_in full "$bridge_at"
expect 0 inxt-ls inxt:/
[[ $(grep -c . out) == $((made + 1)) ]] || wrong "$(grep -c . out) folders instead of $((made + 1))"
expect 0 inxt-mkdir inxt:/more
finish
