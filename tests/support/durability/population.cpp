// SPDX-License-Identifier: AGPL-3.0-or-later
#include "durability/population.h"

#include <algorithm>
#include <utility>

namespace inxt::durability {
namespace {

constexpr std::uint32_t kNowhere = UINT32_MAX;

}  // namespace

Population::Population(const AvailabilityTrace& trace, std::uint32_t hosts, std::uint64_t seed)
    : trace_(trace),
      copies_(hosts / trace.live_mean),
      random_(seed),
      nodes_(trace.nodes),
      is_seen_(trace.nodes) {
  for (const std::uint32_t node : trace_.first_live) {
    nodes_[node].is_up = is_seen_[node] = true;
    join(node);
  }
}

void Population::attach(std::uint32_t host, std::uint32_t node) {
  node_of_[host] = node;
  nodes_[node].hosts.push_back(host);
}

/// As many new Hosts as the node stands for.
void Population::join(std::uint32_t node) {
  auto count = static_cast<std::uint32_t>(copies_);
  count += uniform() < copies_ - count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto host = static_cast<std::uint32_t>(node_of_.size());
    node_of_.push_back(node);
    nodes_[node].hosts.push_back(host);
    ready_.push_back({.host = host, .kind = HostEvent::Kind::joins});
  }
}

void Population::leave(std::uint32_t host) {
  if (node_of_[host] == kNowhere) return;
  std::erase(nodes_[node_of_[host]].hosts, host);
  node_of_[host] = kNowhere;
}

std::uint32_t Population::replace(std::uint32_t host) {
  const auto other = static_cast<std::uint32_t>(node_of_.size());
  node_of_.push_back(kNowhere);
  if (const std::uint32_t node = node_of_[host]; node != kNowhere) {
    leave(host);
    attach(other, node);
  }
  return other;
}

/// Whether, and when, one comes back that was not seen again.
std::optional<std::int64_t> Population::return_s(const NodeEvent& event, std::int64_t round_s) {
  const std::int64_t away_s = trace_.length_s - event.at_s;
  if (away_s >= trace_.length_s / 2) return std::nullopt;
  const auto& absences = trace_.absences[trace_.is_settled[event.node] ? 1 : 0];
  const auto longer = std::ranges::upper_bound(absences.returned_s, away_s);
  const auto returned = static_cast<std::uint64_t>(absences.returned_s.end() - longer);
  if (returned + absences.never == 0) return std::nullopt;
  const std::uint64_t drawn = random_() % (returned + absences.never);
  if (drawn >= returned) return std::nullopt;
  return round_s + event.at_s + longer[static_cast<std::ptrdiff_t>(drawn)];
}

/// A node that is there now, of the class where that is found.
std::uint32_t Population::stand_in(std::uint8_t of_class) {
  std::uint32_t found = kNowhere;
  for (int attempt = 0; attempt < 256; ++attempt) {
    const std::uint32_t node = trace_.then_live[random_() % trace_.then_live.size()];
    if (!nodes_[node].is_up) continue;
    if (trace_.first_class[node] == of_class) return node;
    if (found == kNowhere) found = node;
  }
  return found;
}

void Population::begin_round() {
  round_s_ += trace_.length_s - trace_.history_s;
  at_ = static_cast<std::size_t>(
      std::ranges::upper_bound(trace_.events, trace_.history_s, {}, &NodeEvent::at_s) -
      trace_.events.begin());
  std::vector<std::pair<std::uint32_t, std::uint8_t>> living;
  for (std::uint32_t node = 0; node < nodes_.size(); ++node) {
    for (const std::uint32_t host : nodes_[node].hosts) {
      if (nodes_[node].is_up) living.emplace_back(host, trace_.last_class[node]);
      node_of_[host] = kNowhere;
    }
    nodes_[node] = {};
  }
  is_seen_ = trace_.is_seen_then;
  for (const std::uint32_t node : trace_.then_live) nodes_[node].is_up = true;
  std::ranges::sort(living);
  for (const auto& [host, of_class] : living) attach(host, stand_in(of_class));
}

std::int64_t Population::next_s() {
  if (!ready_.empty()) return 0;  // those who are there at first
  if (at_ >= trace_.events.size()) begin_round();
  const std::int64_t event_s = round_s_ + trace_.events[at_].at_s;
  return returns_.empty() ? event_s : std::min(event_s, returns_.begin()->at_s);
}

std::vector<HostEvent> Population::next() {
  const std::int64_t at_s = next_s();
  if (!ready_.empty()) return std::exchange(ready_, {});
  if (!returns_.empty() && returns_.begin()->at_s == at_s) {
    const Return back = *returns_.begin();
    returns_.erase(returns_.begin());
    const std::uint32_t node = stand_in(back.of_class);
    if (node == kNowhere) return {};
    attach(back.host, node);
    return {{.host = back.host, .kind = HostEvent::Kind::up}};
  }
  const NodeEvent& event = trace_.events[at_++];
  Node& node = nodes_[event.node];
  node.is_up = event.is_up;
  if (event.is_up && !is_seen_[event.node]) {
    is_seen_[event.node] = true;
    join(event.node);
    return std::exchange(ready_, {});
  }
  std::vector<HostEvent> events;
  for (const std::uint32_t host : std::vector(node.hosts)) {
    auto kind = event.is_up ? HostEvent::Kind::up : HostEvent::Kind::down;
    if (event.is_last) {
      leave(host);
      if (const auto back_s = return_s(event, round_s_)) {
        returns_.insert({.at_s = *back_s, .host = host, .of_class = trace_.last_class[event.node]});
      } else {
        kind = HostEvent::Kind::leaves;
      }
    }
    events.push_back({.host = host, .kind = kind});
  }
  return events;
}

}  // namespace inxt::durability
