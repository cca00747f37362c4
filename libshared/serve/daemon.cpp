// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/daemon.h"

#include <malloc.h>

#include <csignal>

#include "format/escape.h"

namespace inxt::serve {

void give_back_freed_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
  ::mallopt(M_TRIM_THRESHOLD, 16 * 1024 * 1024);
}

Result<std::vector<std::string>> open_addresses(net::HttpServer& server,
                                                const std::vector<std::string>& addresses,
                                                std::vector<sys::InheritedSocket> inherited) {
  std::vector<std::string> listening;
  for (sys::InheritedSocket& socket : inherited)
    listening.push_back(
        TRY_IN("inherited socket " + format::escape(socket.name), server.adopt(socket.fd.release())));
  if (!inherited.empty()) return listening;
  for (const std::string& address : addresses)
    listening.push_back(TRY_IN("--listen " + format::escape(address), server.listen(address)));
  return listening;
}

net::Awaitable<int> serve_until_signal(net::Signals& signals,
                                       std::function<net::Awaitable<Result<void>>()> reload) {
  for (;;) {
    const int number = co_await signals.next();
    if (number != SIGHUP) co_return number;
    (void)co_await reload();
  }
}

net::Awaitable<Result<std::string>> answer_done(net::Awaitable<Result<void>> work) {
  CO_CHECK(co_await std::move(work));
  co_return std::string("{\"done\":true}");
}

}  // namespace inxt::serve
