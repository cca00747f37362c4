// SPDX-License-Identifier: LGPL-3.0-or-later
// A connection without TLS, over TCP or a unix socket.  For the sources of this room.
#pragma once

#include "net/stream.h"

namespace inxt::net {

class PlainStream final : public Stream {
 public:
  explicit PlainStream(Socket socket) : Stream(std::move(socket)) {}
  ~PlainStream() override { close(); }

  Awaitable<Result<void>> handshake() override;  // there is none
  Awaitable<Result<std::size_t>> read_some(ByteSpan into) override;
  Awaitable<Result<void>> write(ByteView head, ByteView body) override;
  Awaitable<Result<void>> wait_readable() override { return wait(Wait::wait_read); }
  bool is_quiet() override { return !is_broken() && !is_closed() && peeks_quiet(); }
  void rest() override {}

 private:
  void say_goodbye() override {}
  Awaitable<Result<void>> flush() override;
};

}  // namespace inxt::net
