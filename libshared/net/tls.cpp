// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/check.h"
#include "base/encoding.h"

namespace inxt::net {
namespace {

constexpr unsigned char kAlpn[] = "\x08http/1.1";
constexpr std::size_t kAlpnBytes = sizeof kAlpn - 1;
// Large reads save system calls; OpenSSL frees the buffer while a connection is idle
// (SSL_MODE_RELEASE_BUFFERS).
constexpr std::size_t kReadBufferBytes = 96 * 1024;

template <auto Function>
struct Free {
  template <class T>
  void operator()(T* pointer) const {
    Function(pointer);
  }
};
using Pkey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using Memory = std::unique_ptr<BIO, Free<BIO_free_all>>;

std::unexpected<Error> fail_openssl(std::string_view what) {
  char text[160] = "unknown";
  if (const auto error = ERR_get_error()) ERR_error_string_n(error, text, sizeof text);
  ERR_clear_error();
  return fail(Code::failure, std::string(what) + ": " + text);
}

/// Stands in for OpenSSL's chain verification: one certificate that holds a sound Ed25519 key, the expected one
/// where the connection's PeerCheck names it.  TLS itself has the peer sign with that key, and a client shows its
/// own certificate only after both.
int accept_ed25519(X509_STORE_CTX* store, void*) {
  X509* certificate = X509_STORE_CTX_get0_cert(store);
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_untrusted(store);
  EVP_PKEY* key = certificate ? X509_get0_pubkey(certificate) : nullptr;
  crypto::PublicKey bytes;
  std::size_t size = bytes.size();
  bool good = key && (!chain || sk_X509_num(chain) <= 1) && EVP_PKEY_id(key) == EVP_PKEY_ED25519 &&
              EVP_PKEY_get_raw_public_key(key, raw(ByteSpan(bytes)), &size) == 1 && size == bytes.size() &&
              crypto::is_valid_public_key(bytes);
  const auto* ssl =
      static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* peer = ssl ? static_cast<PeerCheck*>(SSL_get_app_data(ssl)) : nullptr;
  if (!peer) {
    good = false;  // a bug: nobody would ask whose key it is
  } else if (good) {
    peer->met = bytes;
    good = !peer->expected || *peer->expected == bytes;
  }
  X509_STORE_CTX_set_error(store, good ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
  return good ? 1 : 0;
}

/// http/1.1 or nothing: a client that offers only other protocols is refused.
int select_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                unsigned in_size, void*) {
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, out_size, kAlpn, kAlpnBytes, in, in_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Result<Context> make_context() {
  Context context(SSL_CTX_new(TLS_method()));
  if (!context) return fail_openssl("TLS");
  SSL_CTX* c = context.get();
  const bool done =
      SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) == 1 &&
      SSL_CTX_set_max_proto_version(c, TLS1_3_VERSION) == 1 &&
      SSL_CTX_set_ciphersuites(
          c, "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256") == 1 &&
      SSL_CTX_set1_groups_list(c, "X25519:P-256") == 1 && SSL_CTX_set1_sigalgs_list(c, "ed25519") == 1 &&
      SSL_CTX_set_num_tickets(c, 0) == 1 && SSL_CTX_set_max_early_data(c, 0) == 1 &&
      SSL_CTX_set_alpn_protos(c, kAlpn, kAlpnBytes) == 0;
  if (!done) return fail_openssl("TLS settings");
  SSL_CTX_set_options(c, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                             SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(
      c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(c, 1);
  SSL_CTX_set_default_read_buffer_len(c, kReadBufferBytes);
  SSL_CTX_set_max_cert_list(c, kPeerCertificateBytesMax);
  // As server: ask for a certificate, take none.  As client: the server always has one.
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(c, accept_ed25519, nullptr);
  SSL_CTX_set_alpn_select_cb(c, select_alpn, nullptr);
  return context;
}

/// RFC 8410: Ed25519 in X.509.  Everything but the key is fixed, and so is the signature.
Result<Certificate> make_certificate(EVP_PKEY* key, const crypto::PublicKey& public_key) {
  Certificate certificate(X509_new());
  if (!certificate) return fail_openssl("certificate");
  X509* x = certificate.get();
  X509_NAME* name = X509_get_subject_name(x);
  const std::string common_name = to_hex(public_key);  // 64 letters, the most that X.520 allows
  const bool done =
      X509_set_version(x, X509_VERSION_3) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1 &&
      ASN1_TIME_set_string_X509(X509_getm_notBefore(x), "19700101000000Z") == 1 &&
      ASN1_TIME_set_string_X509(X509_getm_notAfter(x), "99991231235959Z") == 1 &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>(common_name.data()),
                                 static_cast<int>(common_name.size()), -1, 0) == 1 &&
      X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) == 1 && X509_sign(x, key, nullptr) > 0;
  if (!done) return fail_openssl("certificate");
  return certificate;
}

Result<std::string> to_pem(X509* certificate) {
  Memory memory(BIO_new(BIO_s_mem()));
  if (!memory || PEM_write_bio_X509(memory.get(), certificate) != 1) return fail_openssl("certificate");
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

}  // namespace

struct TlsIdentity::State {
  Context context;
  crypto::PublicKey public_key{};
  std::string pem;
};

Result<TlsIdentity> TlsIdentity::make(const crypto::SigningKey& key) {
  auto state = std::make_shared<State>();
  state->context = TRY(make_context());
  state->public_key = key.public_key();
  const ByteView seed = key.seed();
  Pkey pkey(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(seed), seed.size()));
  if (!pkey) return fail_openssl("Ed25519 key");
  const Certificate certificate = TRY(make_certificate(pkey.get(), key.public_key()));
  state->pem = TRY(to_pem(certificate.get()));
  SSL_CTX* context = state->context.get();
  if (SSL_CTX_use_certificate(context, certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, pkey.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
    return fail_openssl("TLS identity");
  return TlsIdentity(std::move(state));
}

Result<TlsIdentity> TlsIdentity::anonymous() {
  auto state = std::make_shared<State>();
  state->context = TRY(make_context());
  return TlsIdentity(std::move(state));
}

const crypto::PublicKey& TlsIdentity::public_key() const {
  return state_->public_key;
}
bool TlsIdentity::is_anonymous() const {
  return state_->pem.empty();
}
std::string TlsIdentity::certificate_pem() const {
  return state_->pem;
}
ssl_ctx_st* TlsIdentity::context() const {
  return state_->context.get();
}

}  // namespace inxt::net
