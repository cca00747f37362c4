// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Bridge shows Hosts to read pieces that the owner's own accounts keep.
//
// All repairs read through one service: what a service knows for a Host, its TLS identity above all, costs
// more to make than a small piece to read.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "net/async.h"

namespace inxt::bridge {

/// Those of one repair; they are there while it lives.  One thread.
class ReadingLeases {
 public:
  using Name = std::pair<HostId, PieceId>;
  using All = std::map<Name, std::string>;

  /// REQUIRES: `all` outlives it.
  explicit ReadingLeases(All& all) : all_(all) {}
  ReadingLeases(const ReadingLeases&) = delete;
  ReadingLeases& operator=(const ReadingLeases&) = delete;
  ~ReadingLeases() {
    for (const auto& [name, token] : ours_)
      if (const auto found = all_.find(name); found != all_.end() && found->second == token)
        all_.erase(found);
  }

  /// In the place of an earlier one for the same piece.
  void add(const Name& name, std::string token) {
    all_[name] = token;
    ours_.emplace_back(name, std::move(token));
  }

  /// Errors: denied when there is none.
  static net::Awaitable<Result<std::string>> find(const All& all, HostId host, PieceId piece) {
    const auto found = all.find({host, piece});
    if (found != all.end()) co_return found->second;
    co_return fail(Code::denied, "no capability to read this piece");
  }

 private:
  All& all_;
  std::vector<std::pair<Name, std::string>> ours_;
};

}  // namespace inxt::bridge
