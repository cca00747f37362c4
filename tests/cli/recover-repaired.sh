#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# What a caretaker repaired is found with the words alone, and read under the caretaker's own account.
#
# usage: recover-repaired.sh FOLDER_OF_THE_TOOLS
source "$(dirname "${BASH_SOURCE[0]}")/network.sh"
begin_network "$1"
start_hosts 1 5
hosts_file 1 2 3 4 5 >hosts
head -c 700000 /dev/urandom >file
inxt-put -q -e 2+1 -s 64KiB --hosts hosts file >file.inxt || wrong "put"
inxt-key caretaker -n 3 -o care.key 2>err || wrong "caretaker: $(cat err)"
held() { grep -c "\"host\":\"${host_id[$1]}\"" "$2"; }

echo "== a Host is gone, and a caretaker stores its pieces anew"
for first in 1 2 3 4 5; do (($(held $first file.inxt) == 0)) || break; done
kill_host $first
others=(); for n in 1 2 3 4 5; do [[ $n == "$first" ]] || others+=("$n"); done
hosts_file "${others[@]}" >left
expect 0 inxt-repair --all --hosts left --key-file care.key -o repaired.inxt file.inxt
(($(grep -c '"type":"place"' repaired.inxt) > $(grep -c '"type":"place"' file.inxt))) || wrong "nothing was stored anew"

echo "== Hosts take nobody any more: who has a contract about a piece reads it"
: >nobody
for n in "${others[@]}"; do kill_host "$n"; launch_host "$n" --accept nobody; done
for n in "${others[@]}"; do await_host "$n"; done
hosts_file "${others[@]}" >left
rm -rf state cache config file.inxt repaired.inxt care.key
expect 0 inxt-recover --json --hosts left --words-fd 3 -o manifests 3<words
jq -se '.[-1] | .unnamed == 1 and .lines_made_again == 0 and .lost == 0' out >/dev/null || wrong "$(tail -1 out)"
expect 0 inxt-recover --hosts left --words-fd 3 --files -o back 3<words
same file back/recovered/file "with all pieces"

echo "== one more Host is gone: the caretaker's pieces are needed"
for n in "${others[@]}"; do
  kill_host "$n"
  rm -rf back
  expect 3 inxt-recover --hosts left --words-fd 3 --files --anew -o back 3<words
  same file back/recovered/file "without Host $n"
  launch_host "$n" --accept nobody && await_host "$n"
  hosts_file "${others[@]}" >left
done
finish
