// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/bridge.h"

#include "bridge/directory.h"
#include "bridge/placer.h"
#include "bridge/routes.h"
#include "format/bridge_descriptor.h"

namespace inxt::bridge {

Bridge::Bridge(Parts parts, Options options)
    : parts_(parts),
      service_{.noun = "Bridge",
               .limit_names = kLimitNames,
               .clock = parts.clock,
               .random = parts.random,
               .log = parts.log},
      options_(std::move(options)),
      counters_(action_names().size()),
      placer_(std::make_unique<Placer>(
          PlacerParts{.database = parts.database,
                      .workers = parts.workers,
                      .hosts = parts.directory.hosts(),
                      .clock = parts.clock,
                      .random = parts.random},
          PlacerOptions{.limits = options_.placement,
                        .beat_interval_s = parts.directory.options().beat_interval_s,
                        .takes_seeds = options_.takes_seeds})) {}

Bridge::~Bridge() = default;

void Bridge::set_options(Options options) {
  options_ = std::move(options);
  descriptor_.clear();  // says what holds now
}

void Bridge::set_addresses(std::vector<std::string> addresses) {
  options_.addresses = std::move(addresses);
  descriptor_.clear();
}

net::Awaitable<void> Bridge::handle(net::ServerRequest& request, net::ServerResponse& response) {
  Exchange exchange(*this, request, response);
  const std::expected<Route, Refusal> found = route(request.method(), request.path());
  std::expected<serve::Wanted, Refusal> wanted;
  if (found) {
    wanted->action = found->action;
    wanted->is_for_anybody = found->rule->is_for_anybody;
    wanted->work = [&exchange, &found] { return found->rule->handler(exchange, found->values); };
  } else {
    wanted = std::unexpected(found.error());
  }
  const serve::Answering answering{.table = request_table_,
                                   .counters = counters_,
                                   .requests_per_peer_max = options_.limits.requests_per_peer_max,
                                   .action_none = action_names().size() - 1};
  co_await serve::answer(exchange, answering, std::move(wanted));
}

Result<std::string> Bridge::descriptor_line() {
  const std::int64_t now_ms = parts_.clock.steady_ms();
  if (!descriptor_.empty() && now_ms - descriptor_made_ms_ < options_.limits.descriptor_ms)
    return descriptor_;
  const std::int64_t now_s = parts_.clock.unix_s();
  const format::BridgeDescriptor descriptor{.bridge = id(),
                                            .software = INXT_VERSION,
                                            .addresses = options_.addresses,
                                            .issued_unix_s = now_s,
                                            .expires_unix_s = now_s + serve::kDescriptorDays * 86400};
  const std::string token = TRY(format::sign_bridge_descriptor(descriptor, parts_.key));
  descriptor_ = format::bridge_line(descriptor, token);
  descriptor_made_ms_ = now_ms;
  return descriptor_;
}

}  // namespace inxt::bridge
