// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/connection_table.h"

#include <ranges>

namespace inxt::net {

void ConnectionTable::resize(Networks::iterator network, std::size_t was) {
  if (was > 0) by_size_.erase({was, network->first});
  if (const std::size_t is = network->second.size(); is > 0)
    by_size_.emplace(is, network->first);
  else
    networks_.erase(network);
}

void ConnectionTable::add(Entry& entry, std::string_view network) {
  auto it = networks_.find(network);
  if (it == networks_.end()) it = networks_.try_emplace(std::string(network)).first;
  const std::size_t was = it->second.size();
  entry.network_ = it;
  entry.is_idle_ = true;
  entry.place_ = it->second.idle.insert(it->second.idle.end(), &entry);
  ++size_;
  resize(it, was);
}

void ConnectionTable::remove(Entry& entry) {
  Network& network = entry.network_->second;
  const std::size_t was = network.size();
  (entry.is_idle_ ? network.idle : network.busy).erase(entry.place_);
  --size_;
  resize(entry.network_, was);
}

void ConnectionTable::set_idle(Entry& entry, bool is_idle) {
  if (entry.is_idle_ == is_idle) return;
  Network& network = entry.network_->second;
  Entries& from = is_idle ? network.busy : network.idle;
  Entries& to = is_idle ? network.idle : network.busy;
  to.splice(to.end(), from, entry.place_);
  entry.is_idle_ = is_idle;
}

std::size_t ConnectionTable::size_of(std::string_view network) const {
  const auto it = networks_.find(network);
  return it == networks_.end() ? 0 : it->second.size();
}

ConnectionTable::Entry* ConnectionTable::first_to_go() const {
  for (const auto& [size, name] : std::views::reverse(by_size_)) {
    const Network& network = networks_.find(name)->second;
    if (!network.idle.empty()) return network.idle.front();
  }
  return nullptr;
}

}  // namespace inxt::net
