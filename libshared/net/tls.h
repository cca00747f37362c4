// SPDX-License-Identifier: LGPL-3.0-or-later
// Who is at the other end: TLS 1.3 (RFC 8446) where a peer is its Ed25519 key.  A certificate is only the
// key's envelope: one self-signed X.509 (RFC 8410) whose names and dates nobody reads.  No certificate
// authorities, no tickets, no resumption, no early data.  ALPN is http/1.1.
#pragma once

#include <memory>
#include <optional>

#include "base/result.h"
#include "crypto/sign.h"

struct ssl_ctx_st;

namespace inxt::net {

inline constexpr std::size_t kPeerCertificateBytesMax = 4096;  // the whole Certificate message of a peer

/// Which peer a connection expects, and which it met: the SSL's app data, so that a client can end a handshake
/// before it has shown its own certificate.
struct PeerCheck {
  std::optional<crypto::PublicKey> expected = {};  // none: any sound key
  std::optional<crypto::PublicKey> met = {};       // not proved yet
};

/// A key ready for TLS, as client or server.  A copy shares it; it holds the secret until the last copy is
/// gone. Cost: about 1 ms and 50 KiB each, so make one per account and keep it.
class TlsIdentity {
 public:
  /// The same key gives the same certificate, byte for byte.  Errors: failure when OpenSSL refuses.
  static Result<TlsIdentity> make(const crypto::SigningKey& key);
  /// A client that shows no certificate.
  static Result<TlsIdentity> anonymous();

  /// Zero bytes for an anonymous one.
  const crypto::PublicKey& public_key() const;
  bool is_anonymous() const;
  /// The certificate in PEM, for curl --cacert and the like.  Empty for an anonymous one.
  std::string certificate_pem() const;

  ssl_ctx_st* context() const;  // for tls_stream.cpp

 private:
  struct State;
  explicit TlsIdentity(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace inxt::net
