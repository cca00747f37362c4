// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/known_hosts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace inxt::format {

KnownHosts::KnownHosts(std::vector<Descriptor> hosts) : hosts_(std::move(hosts)) {
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    by_id_.emplace(hosts_[i].host, i);
    for (const auto& link : hosts_[i].former) {
      const auto [known, is_new] = successor_.emplace(link.from, link.to);
      if (is_new)
        given_up_.push_back(link.from);
      else if (known->second != link.to)
        disputes_.push_back({link.from, std::min(known->second, link.to), std::max(known->second, link.to)});
    }
  }
  std::ranges::sort(disputes_, {}, &Dispute::id);
  const auto [first, last] = std::ranges::unique(disputes_, {}, &Dispute::id);
  disputes_.erase(first, last);
}

bool KnownHosts::is_disputed(const HostId& id) const {
  return std::ranges::binary_search(disputes_, id, {}, &Dispute::id);
}

const Descriptor* KnownHosts::find(const HostId& id) const {
  HostId at = id;
  for (std::size_t steps = 0; steps <= kSuccessionsMax;
       ++steps) {  // two Hosts can name each other as successors
    if (is_disputed(at)) return nullptr;
    const auto next = successor_.find(at);
    if (next == successor_.end()) {
      const auto known = by_id_.find(at);
      return known == by_id_.end() ? nullptr : &hosts_[known->second];
    }
    at = next->second;
  }
  return nullptr;
}

std::vector<HostId> KnownHosts::successors_of(const HostId& id) const {
  CHECK_BUG(find(id) != nullptr);
  std::vector<HostId> out;
  for (auto next = successor_.find(id); next != successor_.end(); next = successor_.find(next->second))
    out.push_back(next->second);
  return out;
}

std::vector<Descriptor> KnownHosts::for_new_pieces() const {
  std::vector<Descriptor> out;
  for (const auto& host : hosts_) {
    if (successor_.contains(host.host)) continue;
    if (std::ranges::any_of(host.former, [&](const auto& link) { return is_disputed(link.from); })) continue;
    out.push_back(host);
  }
  return out;
}

std::vector<std::pair<HostId, const Descriptor*>> KnownHosts::names() const {
  std::vector<std::pair<HostId, const Descriptor*>> out;
  for (const auto& host : hosts_)
    if (const auto* found = find(host.host); found == &host) out.emplace_back(host.host, found);
  for (const auto& id : given_up_)
    if (const auto* found = find(id)) out.emplace_back(id, found);
  return out;
}

std::string KnownHosts::describe(const Dispute& dispute) {
  return fmt::format(
      "Host {}: its key named two successors, {} and {}: it was stolen; neither is taken for that Host, nor "
      "given new "
      "pieces",
      dispute.id.hex().substr(0, 8), dispute.first.hex().substr(0, 8), dispute.second.hex().substr(0, 8));
}

}  // namespace inxt::format
