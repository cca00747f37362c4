#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# inxt-put and inxt-get against Hosts that lie, stall, refuse and are full.
# usage: hostile-hosts.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
begin_network "$1"
start_hosts 1 4
hosts_file 1 2 3 >three
hosts_file 1 2 3 4 >four
head -c 5000000 /dev/urandom >plain
inxt-put -q -e 2+1 --hosts three plain >m || wrong "put"
inxt-put -q -e 2+1 --hosts three -s 4KiB three >other || wrong "put of another file"
mkdir pieces
for n in 1 2 3; do find store.$n/pieces -type f; done >files
# A valid piece of another file, as a Host would send it.
foreign=$(jq -r 'select(.type == "piece" and .segment == 0 and .shard == 0).id' other)
size=$(jq -r 'select(.type == "piece" and .segment == 0 and .shard == 0).size' other)
head -c "$size" "$(grep "$foreign" files)" >foreign

# ---- Hosts that lie to inxt-get: what one of three says does not matter, and two are an error without bytes.
n=10
for mode in other file:foreign more less close missing garbage flood endless silent busy drip tls-key tls-close; do
  n=$((n + 1))
  case $mode in
    tls-key) start_hostile h.$n --listen 127.0.1.$n --get other --tls other-key ;;
    tls-close) start_hostile h.$n --listen 127.0.1.$n --tls close ;;
    *) start_hostile h.$n --listen 127.0.1.$n --get $mode ;;
  esac
  moved_to h.$n m 1 >moved
  begin=$(date +%s)
  expect 0 timeout 30 inxt-get -v moved
  same plain out "a Host that answers: $mode"
  has err "verified"
  [[ $(($(date +%s) - begin)) -lt 20 ]] || wrong "$mode took $(($(date +%s) - begin)) s"
  case $mode in other | file:*) has err "false piece" ;; esac
  lacks err $'\e'
done
# Two that lie leave one shard of two.
moved_to h.11 m 1 >moved && moved_to h.12 moved 2 >moved2
expect 8 timeout 30 inxt-get -o never moved2
has err "false piece"
none never "of false pieces"
moved_to h.16 m 1 >moved && moved_to h.17 moved 2 >moved2  # missing, garbage
expect 10 timeout 40 inxt-get -o never moved2
has err "lacks 1 of 2"
lacks err $'\e'
none never "of missing pieces"

# ---- Hosts that lie to inxt-put: with a spare everything is stored, without one it is below the asked redundancy.
n=30
for mode in other-key other-offer no-receipt full garbage flood endless busy drip silent tls-key; do
  n=$((n + 1))
  case $mode in
    tls-key) start_hostile h.$n --listen 127.0.1.$n --put other-key --tls other-key ;;
    *) start_hostile h.$n --listen 127.0.1.$n --put $mode ;;
  esac
  cat h.$n three >hosts
  begin=$(date +%s)
  expect 0 timeout 40 inxt-put -e 2+1 --hosts hosts plain
  [[ $(($(date +%s) - begin)) -lt 20 ]] || wrong "put beside $mode took $(($(date +%s) - begin)) s"
  lacks out "$(jq -r .host h.$n)"
  cp out m2
  expect 0 inxt-get m2
  same plain out "put beside a Host that answers: $mode"
  expect 0 inxt-rm m2
done
left=$(pieces_on_disk)
for n in 31 33 34 38; do  # other-key, no-receipt, full, busy
  cat h.$n <(hosts_file 1 2) >hosts
  expect 11 timeout 60 inxt-put -e 2+1 --hosts hosts plain
  has err "Host $(jq -r .host h.$n | cut -c 1-8)"
  has err "below the asked redundancy"
  cp out m2
  expect 0 inxt-get m2
  same plain out "put below redundancy"
  expect 0 inxt-rm m2
done
[[ $(pieces_on_disk) == "$left" ]] || wrong "pieces were left: $(pieces_on_disk), not $left"
cat h.31 h.32 h.33 >hosts
expect 10 timeout 60 inxt-put -e 2+1 --hosts hosts plain

# ---- Full Hosts: too little for anything is 7; enough for a part is 11 (or 10).
start_hosts 5 7 --capacity 64KiB
hosts_file 5 6 7 >hosts
expect 7 inxt-put -e 2+1 --hosts hosts plain
has err "room"
start_hosts 8 8 --capacity 64KiB
hosts_file 1 2 8 >hosts
expect 11 inxt-put -e 2+1 --hosts hosts plain
cp out m2
expect 0 inxt-get m2
same plain out "one of three is full"

# ---- Dead Hosts: a spare takes over; without one it is below redundancy, and too many are too few pieces.
kill_host 1
expect 0 timeout 40 inxt-put -e 2+1 --hosts four plain
cp out m2
expect 0 inxt-get m2
same plain out "put past a dead Host"
expect 11 timeout 60 inxt-put -e 2+1 --hosts three plain
kill_host 2
expect 10 timeout 60 inxt-put -e 2+1 --hosts three plain

finish
