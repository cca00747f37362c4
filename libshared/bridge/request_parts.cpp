// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/request_parts.h"

#include <fmt/format.h>

#include <charconv>

namespace inxt::bridge {

std::expected<std::uint64_t, Refusal> number_in_query(std::string_view query, std::string_view name,
                                                      std::uint64_t otherwise, std::uint64_t least,
                                                      std::uint64_t most) {
  const auto text = serve::query_value(query, name);
  if (!text) return otherwise;
  std::uint64_t number = 0;
  const char* end = text->data() + text->size();
  const auto [behind, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc{} || behind != end || number < least || number > most)
    return refuse(400, Code::usage, fmt::format("{}: not a number from {} to {}", name, least, most));
  return number;
}

Refusal from_transaction(Error error) {
  if (error.code == Code::denied) return Refusal(std::move(error));
  return serve::from_disk(std::move(error));
}

net::Awaitable<void> discard_body(Exchange& exchange, std::uint64_t bytes_max) {
  net::ServerRequest& request = exchange.request();
  if (request.body_bytes_left() > bytes_max) co_return;
  Bytes part(std::size_t{16} << 10);
  while (request.body_bytes_left() > 0) {
    const Result<std::size_t> read = co_await request.read_some(part);
    if (!read || *read == 0) co_return;
  }
}

}  // namespace inxt::bridge
