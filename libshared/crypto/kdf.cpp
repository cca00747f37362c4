// SPDX-License-Identifier: LGPL-3.0-or-later
#include "crypto/kdf.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <sodium.h>

#include "base/check.h"

namespace inxt::crypto {
namespace {

EVP_KDF* algorithm() {
  static EVP_KDF* const kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  CHECK_BUG(kdf != nullptr);
  return kdf;
}

// OpenSSL's parameters are not const, but it only reads them.
OSSL_PARAM octets(const char* name, ByteView bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::byte*>(bytes.data()), bytes.size());
}

}  // namespace

void hkdf_sha256(ByteView key, ByteView salt, ByteView info, ByteSpan out) {
  CHECK_BUG(!key.empty() && info.size() <= kHkdfInfoBytesMax && out.size() <= kHkdfOutBytesMax);
  char digest[] = "SHA256";
  OSSL_PARAM parameters[5];
  std::size_t count = 0;
  parameters[count++] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
  parameters[count++] = octets(OSSL_KDF_PARAM_KEY, key);
  if (!salt.empty()) parameters[count++] = octets(OSSL_KDF_PARAM_SALT, salt);
  if (!info.empty()) parameters[count++] = octets(OSSL_KDF_PARAM_INFO, info);
  parameters[count++] = OSSL_PARAM_construct_end();

  EVP_KDF_CTX* context = EVP_KDF_CTX_new(algorithm());
  CHECK_BUG(context != nullptr);
  const int done = EVP_KDF_derive(context, raw(out), out.size(), parameters);
  EVP_KDF_CTX_free(context);  // wipes the key
  CHECK_BUG(done == 1);
}

Key derive(ByteView key, ByteView salt, std::string_view label, ByteView parameters) {
  Bytes info;
  info.reserve(label.size() + 1 + parameters.size());
  append(info, view_of(label));
  info.push_back(std::byte{0});
  append(info, parameters);
  Key out;
  hkdf_sha256(key, salt, info, out.span());
  return out;
}

Result<Key> key_from_passphrase(ByteView passphrase, std::span<const std::byte, 16> salt,
                                std::uint32_t memory_kib, std::uint32_t passes) {
  static_assert(crypto_pwhash_argon2id_SALTBYTES == 16);
  if (memory_kib < kArgonMemoryKibMin || memory_kib > kArgonMemoryKibMax)
    return fail(Code::usage,
                fmt::format("Argon2id memory of {} KiB is not between {} (kArgonMemoryKibMin) and {} "
                            "(kArgonMemoryKibMax)",
                            memory_kib, kArgonMemoryKibMin, kArgonMemoryKibMax));
  if (passes < 1 || passes > kArgonPassesMax)
    return fail(Code::usage, fmt::format("{} passes of Argon2id are not between 1 and {} (kArgonPassesMax)",
                                         passes, kArgonPassesMax));
  Key key;
  const ByteView salt_bytes = salt;
  if (crypto_pwhash_argon2id(raw(key.span()), key.span().size(), text_of(passphrase).data(),
                             passphrase.size(), raw(salt_bytes), passes, std::size_t{memory_kib} * 1024,
                             crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
    return fail(Code::failure,
                fmt::format("derive a key from the passphrase: no {} KiB of memory", memory_kib));
  return key;
}

}  // namespace inxt::crypto
