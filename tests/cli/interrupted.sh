#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# inxt-put, inxt-get and inxt-rm that are stopped, killed, or find their inputs and outputs broken: no half files, no
# pieces that nobody knows of.
# usage: interrupted.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
begin_network "$1"
start_hosts 1 4
hosts_file 1 2 3 4 >hosts
export INXT_HOSTS=$work/hosts
unfinished=$XDG_STATE_HOME/inxt/unfinished
head -c 3000000 /dev/urandom >plain
inxt-put -q -e 2+1 plain >m || wrong "put"

wait_until() {  # wait_until COMMAND...: 20 s
  local i
  for ((i = 0; i < 400; ++i)); do
    "$@" && return 0
    sleep 0.05
  done
  wrong "waited in vain: $*"
}
ends_with() {  # ends_with STATUS PID: within 10 s
  local i status=0
  for ((i = 0; i < 200; ++i)); do
    kill -0 "$2" 2>/dev/null || break
    sleep 0.05
  done
  kill -0 "$2" 2>/dev/null && { wrong "it did not end"; kill -KILL "$2"; }
  wait "$2" 2>/dev/null || status=$?
  [[ $status == "$1" ]] || wrong "status $status, not $1"
}
journals() { ls "$unfinished" 2>/dev/null | wc -l; }

# ---- signals while it waits for its input
mkfifo pipe
for signal in INT TERM HUP; do
  number=$(kill -l $signal)
  for command in "inxt-put -e 2+1 -" "inxt-put" "inxt-get" "inxt-rm" "inxt-put -e 2+1 --hosts - plain"; do
    exec 7<>pipe
    # shellcheck disable=SC2086
    (trap - INT; exec env --default-signal=INT,TERM,HUP $command) <pipe >out 2>err &
    pid=$!
    sleep 0.4
    kill -s $signal $pid
    ends_with $((128 + number)) $pid
    exec 7>&-
    [[ $signal == INT ]] || break  # one command does for the others
  done
done

# ---- an upload that is stopped in its midst: its journal names what is stored, and inxt-rm removes all of it
start_put() {  # start_put: 20 MB arrive, and then no more; sets pid
  exec 7<>pipe
  env --default-signal=INT,TERM inxt-put -e 2+1 - <pipe >part 2>err 7>&- &
  pid=$!
  (head -c 20000000 /dev/urandom >&7) &
  wait_until eval '[[ $(pieces_on_disk) -ge $((before + 9)) ]]'
}
before=$(pieces_on_disk)
for signal in INT KILL; do
  start_put
  kill -s $signal $pid
  ends_with $((128 + $(kill -l $signal))) $pid
  exec 7>&-
  [[ $(journals) == 1 ]] || wrong "$(journals) journals after SIG$signal"
  [[ $signal == KILL ]] || has err "$unfinished/"
  lacks part '"type":"seal"'
  expect 8 inxt-get part
  expect 0 inxt-rm "$unfinished"/*
  [[ $(pieces_on_disk) == "$before" ]] || wrong "$(pieces_on_disk) pieces after SIG$signal, not $before"
  rm -f "$unfinished"/*
done
# The reader of the manifest goes away.
start_put >/dev/null
kill -s TERM $pid
ends_with 143 $pid
exec 7>&-
expect 0 inxt-rm "$unfinished"/*
rm -f "$unfinished"/*

# ---- an output file appears whole or not at all
head -c 60000000 /dev/urandom >big
inxt-put -q -e 2+1 big >mbig || wrong "put"
for signal in INT KILL TERM; do
  env --default-signal=INT,TERM inxt-get -o never mbig 2>err &
  pid=$!
  sleep 0.1
  kill -s $signal $pid 2>/dev/null
  wait $pid 2>/dev/null
  [[ ! -e never ]] || same big never "SIG$signal came too late"
  rm -f never
  [[ -z $(find . -maxdepth 1 -name '*never*' -o -maxdepth 1 -name '.inxt*') ]] || wrong "something is left of never"
done
echo old >kept && chmod 640 kept
kill_host 1 && kill_host 2
expect 10 inxt-get -o kept mbig
[[ $(cat kept) == old ]] || wrong "an old file was lost"
start_hosts 1 2
expect 0 inxt-get -o kept mbig
same big kept "a new file"
[[ $(stat -c %a kept) == 640 ]] || wrong "mode $(stat -c %a kept)"

# ---- outputs that fail
expect 7 inxt-get -o /dev/full m
inxt-get m >/dev/full 2>err && wrong "a full device"
has err "standard output"
expect 1 bash -c 'inxt-get m >&-'
expect 1 bash -c 'inxt-put -e 2+1 plain >&-'
[[ $(inxt-get mbig 2>err | head -c 5 | wc -c) == 5 ]] || wrong "head"
[[ ! -s err ]] || { wrong "a reader that left is no news"; cat err; }
expect 4 inxt-get -o absent/file m
expect 2 inxt-get -o "$work" m
mkdir locked && chmod 500 locked
[[ $(id -u) == 0 ]] || expect 6 inxt-get -o locked/file m
expect 0 inxt-get -o /dev/null m
before=$(pieces_on_disk)
inxt-put -e 2+1 plain >/dev/full 2>err
[[ $? == 7 ]] || wrong "a manifest on a full device"
while read -r journal; do expect 0 inxt-rm "$journal"; done < <(find "$unfinished" -type f)
[[ $(pieces_on_disk) == "$before" ]] || wrong "pieces are left of puts that failed"
rm -f "$unfinished"/*
expect 4 inxt-put -e 2+1 -o absent/file plain
[[ $(pieces_on_disk) == "$before" ]] || wrong "pieces were stored before the output was there"

# ---- inputs that fail
expect 4 inxt-put -e 2+1 absent
expect 2 inxt-put -e 2+1 "$work"
expect 4 inxt-get absent
cp plain unreadable && chmod 0 unreadable
[[ $(id -u) == 0 ]] || expect 6 inxt-put -e 2+1 unreadable
expect 1 bash -c 'inxt-put -e 2+1 - <&-'
expect 1 bash -c 'inxt-get <&-'

# ---- a source that changes while it is read: no seal
mkfifo slow
cp big changing
(while :; do touch changing; echo more >>changing; sleep 0.01; done) &
toucher=$!
started+=($toucher)
expect 8 inxt-put -e 2+1 changing
has err "changed while it was read"
lacks out '"type":"seal"'
kill $toucher
wait $toucher 2>/dev/null
while read -r journal; do expect 0 inxt-rm "$journal"; done < <(find "$unfinished" -type f)
rm -f "$unfinished"/*

# ---- dying Hosts in the midst of an upload
exec 7<>pipe
env inxt-put -e 2+1 - <pipe >m4 2>err 7>&- &
pid=$!
head -c 20000000 big >&7
wait_until eval '[[ $(pieces_on_disk) -ge $((before + 6)) ]]'
kill_host 2
tail -c +20000001 big >&7
exec 7>&-
ends_with 0 $pid
expect 0 inxt-get m4
same big out "a Host died during the upload"

finish
