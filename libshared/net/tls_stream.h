// SPDX-License-Identifier: LGPL-3.0-or-later
// One TLS connection over a socket.  For the sources of this room only.
//
// OpenSSL works straight on the non-blocking socket.  Against asio::ssl::stream this saves two 17 KiB buffers
// a connection, one copy, and most system calls: records are read 96 KiB and written 64 KiB at a time.
#pragma once

#include "net/stream.h"
#include "net/tls.h"

struct ssl_st;
struct bio_st;
struct bio_method_st;

namespace inxt::net {

enum class TlsRole { client, server };

class TlsStream final : public Stream {
 public:
  /// With an expected key the handshake fails, with denied, for any other; a client has then shown no
  /// certificate.
  TlsStream(Socket socket, TlsIdentity identity, TlsRole role,
            std::optional<crypto::PublicKey> expected_key = {});
  ~TlsStream() override;

  Awaitable<Result<void>> handshake() override;
  Awaitable<Result<std::size_t>> read_some(ByteSpan into) override;
  Awaitable<Result<void>> write(ByteView head, ByteView body) override;
  Awaitable<Result<void>> wait_readable() override;
  bool is_quiet() override;
  /// Gives the buffers back until something is read or written.
  void rest() override;

 private:
  static const bio_method_st* bio_method();
  static int bio_write(bio_st* bio, const char* data, std::size_t size, std::size_t* written);
  static int bio_read(bio_st* bio, char* data, std::size_t size, std::size_t* received);
  static long bio_control(bio_st* bio, int command, long, void*);

  void begin();
  bool try_flush();  // false when something is left, or on an error (send_errno_)
  Awaitable<Result<void>> flush() override;
  void say_goodbye() override;
  Awaitable<Result<void>> wait_after(int ssl_error);
  std::unexpected<Error> broken_by(int ssl_error);
  void read_peer_key();

  TlsIdentity identity_;
  TlsRole role_;
  PeerCheck peer_check_;
  ssl_st* ssl_ = nullptr;  // from the handshake on: a peer that says nothing costs nothing

  std::unique_ptr<std::byte[]> out_;  // TLS records on their way to the socket
  std::size_t out_begin_ = 0;
  std::size_t out_end_ = 0;
  int send_errno_ = 0;
  int receive_errno_ = 0;
  bool received_end_ = false;
};

}  // namespace inxt::net
