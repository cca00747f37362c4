// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/host.h"

#include <algorithm>

#include "format/descriptor.h"
#include "host/exchange.h"
#include "host/routes.h"

namespace inxt::host {

namespace {

net::Awaitable<Outcome> dispatch(Exchange& exchange, Route route) {
  switch (route.action) {
    case Action::health:
      return get_health(exchange);
    case Action::descriptor:
      return get_descriptor(exchange);
    case Action::put_piece:
      return put_piece(exchange, route.piece);
    case Action::get_piece:
      return get_piece(exchange, route.piece);
    case Action::head_piece:
      return head_piece(exchange, route.piece);
    case Action::remove_piece:
      return remove_piece(exchange, route.piece);
    case Action::get_contract:
      return get_contract(exchange, route.piece);
    case Action::list_contracts:
      return list_contracts(exchange);
    case Action::renew_contract:
      return renew_contract(exchange, route.piece);
    case Action::reach:
      return look_back(exchange);
    case Action::take_transfer:
      return take_transfer(exchange);
    case Action::release_contract:
      return release_contract(exchange);
    case Action::audit:
      return answer_audit(exchange);
    case Action::inventory:
      return get_inventory(exchange);
    case Action::inventory_heads:
      return get_inventory_heads(exchange);
    case Action::inventory_audit:
      return answer_inventory_audit(exchange);
    case Action::inventory_lookup:
      return look_up_in_inventory(exchange);
    case Action::witness:
      return bear_witness(exchange);
    case Action::none:
      break;
  }
  std::unreachable();
}

}  // namespace

Host::Host(Parts parts, Options options)
    : parts_(parts),
      service_{.noun = "Host",
               .limit_names = kLimitNames,
               .clock = parts.clock,
               .random = parts.random,
               .log = parts.log},
      options_(std::move(options)),
      id_{parts.key.public_key()},
      buffers_(options_.limits.buffer_bytes_max) {
  apply_audit_rates();
}

void Host::apply_audit_rates() {
  audit_rates_.set(options_.audit_rates, options_.accept.knows_peers());
}

void Host::set_options(Options options) {
  options_ = std::move(options);
  buffers_.set_bytes_max(options_.limits.buffer_bytes_max);
  apply_audit_rates();
  descriptor_.clear();  // says what holds now
}

void Host::set_former(const Identity& identity) {
  former_ = identity.former;
  succession_ = identity.succession;
  descriptor_.clear();
}

std::vector<std::string> Host::succession_from(const HostId& id) const {
  const auto former = std::ranges::find(former_, id);
  if (former == former_.end()) return {};
  const std::size_t links = static_cast<std::size_t>(former_.end() - former);
  return {succession_.end() - static_cast<std::ptrdiff_t>(std::min(links, succession_.size())),
          succession_.end()};
}

std::vector<HostId> Host::ids() const {
  std::vector<HostId> all{id_};
  all.insert(all.end(), former_.begin(), former_.end());
  return all;
}

bool Host::is_or_was(const HostId& id) const {
  return id == id_ || std::ranges::find(former_, id) != former_.end();
}

void Host::set_draining(bool is_draining) {
  is_draining_ = is_draining;
  set_read_only();
}

void Host::set_absence(const PlannedAbsence& absence) {
  absence_ = absence;
  set_read_only();
}

PlannedAbsence Host::planned_absence() const {
  PlannedAbsence absence = absence_;
  if (absence.away_until_unix_s <= parts_.clock.unix_s()) absence.away_until_unix_s = 0;
  return absence;
}

void Host::set_read_only() {
  parts_.store.set_read_only(is_draining());
  descriptor_.clear();
}

net::Awaitable<void> Host::handle(net::ServerRequest& request, net::ServerResponse& response) {
  Exchange exchange(*this, request, response);
  const std::expected<Route, Refusal> found = route(request.method(), request.path());
  std::expected<serve::Wanted, Refusal> wanted;
  if (found) {
    wanted->action = static_cast<std::size_t>(found->action);
    wanted->is_for_anybody = found->action == Action::health || found->action == Action::descriptor;
    wanted->work = [&exchange, &found] { return dispatch(exchange, *found); };
  } else {
    wanted = std::unexpected(found.error());
  }
  const serve::Answering answering{.table = request_table_,
                                   .counters = counters_,
                                   .requests_per_peer_max = options_.limits.requests_per_peer_max,
                                   .action_none = static_cast<std::size_t>(Action::none)};
  co_await serve::answer(exchange, answering, std::move(wanted));
}

Result<std::string> Host::descriptor_line() {
  const std::int64_t now_ms = parts_.clock.steady_ms();
  if (!descriptor_.empty() && now_ms - descriptor_made_ms_ < options_.limits.descriptor_ms)
    return descriptor_;
  const store::Stats stats = parts_.store.stats();
  const std::int64_t now_s = parts_.clock.unix_s();
  const format::Descriptor descriptor{.host = id_,
                                      .software = INXT_VERSION,
                                      .addresses = options_.addresses,
                                      .capacity_bytes = stats.capacity_bytes,
                                      .free_bytes = is_draining() ? 0 : stats.free_bytes,
                                      .price = options_.price,
                                      .term_seconds_max = options_.term_seconds_max,
                                      .issued_unix_s = now_s,
                                      .expires_unix_s = now_s + kDescriptorDays * 86400,
                                      .succession = succession_};
  const std::string token = TRY(format::sign_descriptor(descriptor, parts_.key));
  descriptor_ = format::hosts_line(descriptor, token);
  descriptor_made_ms_ = now_ms;
  return descriptor_;
}

}  // namespace inxt::host
