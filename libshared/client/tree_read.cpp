// SPDX-License-Identifier: LGPL-3.0-or-later
// TreeView's reading side: what is new is fetched, verified and folded.
#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "client/tree.h"
#include "net/event.h"
#include "net/race.h"

namespace inxt::client {

using net::Awaitable;
using net::operator&&;  // race.h

namespace {

constexpr std::size_t kParallelEntriesMin = 8;  // fewer are read by one worker

}  // namespace

TreeView::TreeView(TreeWorld world, const keys::Key& key, const format::LogId& log, LogMemory memory)
    : world_(world), key_(key), memory_(std::move(memory)), chain_(log, LogWriters(key)) {
  if (const auto* owner = key.owner()) tree_key_ = format::TreeKey::of(owner->recipient_secret());
}

Awaitable<Result<std::unique_ptr<TreeView>>> TreeView::open(TreeWorld world, const keys::Key& key,
                                                            TreeOptions options) {
  if (const auto* owner = key.owner()) options.log = format::TreeKey::of(owner->recipient_secret()).log();
  if (!options.log)
    co_return fail(Code::usage, "a delegated machine's key does not say which log is the owner's",
                   "use a bridge file that names it (inxt-permit delegate makes one)");
  CO_TRY(auto memory, LogMemory::load(options.state_folder, *options.log));
  std::unique_ptr<TreeView> view(new TreeView(world, key, *options.log, std::move(memory)));
  view->append_wait_ms_max_ = std::max<std::int64_t>(1, options.append_wait_ms_max);
  if (options.cache && view->readable()) {
    Result<void> loaded = co_await world.workers.run([&] { return view->load_cache(options); });
    CO_CHECK(loaded);
  }
  CO_CHECK(co_await view->refresh());
  co_return view;
}

Result<void> TreeView::load_cache(const TreeOptions& options) {
  // A cache that cannot be made, read or written costs time, and nothing else.
  auto cache = TreeCache::open(options.cache_folder, *tree_key_);
  if (!cache) return {};
  auto loaded = cache->load();
  if (!loaded) return {};
  cache_ = *std::move(cache);
  auto cached = *std::move(loaded);
  if (!cached) return {};
  const auto& seen = memory_.seen();
  const auto& reached = cached->state.head;
  if (seen.seq == reached.seq && seen != reached) return {};  // folded anew, and held against what was seen
  // Only this owner's programs can have written it, so it is as much a memory of what was seen as the
  // memory's own file. Should the two not be of one log, the chain from here will not reach what was seen.
  tree_ = std::move(cached->tree);
  chain_.resume(cached->state);
  hashes_begin_ = reached.seq;
  hashes_ = {reached.hash};
  cached_until_ = reached.seq;
  cached_names_ = tree_.names();
  return {};
}

std::optional<crypto::Hash> TreeView::hash_at(std::uint64_t seq) const {
  if (seq < hashes_begin_ || seq - hashes_begin_ >= hashes_.size()) return std::nullopt;
  return hashes_[seq - hashes_begin_];
}

Awaitable<Result<transfer::LogPage>> TreeView::page(std::uint64_t after, std::uint32_t limit) {
  CO_TRY(auto page, co_await world_.bridge.entries(log(), after, limit));
  if (page.entries.size() > limit)
    co_return fail(Code::integrity, fmt::format("the Bridge gave {} entries where {} were asked for",
                                                page.entries.size(), limit));
  co_return page;
}

TreeView::ReadEntries TreeView::read(std::span<const std::string> lines) const {
  ReadEntries out;
  for (const auto& line : lines) {
    out.push_back(read_entry(line, tree_key_ ? &*tree_key_ : nullptr));
    if (!out.back()) break;
  }
  return out;
}

Awaitable<Result<TreeView::ReadEntries>> TreeView::read_page(const transfer::LogPage& page,
                                                             std::optional<std::uint64_t> next_after,
                                                             std::optional<Result<transfer::LogPage>>& next) {
  const std::span<const std::string> lines(page.entries);
  const auto half = lines.size() < kParallelEntriesMin ? 0 : lines.size() / 2;
  ReadEntries first, second;
  const auto read_first = [&] { first = read(lines.first(half)); };
  const auto read_second = [&] { second = read(lines.subspan(half)); };
  Result<void> first_ran, second_ran;
  if (next_after) {
    auto [a, b, fetched] = co_await (world_.workers.run(read_first) && world_.workers.run(read_second) &&
                                     this->page(*next_after, transfer::kLogPageEntriesMax));
    first_ran = std::move(a);
    second_ran = std::move(b);
    next.emplace(std::move(fetched));
  } else {
    auto [a, b] = co_await (world_.workers.run(read_first) && world_.workers.run(read_second));
    first_ran = std::move(a);
    second_ran = std::move(b);
  }
  CO_CHECK(first_ran);
  CO_CHECK(second_ran);
  if (first.empty() || first.back()) std::ranges::move(second, std::back_inserter(first));
  co_return first;
}

Awaitable<Result<void>> TreeView::refresh() {
  if (!readable()) co_return co_await refresh_blind();
  const auto seen = memory_.seen();
  CO_TRY(auto page, co_await this->page(head().seq, transfer::kLogPageEntriesMax));
  while (true) {
    const auto known = std::max(seen.seq, head().seq);
    if (page.head.seq < known)
      co_return false_log(fmt::format("it ends at entry {}, and this machine has seen entry {} (rolled back)",
                                      page.head.seq, known));
    if (page.entries.empty() && page.head.seq > head().seq)
      co_return false_log(
          fmt::format("it has {} entries, and the Bridge gives none behind entry {} (withheld)",
                      page.head.seq, head().seq));
    std::optional<std::uint64_t> next_after;
    if (const auto reached = head().seq + page.entries.size(); reached < page.head.seq) next_after = reached;
    std::optional<Result<transfer::LogPage>> next;
    CO_TRY(auto entries, co_await read_page(page, next_after, next));
    Result<void> taken = co_await world_.workers.run([&] { return take_in(std::move(entries)); });
    CO_CHECK(taken);
    if (next) {
      CO_TRY(page, *std::move(next));
      continue;
    }
    if (head().seq > page.head.seq)
      co_return fail(Code::integrity, "the Bridge gave more entries than it says that the log has");
    if (head().hash != page.head.hash)
      co_return false_log(fmt::format("entry {} is {}, and this machine knows it as {} (forked)", head().seq,
                                      to_hex(page.head.hash), to_hex(head().hash)));
    break;
  }
  co_return co_await world_.workers.run([&]() -> Result<void> {
    TRY(remember());
    save_cache_if_due();
    return {};
  });
}

/// Every entry in turn.  What was taken in stays good when a later one is not.
Result<void> TreeView::take_in(ReadEntries entries) {
  const auto& seen = memory_.seen();
  for (auto& read : entries) {
    const auto entry = TRY(std::move(read));
    const auto before = chain_.state();
    const auto accepted = TRY(chain_.accept(entry));
    if (head().seq == seen.seq && head().hash != seen.hash) {
      chain_.resume(before);
      return false_log(fmt::format("entry {} is {}, and this machine has seen {} (forked)", seen.seq,
                                   to_hex(entry.opened.hash), to_hex(seen.hash)));
    }
    TRY(apply(entry, accepted));
  }
  return {};
}

Result<void> TreeView::apply(const ReadEntry& entry, const LogChain::Accepted& accepted) {
  const auto& said = entry.opened.head;
  if (hashes_.empty()) hashes_begin_ = said.seq;
  hashes_.push_back(entry.opened.hash);
  if (!readable()) return {};
  const tree::EntryStamp stamp{.seq = said.seq,
                               .time_unix_s = said.time_unix_s,
                               .uploader = said.uploader,
                               .owner_unix_s = accepted.owner_unix_s};
  if (accepted.refused) {
    tree_.note_refused(stamp, *accepted.refused);
    return {};
  }
  for (const auto& op : *entry.ops) tree_.apply(stamp, op);
  return {};
}

Result<void> TreeView::remember() {
  return memory_.save(head(), [this](std::uint64_t seq) { return hash_at(seq); });
}

void TreeView::save_cache_if_due() {
  const auto behind = head().seq - cached_until_;
  const auto names = std::max(tree_.names(), cached_names_) - std::min(tree_.names(), cached_names_);
  if (!cache_ || behind == 0 || (behind < kCacheBehindEntries && names <= tree_.names() / 8)) return;
  if (!cache_->save(chain_.state(), tree_, world_.random)) return cache_.reset();
  cached_until_ = head().seq;
  cached_names_ = tree_.names();
}

/// Without the tree there is nothing to fold: from what was seen on, the chain is followed; at first, the
/// last entry is taken as it is.
Awaitable<Result<void>> TreeView::refresh_blind() {
  const auto seen = memory_.seen();
  if (head().seq == 0 && seen.seq > 0) {
    chain_.resume({.head = seen, .owner_unix_s = 0, .false_owner = {}});
    hashes_begin_ = seen.seq;
    hashes_ = {seen.hash};
  }
  while (true) {
    CO_TRY(auto page, co_await this->page(head().seq, transfer::kLogPageEntriesMax));
    if (page.head.seq < head().seq)
      co_return false_log(fmt::format("it ends at entry {}, and this machine has seen entry {} (rolled back)",
                                      page.head.seq, head().seq));
    if (page.entries.empty() && page.head.seq > head().seq)
      co_return false_log(
          fmt::format("it has {} entries, and the Bridge gives none behind entry {} (withheld)",
                      page.head.seq, head().seq));
    if (head().seq == 0 && page.head.seq > 1) {
      CO_TRY(page, co_await this->page(page.head.seq - 1, 1));
      if (page.entries.empty()) co_return false_log("the Bridge withholds its last entry");
      CO_TRY(const auto last, read_entry(page.entries.front(), nullptr));
      if (last.opened.head.seq == 0 || last.opened.head.seq > page.head.seq)
        co_return false_log("its last entry has another number");
      const format::LogHead from{.seq = last.opened.head.seq - 1, .hash = last.opened.head.prev};
      chain_.resume({.head = from, .owner_unix_s = 0, .false_owner = {}});
    }
    Result<void> taken = co_await world_.workers.run([&] { return take_in(read(page.entries)); });
    CO_CHECK(taken);
    if (head().seq < page.head.seq) continue;
    if (head() != page.head)
      co_return false_log(fmt::format("entry {} is {}, and this machine knows it as {} (forked)", head().seq,
                                      to_hex(page.head.hash), to_hex(head().hash)));
    co_return co_await world_.workers.run([&] { return remember(); });
  }
}

struct TreeView::FetchAhead {
  FetchAhead(std::vector<format::RecordId> wanted, const net::Executor& executor)
      : ids(std::move(wanted)), ended(executor) {}

  std::vector<format::RecordId> ids;
  std::size_t next = 0;
  unsigned running = 0;
  net::Event ended;
};

Awaitable<void> TreeView::fetch_some(FetchAhead& fetch) {
  struct End {
    FetchAhead& of;
    ~End() {
      --of.running;
      of.ended.notify();
    }
  };
  const End end{fetch};
  while (fetch.next < fetch.ids.size()) {
    const auto id = fetch.ids[fetch.next++];
    if (recent_records_.contains(id)) continue;
    auto line = co_await world_.bridge.record(log(), id);
    if (!line && line.error().code == Code::not_found) continue;
    if (!line) co_return;  // record() finds out why
    if (format::record_id(*line) == id) ahead_.emplace(id, *std::move(line));
  }
}

Awaitable<void> TreeView::fetch_ahead(std::vector<format::RecordId> ids) {
  CHECK_BUG(ids.size() <= kRecordsAheadMax);
  ahead_.clear();
  const auto executor = co_await net::asio::this_coro::executor;
  FetchAhead fetch(std::move(ids), executor);
  fetch.running = kRecordsAtOnce;
  for (unsigned i = 0; i < kRecordsAtOnce; ++i) net::spawn(executor, fetch_some(fetch));
  while (fetch.running > 0) co_await fetch.ended.wait();
}

bool TreeView::is_named_by_owner(const format::RecordId& id) {
  // Once for a head: a delegated machine can name thousands that are not there.
  if (!owner_records_ || owner_records_->head != head())
    owner_records_ = OwnerRecords{.head = head(), .ids = tree_.owner_records()};
  return std::ranges::binary_search(owner_records_->ids, id);
}

Awaitable<Result<std::string>> TreeView::record_line(format::RecordId id) {
  if (const auto own = recent_records_.find(id); own != recent_records_.end()) co_return own->second;
  if (auto ahead = ahead_.extract(id)) co_return std::move(ahead.mapped());
  auto line = co_await world_.bridge.record(log(), id);
  if (!line && line.error().code == Code::not_found && readable()) {
    // Another machine may have purged it a moment ago.
    CO_CHECK(co_await refresh());
    // A delegated machine can name a record that it never stored: only what the owner's own machines named
    // must be there.
    if (is_named_by_owner(id))
      co_return false_log(fmt::format(
          "the log names record {}, and the Bridge says that it does not have it (withheld)", id.hex()));
  }
  if (!line) co_return std::unexpected(std::move(line).error());
  if (format::record_id(*line) != id)
    co_return false_log(
        fmt::format("where record {} was asked for, the Bridge gives another (swapped)", id.hex()));
  co_return *std::move(line);
}

Awaitable<Result<format::ObjectRecord>> TreeView::record(const tree::Version& version) {
  // By value: the tree may change meanwhile.
  const auto id = version.record;
  const auto object = version.object;
  const auto named_by = version.uploader;
  CO_TRY(auto read, co_await open_record(id));
  // Else a delegated machine, which sees the ids of all records, could put any of them into a folder that is
  // shared, and have the owner give away the keys of its file.
  if (named_by != 0 &&
      (read.first != named_by || read.second.object.value_or(format::ObjectId{id.bytes}) != object))
    co_return fail(Code::denied,
                   fmt::format("uploader {} put record {} there, which it did not write", named_by, id.hex()),
                   "remove that name; if you did not expect this, that machine's key may be stolen");
  co_return std::move(read.second);
}

Awaitable<Result<format::ObjectRecord>> TreeView::record(format::RecordId id) {
  CO_TRY(auto read, co_await open_record(id));
  co_return std::move(read.second);
}

Awaitable<Result<std::pair<std::uint32_t, format::ObjectRecord>>> TreeView::open_record(format::RecordId id) {
  if (!readable())
    co_return fail(Code::denied, "a delegated machine reads no records", "use the owner's key file");
  CO_TRY(const auto line, co_await record_line(id));
  CO_TRY(const auto opened, format::open_record_head(line));
  const auto& said = opened.head;
  // Not the Bridge's doing: the id is the hash of all of it.
  const auto fault = chain_.writers().fault(said.uploader, said.writer, said.certificate, std::nullopt);
  if (fault)
    co_return fail(Code::denied,
                   fmt::format("record {}, by uploader {}: {}", id.hex(), said.uploader, *fault));
  CO_TRY(auto record, format::open_record(opened, *tree_key_));
  co_return std::pair(said.uploader, std::move(record));
}

Awaitable<Result<std::vector<std::string>>> TreeView::entry_lines(std::uint64_t first, std::uint64_t last) {
  std::vector<std::string> out;
  const auto end = hash_at(last);
  if (!end || first == 0 || first > last) co_return fail(Code::usage, "entries that were not read");
  format::LogHead at{.seq = first - 1, .hash = {}};
  while (at.seq < last) {
    const auto limit =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(transfer::kLogPageEntriesMax, last - at.seq));
    CO_TRY(auto page, co_await this->page(at.seq, limit));
    if (page.entries.empty())
      co_return false_log(fmt::format("the Bridge gives no entries behind entry {} (withheld)", at.seq));
    for (auto& line : page.entries) {
      CO_TRY(const auto opened, format::open_entry_head(line));
      const bool follows = opened.head.seq == at.seq + 1 && opened.head.log == log() &&
                           (out.empty() || opened.head.prev == at.hash);
      const auto known = hash_at(opened.head.seq);
      if (!follows || (known && *known != opened.hash))
        co_return false_log(fmt::format("entry {} is not the one that was read before", at.seq + 1));
      at = {.seq = opened.head.seq, .hash = opened.hash};
      out.push_back(std::move(line));
    }
  }
  // The last one's hash is known, and each names the hash of the one before it: so all are.
  if (at.hash != *end) co_return false_log(fmt::format("entry {} is not the one that was read before", last));
  co_return out;
}

Awaitable<Result<void>> TreeView::require_head(format::LogHead other) {
  if (other.seq == 0) co_return Result<void>{};
  if (other.seq > head().seq)
    co_return fail(Code::try_again,
                   fmt::format("the other machine has seen entry {}, and the log ends at entry {} here",
                               other.seq, head().seq),
                   "if this stays so, the Bridge withholds what the other machine was shown");
  CO_CHECK(co_await learn_hashes(other.seq));
  const auto here = hash_at(other.seq);
  if (here != other.hash)
    co_return false_log(fmt::format("entry {} is {} here, and {} on the other machine (forked)", other.seq,
                                    to_hex(*here), to_hex(other.hash)));
  co_return Result<void>{};
}

Awaitable<Result<void>> TreeView::learn_hashes(std::uint64_t first) {
  if (hash_at(first)) co_return Result<void>{};
  if (hashes_.empty() || first == 0 || first > head().seq)
    co_return fail(Code::usage, "entries that were not read");
  std::vector<crypto::Hash> hashes;
  while (first + hashes.size() <= hashes_begin_) {
    const auto after = first + hashes.size() - 1;
    const auto left = hashes_begin_ - after;
    CO_TRY(const auto page, co_await this->page(after, static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                                           left, transfer::kLogPageEntriesMax))));
    if (page.entries.empty())
      co_return false_log(fmt::format("the Bridge gives no entries behind entry {} (withheld)", after));
    for (const auto& line : page.entries) {
      CO_TRY(const auto opened, format::open_entry_head(line));
      if (opened.head.seq != first + hashes.size() || (!hashes.empty() && opened.head.prev != hashes.back()))
        co_return false_log(
            fmt::format("entry {} is not the one that was read before", first + hashes.size()));
      hashes.push_back(opened.hash);
    }
  }
  if (hashes.back() != hashes_.front())
    co_return false_log(fmt::format("entry {} is not the one that was read before", hashes_begin_));
  hashes.insert(hashes.end(), hashes_.begin() + 1, hashes_.end());
  hashes_ = std::move(hashes);
  hashes_begin_ = first;
  co_return Result<void>{};
}

}  // namespace inxt::client
