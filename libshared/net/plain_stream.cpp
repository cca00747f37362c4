// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/plain_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace inxt::net {

Awaitable<Result<void>> PlainStream::handshake() {
  co_return make_ready();
}

Awaitable<Result<std::size_t>> PlainStream::read_some(ByteSpan into) {
  if (is_broken() || is_closed()) co_return broken({Code::try_again, "connection was closed"});
  if (into.empty()) co_return std::size_t{0};
  for (;;) {
    const ssize_t count = receive(into.data(), into.size());
    if (count >= 0) co_return static_cast<std::size_t>(count);
    if (!is_temporary(errno)) co_return broken({Code::try_again, std::strerror(errno)});
    CO_CHECK(co_await wait(Wait::wait_read));
  }
}

Awaitable<Result<void>> PlainStream::write(ByteView head, ByteView body) {
  if (is_broken() || is_closed()) co_return broken({Code::try_again, "connection was closed"});
  while (!head.empty() || !body.empty()) {
    const ssize_t count = transmit(head, body);
    if (count < 0 && !is_temporary(errno)) co_return broken({Code::try_again, std::strerror(errno)});
    if (count < 0) {
      CO_CHECK(co_await wait(Wait::wait_write));
      continue;
    }
    const auto sent = static_cast<std::size_t>(count);
    const std::size_t of_head = std::min(head.size(), sent);
    head = head.subspan(of_head);
    body = body.subspan(sent - of_head);
  }
  co_return Result<void>();
}

Awaitable<Result<void>> PlainStream::flush() {
  co_return Result<void>();
}

}  // namespace inxt::net
