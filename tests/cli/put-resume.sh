#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A put that was killed goes on where it stopped, under the same secret; a file that has changed gets a new one.
# usage: put-resume.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
begin_network "$1"
start_hosts 1 4
hosts_file 1 2 3 4 >hosts
export INXT_HOSTS=$work/hosts
unfinished=$XDG_STATE_HOME/inxt/unfinished
# Places that a Host has acknowledged; a line with an empty receipt says where a piece was about to go.
places() { cat "$@" 2>/dev/null | grep '"type":"place"' | grep -vc '"receipt":"0\{64\}"'; }
file_ids() { sed -n 's/.*"type":"header".*"file":"\([0-9a-f]*\)".*/\1/p' "$@"; }

# A put is caught in its midst: killed as soon as some pieces are at the Hosts and others are not.
head -c 200000000 /dev/urandom >plain
kill_midway() {  # kill_midway NAME: until a journal with some places, and fewer than all, is left
  local i pid
  for ((i = 0; i < 20; ++i)); do
    rm -rf "$unfinished"
    inxt-put -q -e 2+1 -o m "$1" 2>err &
    pid=$!
    while kill -0 $pid 2>/dev/null && [[ $(places "$unfinished"/*.inxt) == 0 ]]; do sleep 0.01; done
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    [[ -e $(echo "$unfinished"/*.inxt) ]] && return
  done
  wrong "no put could be caught in its midst"
}

kill_midway plain
none m "a killed put leaves no manifest"
begun=$(file_ids "$unfinished"/*.inxt)
had=$(places "$unfinished"/*.inxt)
expect 0 inxt-put -e 2+1 -o m plain
has err "going on with a put that was cut off: $had pieces"
[[ $(file_ids m) == "$begun" ]] || wrong "not the generation that was begun"
[[ $(grep -c '"type":"place"' m) == "$(grep -c '"type":"piece"' m)" ]] || wrong "pieces without places"
[[ -z $(ls "$unfinished") ]] || wrong "the journal is still there"
expect 0 inxt-get -o back m
same plain back "resumed"

# Another redundancy is another put; so is the same file when it changed under its old time and size.
kill_midway plain
begun=$(file_ids "$unfinished"/*.inxt)
expect 0 inxt-put -e 1+1 -o other plain
lacks err "going on"
time=$(stat -c %y plain)
printf 'another beginning' | dd of=plain conv=notrunc status=none
touch -d "$time" plain
expect 0 inxt-put -e 2+1 -o changed plain
lacks err "going on"
[[ $(file_ids changed) != "$begun" ]] || wrong "a changed file was put under its old secret"
expect 0 inxt-get -o back changed
same plain back "changed"
expect 0 inxt-rm "$(echo "$unfinished"/*.inxt)"

# A journal whose last line was cut off still serves; one that lies is passed over.
kill_midway plain
printf '{"type":"piece","seg' >>"$(echo "$unfinished"/*.inxt)"
expect 0 inxt-put -e 2+1 -o m plain
has err "going on"
kill_midway plain
sed -i '3s/"k":2/"k":1/' "$unfinished"/*.inxt
expect 0 inxt-put -e 2+1 -o m plain
lacks err "going on"
expect 0 inxt-get -o back m
same plain back "after a false journal"

exit $failed
