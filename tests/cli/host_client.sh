# SPDX-License-Identifier: AGPL-3.0-or-later
# For the scripts that test inxt-host from outside: a Host in $work, and a client made of curl and openssl, so that
# nothing of inxt's own code vouches for itself.  Sourced with $host and $work set; the caller ends with end().

. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/server.sh"

start() { start_server 'listening on .* as ' "$host" --store "${store:-store}" --listen 127.0.0.1:0 "$@"; }
stop() {
  kill -TERM "$pid"
  wait "$pid" 2>/dev/null || true
  pid=
}

hex() { od -An -v -tx1 | tr -d ' \n'; }
b64() { basenc --base64url -w0 | tr -d '='; }
make_key() {  # make_key NAME: NAME.pem, NAME.crt; prints its id
  openssl genpkey -algorithm ed25519 -out "$1.pem" 2>/dev/null
  openssl req -x509 -new -key "$1.pem" -subj /CN=test -days 30 -out "$1.crt" 2>/dev/null
  openssl pkey -in "$1.pem" -pubout -outform DER | tail -c 32 | hex
}
token() {  # token TYPE KEYFILE PAYLOAD
  printf '%s.%s' "$(printf '{"alg":"Ed25519","typ":"%s"}' "$1" | b64)" "$(printf %s "$3" | b64)" >signed
  openssl pkeyutl -sign -rawin -inkey "$2" -in signed -out signature
  printf '%s.%s' "$(cat signed)" "$(b64 <signature)"
}
piece_id() {  # of a file: inxt-piece(5)
  python3 - "$1" <<'PY'
import hashlib, sys
data = open(sys.argv[1], "rb").read()
h = lambda b: hashlib.sha256(b).digest()
nodes = [h(b"\0" + data[i:i + 4096]) for i in range(0, len(data), 4096)]
def root(leaves):
    if len(leaves) == 1: return leaves[0]
    k = 1
    while 2 * k < len(leaves): k *= 2
    return h(b"\1" + root(leaves[:k]) + root(leaves[k:]))
print(h(b"inxt/v1/piece\0" + len(data).to_bytes(8, "big") + root(nodes)).hex())
PY
}
tag=$(head -c 2048 /dev/zero | b64)
account=$(make_key account)
control=$(make_key control)
offer() {  # offer FILE [SECONDS [PRICE]]
  local now
  now=$(date +%s)
  token inxt-offer account.pem "$(printf '{"iss":"%s","aud":"%s","piece":"%s","size":%d,"until":%d,"price":%d,"control":"%s","tag":"%s","jti":"%s","iat":%d,"exp":%d}' \
    "$account" "$id" "$(piece_id "$1")" "$(stat -c %s "$1")" $((now + ${2:-86400})) "${3:-0}" "$control" "$tag" "$(head -c 16 /dev/urandom | b64)" "$now" $((now + 600)))"
}
ask() {  # ask PATH CURL_ARGUMENT...: prints the status; the body is in `body`
  local path=$1
  shift
  curl -sk --max-time 60 -o body -w '%{http_code}' --cert account.crt --key account.pem "$@" "https://$address$path"
}
put() {  # put FILE [SECONDS [PRICE]]
  local made
  made=$(offer "$@")
  ask "/v1/pieces/$(piece_id "$1")" -T "$1" -H "Inxt-Offer: $made" -D headers
}
get() { ask "/v1/pieces/$(piece_id "$1")"; }
has() { [[ $(get "$1") == 200 ]] && cmp -s body "$1"; }
delete() {  # delete FILE
  local now
  now=$(date +%s)
  ask "/v1/pieces/$(piece_id "$1")" -X DELETE -H "Inxt-Deletion: $(token inxt-deletion control.pem \
    "$(printf '{"iss":"%s","aud":"%s","piece":"%s","account":"%s","iat":%d,"exp":%d}' "$control" "$id" "$(piece_id "$1")" "$account" "$now" $((now + 60)))")"
}
noise() { head -c "$2" /dev/urandom >"$1"; }  # noise FILE BYTES
limit_is() { grep -q "\"limit\":\"$1\"" body || fail "the limit $1 is not named: $(cat body)"; }
