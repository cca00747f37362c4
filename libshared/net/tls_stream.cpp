// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/tls_stream.h"

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "base/encoding.h"

namespace inxt::net {
namespace {

constexpr std::size_t kOutBytes = 4 * (16384 + 256);  // four full TLS records

/// Alerts by which a peer says that it does not want our certificate (RFC 8446, section 6.2).
bool is_refusal(int reason) {
  switch (reason - SSL_AD_REASON_OFFSET) {
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
    case SSL_AD_CERTIFICATE_REQUIRED:
      return true;
    default:
      return false;
  }
}

}  // namespace

const bio_method_st* TlsStream::bio_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "inxt socket");
    CHECK_BUG(made != nullptr);
    BIO_meth_set_write_ex(made, bio_write);
    BIO_meth_set_read_ex(made, bio_read);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

/// Records collect in out_, so that the socket gets several at once; whoever writes flushes at the end.
int TlsStream::bio_write(BIO* bio, const char* data, std::size_t size, std::size_t* written) {
  auto& self = *static_cast<TlsStream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (!self.out_) self.out_ = std::make_unique_for_overwrite<std::byte[]>(kOutBytes);
  if (kOutBytes - self.out_end_ < size) {
    if (!self.try_flush() && self.send_errno_ != 0) return 0;
    if (self.out_begin_ > 0) {
      std::memmove(self.out_.get(), self.out_.get() + self.out_begin_, self.out_end_ - self.out_begin_);
      self.out_end_ -= self.out_begin_;
      self.out_begin_ = 0;
    }
    if (kOutBytes - self.out_end_ < size) {
      BIO_set_retry_write(bio);
      return 0;
    }
  }
  std::memcpy(self.out_.get() + self.out_end_, data, size);
  self.out_end_ += size;
  *written = size;
  return 1;
}

int TlsStream::bio_read(BIO* bio, char* data, std::size_t size, std::size_t* received) {
  auto& self = *static_cast<TlsStream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const ssize_t count = self.receive(data, size);
  if (count > 0) {
    *received = static_cast<std::size_t>(count);
    return 1;
  }
  if (count == 0) {
    self.received_end_ = true;
  } else if (is_temporary(errno)) {
    BIO_set_retry_read(bio);
  } else {
    self.receive_errno_ = errno;
  }
  return 0;
}

long TlsStream::bio_control(BIO* bio, int command, long, void*) {
  auto& self = *static_cast<TlsStream*>(BIO_get_data(bio));
  switch (command) {
    case BIO_CTRL_FLUSH:
      BIO_clear_retry_flags(bio);
      if (self.try_flush()) return 1;
      if (self.send_errno_ == 0) BIO_set_retry_write(bio);
      return -1;
    case BIO_CTRL_EOF:
      return self.received_end_ ? 1 : 0;
    default:
      return 0;
  }
}

bool TlsStream::try_flush() {
  while (out_begin_ < out_end_) {
    const ssize_t count = transmit(ByteView(out_.get() + out_begin_, out_end_ - out_begin_));
    if (count < 0) {
      if (!is_temporary(errno)) send_errno_ = errno;
      return false;
    }
    out_begin_ += static_cast<std::size_t>(count);
  }
  out_begin_ = out_end_ = 0;
  return true;
}

TlsStream::TlsStream(Socket socket, TlsIdentity identity, TlsRole role,
                     std::optional<crypto::PublicKey> expected_key)
    : Stream(std::move(socket)), identity_(std::move(identity)), role_(role), peer_check_{expected_key, {}} {}

void TlsStream::begin() {
  ssl_ = SSL_new(identity_.context());
  BIO* bio = BIO_new(bio_method());
  CHECK_BUG(ssl_ != nullptr && bio != nullptr);  // out of memory
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_app_data(ssl_, &peer_check_);
  if (role_ == TlsRole::client)
    SSL_set_connect_state(ssl_);
  else
    SSL_set_accept_state(ssl_);
}

TlsStream::~TlsStream() {
  close();
  SSL_free(ssl_);
}

std::unexpected<Error> TlsStream::broken_by(int ssl_error) {
  const unsigned long queued = ERR_peek_last_error();
  ERR_clear_error();
  const int error_number = receive_errno_ ? receive_errno_ : send_errno_;
  if (error_number != 0) return broken({Code::try_again, std::strerror(error_number)});
  if (queued == 0 || ssl_error == SSL_ERROR_SYSCALL || ssl_error == SSL_ERROR_ZERO_RETURN)
    return broken({Code::try_again, "connection closed by the peer"});
  const int reason = ERR_GET_REASON(queued);
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED && peer_check_.expected && peer_check_.met)
    return broken({Code::denied,
                   fmt::format("expected the key {} and met {}", to_hex(*peer_check_.expected),
                               to_hex(*peer_check_.met)),
                   "another Host answers at this address: get its new descriptor"});
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED)
    return broken({Code::denied, "the peer's certificate is not a single one with an Ed25519 key"});
  const char* text = ERR_reason_error_string(queued);
  if (is_refusal(reason))
    return broken(
        {Code::denied, fmt::format("the peer refused our certificate: {}", text ? text : "TLS alert")});
  return broken({Code::try_again, fmt::format("TLS: {}", text ? text : "unknown error")});
}

Awaitable<Result<void>> TlsStream::wait_after(int ssl_error) {
  if (ssl_error == SSL_ERROR_WANT_READ) {
    // What OpenSSL wants to say (a key update's answer) must leave before the peer is waited for.
    if (!try_flush() && send_errno_ == 0) return wait(Wait::wait_write);
    return wait(Wait::wait_read);
  }
  return wait(Wait::wait_write);
}

Awaitable<Result<void>> TlsStream::handshake() {
  CO_CHECK(make_ready());
  begin();
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_);
    if (result == 1) break;
    const int ssl_error = SSL_get_error(ssl_, result);
    if (ssl_error != SSL_ERROR_WANT_READ && ssl_error != SSL_ERROR_WANT_WRITE) {
      auto failure = broken_by(ssl_error);
      try_flush();  // the alert that says why
      co_return failure;
    }
    CO_CHECK(co_await wait_after(ssl_error));
  }
  CO_CHECK(co_await flush());
  read_peer_key();
  co_return Result<void>();
}

void TlsStream::read_peer_key() {
  X509* certificate = SSL_get0_peer_certificate(ssl_);
  EVP_PKEY* key = certificate ? X509_get0_pubkey(certificate) : nullptr;
  if (!key) return;
  crypto::PublicKey bytes;
  std::size_t size = bytes.size();
  CHECK_BUG(EVP_PKEY_get_raw_public_key(key, raw(ByteSpan(bytes)), &size) == 1 && size == bytes.size());
  peer_key_ = bytes;
}

Awaitable<Result<std::size_t>> TlsStream::read_some(ByteSpan into) {
  if (is_broken() || is_closed()) co_return broken({Code::try_again, "connection was closed"});
  for (;;) {
    std::size_t total = 0;
    int ssl_error = SSL_ERROR_NONE;
    while (total < into.size()) {
      std::size_t count = 0;
      ERR_clear_error();
      const int result = SSL_read_ex(ssl_, into.data() + total, into.size() - total, &count);
      if (result != 1) {
        ssl_error = SSL_get_error(ssl_, result);
        break;
      }
      total += count;
    }
    if (total > 0 || into.empty()) co_return total;
    if (ssl_error == SSL_ERROR_ZERO_RETURN) co_return std::size_t{0};
    if (ssl_error != SSL_ERROR_WANT_READ && ssl_error != SSL_ERROR_WANT_WRITE) co_return broken_by(ssl_error);
    Result<void> ready = co_await wait_after(ssl_error);
    if (!ready) co_return std::unexpected(std::move(ready).error());
  }
}

Awaitable<Result<void>> TlsStream::flush() {
  while (!try_flush()) {
    if (send_errno_ != 0) co_return broken({Code::try_again, std::strerror(send_errno_)});
    CO_CHECK(co_await wait(Wait::wait_write));
  }
  co_return Result<void>();
}

Awaitable<Result<void>> TlsStream::write(ByteView head, ByteView body) {
  if (is_broken() || is_closed()) co_return broken({Code::try_again, "connection was closed"});
  std::array<ByteView, 2> parts{head, body};  // not a braced list: g++ 12 loses it at the first suspension
  for (ByteView& part : parts) {
    while (!part.empty()) {
      std::size_t count = 0;
      ERR_clear_error();
      const int result = SSL_write_ex(ssl_, part.data(), part.size(), &count);
      if (result == 1) {
        part = part.subspan(count);
        continue;
      }
      const int ssl_error = SSL_get_error(ssl_, result);
      if (ssl_error != SSL_ERROR_WANT_READ && ssl_error != SSL_ERROR_WANT_WRITE)
        co_return broken_by(ssl_error);
      CO_CHECK(co_await wait_after(ssl_error));
    }
  }
  co_return co_await flush();
}

Awaitable<Result<void>> TlsStream::wait_readable() {
  if (SSL_has_pending(ssl_)) co_return Result<void>();
  co_return co_await wait(Wait::wait_read);
}

bool TlsStream::is_quiet() {
  if (is_broken() || is_closed() || SSL_has_pending(ssl_) || SSL_get_shutdown(ssl_) != 0) return false;
  return peeks_quiet();
}

void TlsStream::rest() {
  // 96 KiB, where a body ended without a read too many; refuses while they hold something.
  SSL_free_buffers(ssl_);
  if (out_begin_ == out_end_) out_.reset();
}

void TlsStream::say_goodbye() {
  if (ssl_ == nullptr || !SSL_is_init_finished(ssl_)) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);
  try_flush();
}

}  // namespace inxt::net
