#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# inxt-host move: a store goes to another disk while files are put and read, also when the Host is killed on the way.
#
# usage: move.sh FOLDER_OF_THE_TOOLS
. "$(dirname "${BASH_SOURCE[0]}")/network.sh"
begin_network "$1"

start_hosts 1 2
hosts_file 1 2 >hosts
export INXT_HOSTS=$work/hosts
head -c 60000000 /dev/urandom >big
head -c 3000000 /dev/urandom >small
inxt-put -q -m 2 big >big.inxt || wrong "put"
id=${host_id[1]}

# What cannot be a destination.
expect 2 inxt-host move store.1
expect 2 inxt-host move store.1 --to store.1/below
mkdir full && touch full/thing
expect 2 inxt-host move store.1 --to full
has err "'thing'"
expect 5 inxt-host move store.9 --to other

# Moved while it is used, and cut off twice on the way.
mkdir disk2
expect 0 inxt-host move store.1 --to disk2/store
has out '"type":"move"'
expect 5 inxt-host move store.1 --to disk3
for round in 1 2; do
  for ((i = 0; i < 200; ++i)); do
    (($(find disk2/store/pieces -type f | wc -l) >= round * 3)) && break
    sleep 0.02
  done
  inxt-put -q -m 2 small >"small.$round" || wrong "put while it moves"
  kill_host 1
  [[ -e store.1/moving.json ]] || wrong "the move was over before the kill: make the file larger"
  start_host 1
  inxt-get -q <big.inxt >back && same big back "half moved" || wrong "get while it moves"
done
for ((i = 0; i < 1200; ++i)); do
  [[ ! -e store.1/moved.json ]] || break
  inxt-get -q <small.1 >back && same small back "while it moves"
done
[[ -e store.1/moved.json ]] || { wrong "it did not end"; inxt-host status store.1; cat log.1; }
[[ $(find store.1/pieces -type f | wc -l) == 0 ]] || wrong "pieces are left at home"
none store.1/identity.key "the key is left at home"
inxt-get -q <big.inxt >back && same big back "after the move"
inxt-rm -q <small.2 || wrong "rm after the move"

# The next start finds it by the old path, and by the new one; its name is the same.
kill -TERM "${host_pid[1]}"; wait "${host_pid[1]}" || wrong "its end"
unset "host_pid[1]"
start_host 1
[[ ${host_id[1]} == "$id" ]] || wrong "it has another name"
expect 0 inxt-host status store.1
expect 0 inxt-host status disk2/store
expect 0 inxt-host check --deep store.1
has out '"damaged":0'
kill -TERM "${host_pid[1]}"; wait "${host_pid[1]}"
unset "host_pid[1]"
mv store.1 old && mv disk2/store store.1
start_host 1
inxt-get -q <big.inxt >back && same big back "from the new folder"
inxt-get -q <small.1 >back && same small back "from the new folder"

# To the end in one go.
expect 0 inxt-host move store.1 --to "$work/disk3" --wait
has err "moved to"
inxt-audit -q <big.inxt >/dev/null || wrong "audit after the second move"
finish
