#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# The golden pieces and the owner's words give the golden file back, without the C++, also when pieces are lost; and the
# golden transcripts are checked again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -r "$here/format-v1/pieces" "$folder/pieces"
words="$(printf 'abandon %.0s' {1..23})art"
restore() { /usr/bin/python3 -B "$here/../reference/restore.py" --pieces "$folder/pieces" -o "$folder/back" <<<"$words"; }
restore
cmp "$here/format-v1/numbers.txt" "$folder/back"
# The first shard of each segment is lost: parity gives it back.
for id in $(sed -n 's/.*"type":"piece".*"shard":0.*"id":"\([0-9a-f]*\)".*/\1/p' "$here/format-v1/manifest.jsonl"); do
  rm "$folder/pieces/$id"
done
rm "$folder/back"
restore
cmp "$here/format-v1/numbers.txt" "$folder/back"

check() {  # check TRANSCRIPT VERDICT COUNT: so many such Hosts, and one that did not answer
  local status=0
  /usr/bin/python3 -B "$here/../reference/verify_transcript.py" "$here/format-v1/$1" >"$folder/audits" || status=$?
  [[ $status == 5 && $(grep -c "\"verdict\":\"$2\"" "$folder/audits") == "$3" ]]
}
check transcript.jsonl unanchored 2
check transcript-2.jsonl passed 1
