// SPDX-License-Identifier: LGPL-3.0-or-later
// The connections of a server by where they come from, and who has to go when there is no room for another.
// For the sources of this room.
#pragma once

#include <list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace inxt::net {

/// All operations in constant or, where connections come and go, logarithmic time.
class ConnectionTable {
 public:
  class Entry;

  ConnectionTable() = default;
  ConnectionTable(const ConnectionTable&) = delete;
  ConnectionTable& operator=(const ConnectionTable&) = delete;

  /// REQUIRES: the entry is in no table.  It counts as idle from now on.
  void add(Entry& entry, std::string_view network);
  void remove(Entry& entry);
  /// Idle since now, or busy.
  void set_idle(Entry& entry, bool is_idle);

  std::size_t size() const { return size_; }
  /// How many come from that network.
  std::size_t size_of(std::string_view network) const;
  /// The longest idle one of the network that has the most connections; of the next where none of these is
  /// idle. null when nobody is idle.
  Entry* first_to_go() const;

  template <class Function>
  void for_each_busy(Function&& function) const {
    for (const auto& [name, network] : networks_)
      for (Entry* entry : network.busy) function(*entry);
  }
  template <class Function>
  void for_each_idle(Function&& function) const {
    for (const auto& [name, network] : networks_)
      for (Entry* entry : network.idle) function(*entry);
  }
  template <class Function>
  void for_each(Function&& function) const {
    for_each_busy(function);
    for_each_idle(function);
  }

 private:
  using Entries = std::list<Entry*>;
  struct Network {
    Entries idle;  // the longest idle first
    Entries busy;
    std::size_t size() const { return idle.size() + busy.size(); }
  };
  using Networks = std::map<std::string, Network, std::less<>>;

  void resize(Networks::iterator network, std::size_t was);

  Networks networks_;
  std::set<std::pair<std::size_t, std::string_view>> by_size_;  // names of networks_
  std::size_t size_ = 0;
};

/// What a connection is to the table.
class ConnectionTable::Entry {
 public:
  bool is_idle() const { return is_idle_; }

 protected:
  ~Entry() = default;

 private:
  friend class ConnectionTable;
  Networks::iterator network_{};
  Entries::iterator place_{};
  bool is_idle_ = false;
};

}  // namespace inxt::net
