// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/bridge_hosts.h"

#include <fmt/format.h>

namespace inxt::transfer {

net::Awaitable<Result<std::vector<format::ListedHost>>> HttpBridgeHosts::list(const HostsQuery& query) {
  BridgeRequest request(net::Method::get, fmt::format("/v1/hosts?limit={}", query.limit));
  if (query.after) request.target += "&after=" + query.after->hex();
  if (query.all) request.target += "&all=1";
  request.answer_bytes_max = kBridgeListBytesMax;
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  std::vector<format::ListedHost> out;
  std::string_view rest = answer->text();
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    const auto where = fmt::format("the Bridge's list, line {}", out.size() + 1);
    auto host = format::read_listed_host(line, where);
    if (!host) co_return std::unexpected(std::move(host).error());
    const auto before = out.empty() ? query.after : std::optional(out.back().descriptor.host);
    if (out.size() == query.limit || (before && host->descriptor.host <= *before))
      co_return fail(Code::integrity, where + ": out of order");
    out.push_back(*std::move(host));
  }
  co_return out;
}

}  // namespace inxt::transfer
