#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# inxt-host as its operator meets it: starts, signals, kill -9, a second start, bad files, a full disk quota.
# The client is curl, and the tokens are made with openssl, so nothing of inxt's own code vouches for itself.
#
# usage: inxt-host.sh FOLDER_OF_THE_TOOLS
set -euo pipefail

host=$(realpath "$1")/inxt-host
. "$(dirname "${BASH_SOURCE[0]}")/operator.sh"
start() { start_server 'listening on' "$host" --store store --listen 127.0.0.1:0 "$@"; }

# ---- an account, and tokens as any other implementation would make them
hex() { od -An -v -tx1 | tr -d ' \n'; }
unhex() { printf '%b' "$(sed 's/../\\x&/g')"; }
b64() { basenc --base64url -w0 | tr -d '='; }
openssl genpkey -algorithm ed25519 -out key.pem 2>/dev/null
openssl req -x509 -new -key key.pem -subj /CN=test -days 30 -out cert.pem 2>/dev/null
account=$(openssl pkey -in key.pem -pubout -outform DER | tail -c 32 | hex)
openssl genpkey -algorithm ed25519 -out control.pem 2>/dev/null
control=$(openssl pkey -in control.pem -pubout -outform DER | tail -c 32 | hex)

token() {  # token TYPE KEY PAYLOAD
  printf '%s.%s' "$(printf '{"alg":"Ed25519","typ":"%s"}' "$1" | b64)" "$(printf %s "$3" | b64)" >signed
  openssl pkeyutl -sign -rawin -inkey "$2" -in signed -out signature
  printf '%s.%s' "$(cat signed)" "$(b64 <signature)"
}
piece_id() {  # of a file of at most one block
  local leaf size
  leaf=$({ printf '\0'; cat "$1"; } | sha256sum | cut -d' ' -f1)
  size=$(printf '%016x' "$(stat -c %s "$1")")
  { printf 'inxt/v1/piece\0'; printf %s "$size$leaf" | unhex; } | sha256sum | cut -d' ' -f1
}
tag=$(head -c 2048 /dev/zero | b64)
offer() {  # offer FILE
  local now
  now=$(date +%s)
  token inxt-offer key.pem "$(printf '{"iss":"%s","aud":"%s","piece":"%s","size":%d,"until":%d,"price":0,"control":"%s","tag":"%s","jti":"%s","iat":%d,"exp":%d}' \
    "$account" "$id" "$(piece_id "$1")" "$(stat -c %s "$1")" $((now + 86400)) "$control" "$tag" "$(head -c 16 /dev/urandom | b64)" "$now" $((now + 600)))"
}
ask() {  # ask PATH CURL_ARGUMENT...: prints the status, the body is in `body`
  local path=$1
  shift
  curl -sk --max-time 20 -o body -w '%{http_code}' --cert cert.pem --key key.pem "$@" "https://$address$path"
}
put() { ask "/v1/pieces/$(piece_id "$1")" -T "$1" -H "Inxt-Offer: $(offer "$1")"; }

# ---- what it refuses to start with
expect 2 "$host"
expect 2 "$host" --store store --accept any
expect 2 "$host" --store store --capacity 1MB
expect 2 "$host" --store store --capacity lots --accept any
expect 4 "$host" --store store --capacity 1MB --accept absent
echo "not an id" >bad
expect 2 "$host" --store store --capacity 1MB --accept bad
grep -q 'line 1' err || fail "the line of the accept list is not named"
expect 2 "$host" --store store --capacity 1MB --accept any --announce nowhere
grep -q announce err || fail "a wrong --announce is not named"
expect 2 "$host" --store store --capacity 1MB --accept any --listen nowhere
expect 4 "$host" --config absent.json
mkdir other && touch other/file
expect 2 "$host" --store other --capacity 1MB --accept any
[[ $(ls other) == file ]] || fail "it wrote into a folder that is not its own"
rm -rf store

# ---- it starts, says who it is, and answers
echo "$account  # test" >accounts
printf '{ // a comment\n"capacity": "20KB", "accept": "accounts"}' >config.json
start --config config.json
first=$id
[[ $(stat -c %a store/identity.key) == 600 ]] || fail "identity.key is readable by others"
[[ $(curl -sk "https://$address/v1/health") == '{"status":"ok","protocol":[1],'* ]] || fail "health"
grep -q "\"host\":\"$id\"" store/descriptor.jsonl || fail "descriptor.jsonl"
expect 0 "$host" descriptor store
cmp -s out store/descriptor.jsonl || fail "descriptor prints something else than the file"
expect 0 "$host" status store
grep -q '"capacity_bytes":20000' out || fail "the capacity is not exact"
expect 13 "$host" --store store --capacity 20KB --accept any --listen 127.0.0.1:0
expect 0 "$host" check store

# ---- a piece goes in; 20,000 bytes are room for one file of 16,384 (data, tree, trailer), not for two
head -c 100 /dev/urandom >one
head -c 100 /dev/urandom >two
[[ $(put one) == 201 ]] || fail "put: $(cat body)"
[[ $(put one) == 200 ]] || fail "put again: $(cat body)"
[[ $(put two) == 507 ]] || fail "the Host is full: $(cat body)"
grep -q '"error":"quota"' body || fail "not a quota error: $(cat body)"
{ [[ $(ask "/v1/pieces/$(piece_id one)") == 200 ]] && cmp -s body one; } || fail "get"
[[ $(ask "/v1/pieces/$(piece_id one)" -r 10-19) == 206 && $(stat -c %s body) == 10 ]] || fail "range"
[[ $(ask "/v1/pieces/$(piece_id two)") == 404 ]] || fail "what was refused is not there"
expect 0 "$host" check store --deep
grep -q '"pieces":1' out || fail "check does not count"

# ---- SIGHUP reads the accept list again; a broken one changes nothing
printf '%064d\n' 0 >accounts
kill -HUP "$pid"
wait_for_log 'event=accept-list '
[[ $(put two) == 403 ]] || fail "the account is still accepted: $(cat body)"
{ [[ $(ask "/v1/pieces/$(piece_id one)") == 200 ]] && cmp -s body one; } || fail "what it has is not readable any more"
echo broken >accounts
kill -HUP "$pid"
wait_for_log 'event=settings-kept'
[[ $(put two) == 403 ]] || fail "a broken accept list was taken: $(cat body)"
echo "$account" >accounts

# ---- kill -9: nothing acknowledged is lost, and the name stays
kill -KILL "$pid"
wait "$pid" 2>/dev/null || true
expect 5 "$host" status store
touch store/tmp/left-behind
start --capacity 40KB --accept accounts
[[ $id == "$first" ]] || fail "the identity has changed"
wait_for_log 'event=index-ready pieces=1 '
[[ ! -e store/tmp/left-behind ]] || fail "tmp was not emptied"
{ [[ $(ask "/v1/pieces/$(piece_id one)") == 200 ]] && cmp -s body one; } || fail "get after kill -9"
[[ $(put two) == 201 ]] || fail "put after the capacity was raised: $(cat body)"

# ---- only the control key deletes
now=$(date +%s)
deletion() { printf '{"iss":"%s","aud":"%s","piece":"%s","account":"%s","iat":%d,"exp":%d}' "$1" "$id" "$(piece_id one)" "$account" "$now" $((now + 60)); }
[[ $(ask "/v1/pieces/$(piece_id one)" -X DELETE -H "Inxt-Deletion: $(token inxt-deletion key.pem "$(deletion "$account")")") == 403 ]] ||
  fail "the account deleted"
[[ $(ask "/v1/pieces/$(piece_id one)" -X DELETE -H "Inxt-Deletion: $(token inxt-deletion control.pem "$(deletion "$control")")") == 200 ]] ||
  fail "delete: $(cat body)"
[[ $(ask "/v1/pieces/$(piece_id one)") == 404 ]] || fail "it is still there"

# ---- SIGTERM ends cleanly; status says so
stop TERM 0
expect 5 "$host" status store
[[ -e store/descriptor.jsonl && ! -e store/run.json ]] || fail "what is left behind"

# ---- damage is found, and named
file=$(find store/pieces -type f)
byte=$(od -An -tu1 -j 3 -N 1 "$file" | tr -d ' ')
printf "\\x$(printf %02x $((byte ^ 1)))" | dd of="$file" bs=1 seek=3 conv=notrunc status=none
expect 0 "$host" check store
expect 8 "$host" check store --deep
grep -q "$(basename "$file")" out || fail "check does not name the file"
truncate -s 100 "$file"
expect 8 "$host" check store

# ---- a key that others can read is refused
chmod 644 store/identity.key
expect 6 "$host" --store store --capacity 20KB --accept any --listen 127.0.0.1:0
chmod 600 store/identity.key

# ---- the service manager is told
if command -v python3 >/dev/null; then
  python3 -c 'import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind("notify"); s.settimeout(20); open("ready", "wb").write(s.recv(100))' &
  listener=$!
  for _ in $(seq 100); do [[ ! -S notify ]] || break; sleep 0.05; done
  export NOTIFY_SOCKET=$work/notify
  start --capacity 20KB --accept any
  unset NOTIFY_SOCKET
  wait "$listener"
  [[ $(head -n 1 ready) == READY=1 ]] || fail "READY=1 was not told"
  stop INT 130
fi
if [[ $(stat -f -c %T .) == tmpfs ]]; then  # which the doctor does not like
  expect 1 "$host" doctor store --listen 127.0.0.1:0
else
  expect 0 "$host" doctor store --listen 127.0.0.1:0
fi
for subject in clock disk disk-honesty disk-direct file-system room open-files memory key port ipv6; do
  grep -q "\"subject\":\"$subject\",\"well\"" out || fail "the doctor says nothing about $subject"
done
grep -q '"hint"' out || fail "the doctor gives no hint"
expect 1 "$host" doctor store --listen 192.0.2.1:4242
grep -q '"subject":"port","well":false' out || fail "an address that cannot be bound is well"
chmod 644 store/identity.key
expect 1 "$host" doctor store --listen 127.0.0.1:0
grep -q '"subject":"key","well":false' out || fail "a key that others can read is well"
chmod 600 store/identity.key
[[ -z $(find store -maxdepth 1 -name 'doctor-*') ]] || fail "the doctor left its file behind"
echo "inxt-host: ok"
