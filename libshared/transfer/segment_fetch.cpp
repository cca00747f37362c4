// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/segment_fetch.h"

#include <fmt/format.h>

#include <algorithm>

#include "transfer/segment_joiner.h"

namespace inxt::transfer {

using net::Awaitable;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t kTroublesMax = 16;

}  // namespace

/// However the coroutine ends: a cancelled one is destroyed where it waits.
struct SegmentFetch::EndOfTry {
  SegmentFetch& all;
  Try& one;
  ~EndOfTry() {
    one.running = false;
    --all.running_;
    all.changed_.notify();
  }
};

SegmentFetch::SegmentFetch(Network network, const std::vector<PieceSource>& sources,
                           const format::Layout& layout, const std::function<bool()>& stopped)
    : net_(network), layout_(layout), stopped_(stopped), changed_(network.executor) {
  for (const auto& source : sources) tries_.push_back({.source = &source});
}

std::size_t SegmentFetch::shards() const {
  std::set<std::uint32_t> shards;
  for (const auto& piece : pieces_) shards.insert(piece.place.shard);
  return shards.size();
}

bool SegmentFetch::has(const Place& place) const {
  return std::ranges::find(pieces_, place, &FetchedPiece::place) != pieces_.end();
}

SegmentFetch::Try* SegmentFetch::next(const std::set<PieceId>& wanted) {
  // By name first: where all that is wanted can be copied, nothing else is read.
  std::set<PieceId> copyable, done;
  std::set<std::uint32_t> there, coming;
  std::size_t awaited = 0;
  for (const auto& piece : pieces_) there.insert(piece.place.shard);
  for (const auto& one : tries_) {
    if (has(one.source->line.place)) done.insert(one.source->line.id);
    if (one.running && !one.slow) {
      ++awaited;
      coming.insert(one.source->line.place.shard);
      copyable.insert(one.source->line.id);
    }
    if (!one.running && !one.useless && one.tries < kRebuildGetTries) copyable.insert(one.source->line.id);
  }
  const bool all_by_name = !wanted.empty() && std::ranges::all_of(wanted, [&](const PieceId& id) {
    return done.contains(id) || copyable.contains(id);
  });
  std::size_t needed = 0;
  for (const auto& id : wanted) needed += !done.contains(id);
  if (!all_by_name) needed = layout_.k - std::min<std::size_t>(there.size(), layout_.k);
  if (awaited >= needed) return nullptr;

  Try* best = nullptr;
  const auto key = [&](const Try& one) {
    return std::tuple(one.tries, !wanted.contains(one.source->line.id));
  };
  for (auto& one : tries_) {
    const auto& line = one.source->line;
    if (one.running || one.useless || one.tries >= kRebuildGetTries || has(line.place)) continue;
    if (all_by_name) {
      if (!wanted.contains(line.id)) continue;
      const bool is_coming = std::ranges::any_of(tries_, [&](const Try& other) {
        return other.running && !other.slow && other.source->line.id == line.id;
      });
      if (is_coming) continue;
    } else if (there.contains(line.place.shard) || coming.contains(line.place.shard)) {
      continue;
    }
    if (best == nullptr || key(one) < key(*best)) best = &one;
  }
  return best;
}

void SegmentFetch::look_for_slow() {
  const auto now_ms = net_.clock.steady_ms();
  for (auto& one : tries_) {
    if (!one.running || now_ms - one.begun_ms < kFetchMsMax) continue;
    one.useless = true;
    note(one, fmt::format("gave no whole piece within {} s (kFetchMsMax)", kFetchMsMax / 1000));
    one.task.cancel();
  }
  if (now_ms - last_piece_ms_ < kFetchSlowMs) return;
  last_piece_ms_ = now_ms;
  // Their bytes are memory too: no more of them than a segment can lack.
  const auto slow = std::ranges::count_if(tries_, [](const Try& one) { return one.running && one.slow; });
  if (slow >= std::int64_t{layout_.m} + layout_.mirrors) return;
  Try* longest = nullptr;
  for (auto& one : tries_)
    if (one.running && !one.slow && (longest == nullptr || one.begun_ms < longest->begun_ms)) longest = &one;
  if (longest != nullptr) longest->slow = true;
}

void SegmentFetch::note(const Try& one, std::string_view what) {
  if (troubles_.size() < kTroublesMax)
    troubles_.push_back(fmt::format("Host {} {}", one.source->host.id.hex().substr(0, 8), what));
}

Awaitable<Result<void>> SegmentFetch::get(const std::vector<PieceId>& ids) {
  const std::set<PieceId> wanted(ids.begin(), ids.end());
  const auto is_done = [&] {
    if (shards() >= layout_.k || wanted.empty()) return shards() >= layout_.k;
    return std::ranges::all_of(wanted, [&](const PieceId& id) {
      return std::ranges::any_of(
          tries_, [&](const Try& one) { return one.source->line.id == id && has(one.source->line.place); });
    });
  };
  last_piece_ms_ = net_.clock.steady_ms();
  std::optional<Error> fatal;
  while (!fatal && !is_done()) {
    look_for_slow();
    while (Try* one = next(wanted)) {
      one->running = true;
      one->slow = false;
      one->begun_ms = net_.clock.steady_ms();
      ++one->tries;
      ++running_;
      one->task = net::Task::start(net_.executor, fetch(*one));
    }
    if (running_ == 0) {
      fatal = lacking();
      break;
    }
    co_await changed_.wait_for(milliseconds(200));
    if (stopped_ && stopped_()) fatal = Error{Code::failure, "stopped by a signal"};
  }
  for (auto& one : tries_)
    if (one.running) one.task.cancel();
  while (running_ > 0) co_await changed_.wait();
  if (fatal) co_return std::unexpected(*std::move(fatal));
  co_return Result<void>{};
}

Awaitable<void> SegmentFetch::fetch(Try& one) {
  EndOfTry end{*this, one};
  const auto& source = *one.source;
  Bytes bytes(source.line.size);
  PieceService& service = source.service != nullptr ? *source.service : net_.service;
  Result<void> got = co_await service.get(source.host, source.line.id, 0, bytes);
  bool is_false = false;
  if (got) {
    read_bytes_ += source.line.size;
    got = co_await net_.workers.run([&] { return check_piece(source.line, bytes); });
    is_false = !got;
  }
  if (!got) {
    if (is_false) false_.push_back({source.line.id, source.host.id});
    one.useless = is_false || got.error().code != Code::try_again;
    note(one, is_false ? "sent a false piece" : "failed: " + got.error().what);
    co_return;
  }
  last_piece_ms_ = net_.clock.steady_ms();
  if (!has(source.line.place)) pieces_.push_back({source.line.place, std::move(bytes)});
}

Error SegmentFetch::lacking() const {
  std::string what = fmt::format("{} shards could be read, {} are needed", shards(), layout_.k);
  if (tries_.empty()) what += ": no Host is known to have one";
  for (const auto& trouble : troubles_) what += "; " + trouble;
  return {Code::too_few_pieces, what, "its Hosts may answer later: try again"};
}

}  // namespace inxt::transfer
