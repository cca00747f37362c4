// SPDX-License-Identifier: LGPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "plan/placement.h"

namespace inxt::plan {
namespace {

std::string fate_of(const ExplainedHost& host) {
  if (host.group)
    return fmt::format("{} {} of group {}", host.is_secondary ? "stands in for" : "number", host.slot,
                       *host.group);
  if (host.rule) return std::string(rule_name(*host.rule));
  return host.times_drawn > 0 ? "passed over" : "not drawn";
}

}  // namespace

std::string explanation_text(const PlacementExplanation& explanation,
                             const std::function<std::string(std::uint32_t)>& name_of) {
  std::vector<std::uint32_t> order(explanation.hosts.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater{},
                           [&](std::uint32_t host) { return explanation.hosts[host].weight; });
  std::string text;
  for (const std::uint32_t number : order) {
    const ExplainedHost& host = explanation.hosts[number];
    text += fmt::format(
        "host {}: weight {} (room {}, speed {}, close {}, standing {}; one of {}){}, drawn {}: {}\n",
        name_of(number), host.weight, host.parts.room, host.parts.speed, host.parts.close,
        host.parts.standing, host.sharing, host.is_new ? ", new" : "", host.times_drawn, fate_of(host));
  }
  for (const ExplainedDraw& draw : explanation.draws)
    text += fmt::format("draw for {} {} of group {}: {} of {} is {}: {}\n",
                        draw.is_secondary ? "stand-in" : "number", draw.slot, draw.group, draw.value,
                        draw.total, name_of(draw.host), draw.rule ? rule_name(*draw.rule) : "taken");
  return text;
}

}  // namespace inxt::plan
