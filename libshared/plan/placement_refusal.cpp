// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/placement_refusal.h"

#include <fmt/format.h>

namespace inxt::plan {
namespace {

struct Words {
  std::string_view name;
  std::string_view why;  // after a number of Hosts
};

Words words_of(PlacementRule rule) {
  switch (rule) {
    case PlacementRule::away:
      return {"away", "away or leaving"};
    case PlacementRule::uptime:
      return {"uptime", "up too seldom"};
    case PlacementRule::standing:
      return {"standing", "without standing"};
    case PlacementRule::room:
      return {"room", "without room"};
    case PlacementRule::excluded:
      return {"excluded", "excluded by you"};
    case PlacementRule::operator_group:
      return {"operator", "with an operator that is in already"};
    case PlacementRule::network:
      return {"network", "in a network (/24, /48) that is in already"};
    case PlacementRule::domain:
      return {"domain", "in a failure domain that is in already"};
    case PlacementRule::all_data:
      return {"all-data", "that would have all data of the file"};
    case PlacementRule::new_hosts:
      return {"new", "new beyond the share of new Hosts"};
    case PlacementRule::other_group:
      return {"other-group", "in another group of the file"};
    case PlacementRule::region:
      return {"region", "in a region that is full"};
    case PlacementRule::wide_network:
      return {"wide-network", "in a /16 (/32) that is full"};
    case PlacementRule::primary:
      return {"primary", "not apart from the primary group"};
    case PlacementRule::far:
      return {"far", "far away"};
    case PlacementRule::taken:
      return {"taken", "taken already"};
  }
  return {"", ""};
}

}  // namespace

std::string_view rule_name(PlacementRule rule) {
  return words_of(rule).name;
}

Error refusal_error(const PlacementRefusal& refusal, const PlacementExceptions& allowed) {
  const PlacedLayout& layout = refusal.layout;
  std::string what = layout.mirrors > 1 || layout.k + layout.m == 1
                         ? fmt::format("{} mirror{}", layout.mirrors, layout.mirrors > 1 ? "s" : "")
                         : fmt::format("{}+{}", layout.k, layout.m);
  what += fmt::format(" of {} bytes each: {} Hosts are needed and {} can be had of {}", refusal.host_bytes,
                      refusal.needed, refusal.found, refusal.hosts);
  std::string_view separator = ": ";
  const auto removed = [&](PlacementRule rule) { return refusal.removed[static_cast<std::size_t>(rule)]; };
  for (std::size_t i = 0; i < kPlacementRules; ++i) {
    const auto rule = static_cast<PlacementRule>(i);
    if (removed(rule) == 0) continue;
    what += fmt::format("{}{} {}", separator, removed(rule), words_of(rule).why);
    separator = ", ";
  }
  std::string names;
  const auto may_allow = [&](PlacementRule rule, bool is_allowed) {
    if (removed(rule) > 0 && !is_allowed)
      names += fmt::format("{}{}", names.empty() ? "" : ", ", rule_name(rule));
  };
  may_allow(PlacementRule::operator_group, allowed.operator_group);
  may_allow(PlacementRule::network, allowed.network);
  may_allow(PlacementRule::domain, allowed.domain);
  may_allow(PlacementRule::new_hosts, allowed.new_hosts);
  std::string hint = "ask for less, or try again when there are more Hosts";
  if (!names.empty()) hint += "; what may be allowed by name: " + names;
  return {Code::try_again, std::move(what), std::move(hint)};
}

}  // namespace inxt::plan
