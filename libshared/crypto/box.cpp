// SPDX-License-Identifier: LGPL-3.0-or-later
#include "crypto/box.h"

#include <sodium.h>

#include "base/check.h"

namespace inxt::crypto {
namespace {

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kNonceBytes + kTagBytes == kAeadOverheadBytes);
static_assert(crypto_box_SEALBYTES == kSealedBoxOverheadBytes);

// Room for plaintext that is secret from its first byte on.
SecretBytes secret_room(std::size_t bytes) {
  return SecretBytes(Bytes(bytes));
}
unsigned char* into(SecretBytes& room) {
  return const_cast<unsigned char*>(raw(room.view()));
}

}  // namespace

ByteArray<32> x25519_public(ByteView secret) {
  CHECK_BUG(secret.size() == crypto_scalarmult_SCALARBYTES);
  ByteArray<32> out;
  CHECK_BUG(crypto_scalarmult_base(raw(ByteSpan(out)), raw(secret)) == 0);
  return out;
}

Result<Bytes> seal_to(const ByteArray<32>& recipient, ByteView plain) {
  Bytes out(plain.size() + kSealedBoxOverheadBytes);
  if (crypto_box_seal(raw(ByteSpan(out)), raw(plain), plain.size(), raw(ByteView(recipient))) != 0)
    return fail(Code::integrity, "seal to a recipient: the X25519 key is of small order");
  return out;
}

Result<SecretBytes> open_sealed(ByteView recipient_secret, ByteView sealed) {
  const ByteArray<32> recipient = x25519_public(recipient_secret);
  if (sealed.size() < kSealedBoxOverheadBytes)
    return fail(Code::wrong_key, "open a sealed box: it is too short");
  SecretBytes plain = secret_room(sealed.size() - kSealedBoxOverheadBytes);
  if (crypto_box_seal_open(into(plain), raw(sealed), sealed.size(), raw(ByteView(recipient)),
                           raw(recipient_secret)) != 0)
    return fail(Code::wrong_key, "open a sealed box: it was sealed to another key, or altered");
  return plain;
}

Bytes aead_seal(Random& random, const Key& key, ByteView associated, ByteView plain) {
  Bytes out(kNonceBytes + plain.size() + kTagBytes);
  const ByteSpan nonce = ByteSpan(out).first(kNonceBytes);
  random.fill(nonce);
  CHECK_BUG(crypto_aead_xchacha20poly1305_ietf_encrypt(
                raw(ByteSpan(out).subspan(kNonceBytes)), nullptr, raw(plain), plain.size(), raw(associated),
                associated.size(), nullptr, raw(nonce), raw(key.view())) == 0);
  return out;
}

Result<SecretBytes> aead_open(const Key& key, ByteView associated, ByteView sealed) {
  if (sealed.size() < kAeadOverheadBytes) return fail(Code::integrity, "open a sealed text: it is too short");
  SecretBytes plain = secret_room(sealed.size() - kAeadOverheadBytes);
  const ByteView text = sealed.subspan(kNonceBytes);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(into(plain), nullptr, nullptr, raw(text), text.size(),
                                                 raw(associated), associated.size(),
                                                 raw(sealed.first(kNonceBytes)), raw(key.view())) != 0)
    return fail(Code::integrity, "open a sealed text: key, context or text differ");
  return plain;
}

}  // namespace inxt::crypto
