// SPDX-License-Identifier: AGPL-3.0-or-later
// A piece service of Hosts with inventories, for audits of whole Hosts.
#pragma once

#include "support/inventory_host.h"
#include "transfer/piece_service.h"

namespace inxt::testing {

struct ServedHost {
  InventoryHost host;
  std::vector<std::string> heads = {};  // of its history, with newlines, ascending; the last is shown
  bool silent = false;
  unsigned asked = 0;  // audit requests
  /// Before it answers audit request number `asked`, counted from 1.
  std::function<void(ServedHost&)> before = {};
};

class InventoryHosts final : public transfer::PieceService {
 public:
  std::map<HostId, ServedHost> hosts;

  ServedHost& add(unsigned number, const std::vector<std::size_t>& sizes) {
    InventoryHost host(number, sizes);
    const auto id = host.id();
    auto& served = hosts.emplace(id, ServedHost{.host = std::move(host)}).first->second;
    served.heads = {served.host.head_line};
    return served;
  }

  net::Awaitable<Result<std::string>> audit_inventory(const transfer::HostAddress& address,
                                                      std::string_view request) override {
    auto& served = hosts.at(address.id);
    ++served.asked;
    co_await net::sleep_for(std::chrono::milliseconds(served.silent ? 3'600'000 : 1));
    if (served.before) served.before(served);
    co_return served.host.audit(request);
  }
  net::Awaitable<Result<std::string>> inventory_head(const transfer::HostAddress& address) override {
    co_await net::sleep_for(std::chrono::milliseconds(1));
    const auto& served = hosts.at(address.id);
    if (served.silent) co_return fail(Code::try_again, "no connection");
    if (served.heads.empty()) co_return fail(Code::not_found, "no inventory");
    const auto& line = served.heads.back();
    co_return line.substr(0, line.size() - 1);
  }
  net::Awaitable<Result<std::string>> inventory_heads(const transfer::HostAddress& address,
                                                      std::int64_t after, std::uint32_t limit) override {
    co_await net::sleep_for(std::chrono::milliseconds(1));
    std::string out;
    std::uint32_t count = 0;
    for (const auto& line : hosts.at(address.id).heads) {
      const auto head = format::read_head(std::string_view(line).substr(0, line.size() - 1), "head").value();
      if (head.head.epoch() > after && count++ < limit) out += line;
    }
    co_return out;
  }
  net::Awaitable<Result<std::string>> look_up(const transfer::HostAddress& address,
                                              std::string_view request) override {
    co_await net::sleep_for(std::chrono::milliseconds(1));
    const auto& served = hosts.at(address.id);
    if (served.silent) co_return fail(Code::try_again, "no connection");
    co_return served.host.look_up(request);
  }
  net::Awaitable<Result<std::chrono::nanoseconds>> round_trip(const transfer::HostAddress&) override {
    co_return std::chrono::milliseconds(3);
  }

  net::Awaitable<Result<std::string>> audit(const transfer::HostAddress&, std::string_view) override {
    co_return fail(Code::denied, "only of inventories");
  }
  net::Awaitable<Result<transfer::StoredPiece>> put(const transfer::HostAddress&, std::string_view,
                                                    ByteView) override {
    co_return fail(Code::denied, "an audit puts nothing");
  }
  net::Awaitable<Result<void>> get(const transfer::HostAddress&, const PieceId&, std::uint64_t,
                                   ByteSpan) override {
    co_return fail(Code::denied, "an audit gets nothing");
  }
  net::Awaitable<Result<transfer::HeldPiece>> contract(const transfer::HostAddress&,
                                                       const PieceId&) override {
    co_return fail(Code::denied, "an audit asks for no contract");
  }
  net::Awaitable<Result<std::vector<transfer::HeldPiece>>> list(const transfer::HostAddress&,
                                                                const std::optional<PieceId>&,
                                                                std::uint32_t) override {
    co_return fail(Code::denied, "an audit lists nothing");
  }
  net::Awaitable<Result<void>> remove(const transfer::HostAddress&, const PieceId&,
                                      std::string_view) override {
    co_return fail(Code::denied, "an audit removes nothing");
  }
  net::Awaitable<Result<std::optional<transfer::HeldRenewal>>> renew(const transfer::HostAddress&,
                                                                     const PieceId&,
                                                                     std::string_view) override {
    co_return fail(Code::denied, "an audit renews nothing");
  }
};

}  // namespace inxt::testing
