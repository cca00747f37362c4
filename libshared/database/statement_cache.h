// SPDX-License-Identifier: LGPL-3.0-or-later
// Statements that are ready, by their text; the one that was not used for longest goes first.
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace inxt::database {

/// One thread at a time.
template <class Statement>
class StatementCache {
 public:
  struct Entry {
    std::string text;
    Statement statement;
  };

  explicit StatementCache(std::size_t statements_max) : statements_max_(statements_max) {}

  /// Nothing when it is not there; until the next call.
  Statement* find(std::string_view text) {
    const auto found = places_.find(text);
    if (found == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->statement;
  }

  /// REQUIRES: not there.  `removed` is called with an entry that goes to make room.
  template <class Removed>
  Statement& add(std::string_view text, Statement statement, const Removed& removed) {
    while (!entries_.empty() && entries_.size() >= statements_max_) {
      removed(entries_.back().statement);
      places_.erase(entries_.back().text);
      entries_.pop_back();
    }
    entries_.push_front({std::string(text), std::move(statement)});
    places_.emplace(entries_.front().text, entries_.begin());
    return entries_.front().statement;
  }

  std::size_t size() const { return entries_.size(); }

 private:
  const std::size_t statements_max_;
  std::list<Entry> entries_;
  std::unordered_map<std::string_view, typename std::list<Entry>::iterator> places_;
};

}  // namespace inxt::database
