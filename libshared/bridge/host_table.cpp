// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/host_table.h"

#include <unordered_set>

#include "bridge/host_rows.h"

namespace inxt::bridge {
namespace {

constexpr std::int64_t kPageHosts = 4096;
constexpr std::int64_t kStaleMsMax = 60'000;  // an older table is better than none for so long

/// Whether nothing has been written about it since: what was read again because of the margin.
bool is_same(const KnownHost& a, const KnownHost& b) {
  const auto counter = [](const KnownHost& host) {
    return host.beat ? std::optional(host.beat->counter) : std::nullopt;
  };
  return a.token == b.token && a.declared == b.declared && a.since_unix_s == b.since_unix_s &&
         counter(a) == counter(b) && a.measured.probed_unix_s == b.measured.probed_unix_s &&
         a.measured.is_reachable == b.measured.is_reachable;
}

}  // namespace

std::optional<std::size_t> HostSnapshot::index_of(const HostId& id) const {
  const auto found = index_->find(id);
  if (found == index_->end()) return std::nullopt;
  return found->second;
}

const KnownHost* HostSnapshot::find(const HostId& id) const {
  const auto index = index_of(id);
  return index && !entries_[*index].is_gone ? entries_[*index].host.get() : nullptr;
}

Result<HostTable::Read> HostTable::read(std::int64_t since_unix_s, bool whole,
                                        std::shared_ptr<const HostSnapshot> before) {
  Read out{.hosts = {}, .is_whole = whole, .is_cut = false, .begun_unix_s = clock_.unix_s()};
  const OpenedBefore opened = [&](const HostId& id, std::string_view token) -> const format::Descriptor* {
    const auto index = before ? before->index_of(id) : std::nullopt;
    if (!index) return nullptr;
    const auto& host = *before->entries()[*index].host;
    return host.token == token ? &host.descriptor : nullptr;
  };
  const auto since = whole ? std::nullopt : std::optional(since_unix_s);
  std::optional<HostId> after;
  for (;;) {
    auto page = TRY(database_.read([&](database::Transaction& transaction) {
      return read_hosts_changed(transaction, since, after, kPageHosts, opened);
    }));
    if (page.empty()) return out;
    after = page.back().id();
    const bool is_last = page.size() < static_cast<std::size_t>(kPageHosts);
    for (auto& host : page) out.hosts.push_back(std::make_shared<KnownHost>(std::move(host)));
    if (is_last) return out;
    if (out.hosts.size() >= kHostTableMax) {
      out.is_cut = true;
      return out;
    }
  }
}

void HostTable::take(Read read) {
  auto next = now_ ? std::make_shared<HostSnapshot>(*now_) : std::make_shared<HostSnapshot>();
  auto index = next->index_;
  const auto version = next->version_ + 1;
  std::unordered_set<HostId> seen;
  std::shared_ptr<std::unordered_map<HostId, std::size_t>> grown;
  for (auto& host : read.hosts) {
    const HostId id = host->id();
    if (read.is_whole) seen.insert(id);
    const auto& map = grown ? *grown : *index;
    if (const auto known = map.find(id); known != map.end()) {
      if (!next->entries_[known->second].is_gone && is_same(*next->entries_[known->second].host, *host))
        continue;
      next->entries_[known->second] = {.host = std::move(host), .version = version, .is_gone = false};
      continue;
    }
    if (next->entries_.size() >= kHostTableMax) continue;
    if (!grown) grown = std::make_shared<std::unordered_map<HostId, std::size_t>>(*index);
    grown->emplace(id, next->entries_.size());
    next->entries_.push_back({.host = std::move(host), .version = version, .is_gone = false});
  }
  if (read.is_whole && !read.is_cut)
    for (auto& entry : next->entries_)
      if (!entry.is_gone && !seen.contains(entry.host->id())) entry.is_gone = true, entry.version = version;
  if (grown) next->index_ = std::move(grown);
  next->version_ = version;
  next->read_unix_s_ = read.begun_unix_s;
  now_ = std::move(next);
}

net::Awaitable<Result<void>> HostTable::refresh() {
  const auto begun_ms = clock_.steady_ms();
  const bool whole = !now_ || begun_ms - whole_ms_ >= kHostTableWholeS * 1000;
  const auto since_unix_s = now_ ? now_->read_unix_s() - kHostTableMarginS : 0;
  const auto before = now_;
  const auto job = [&] { return read(since_unix_s, whole, before); };
  Result<Read> read_now = co_await workers_.run(job);
  if (!read_now) co_return std::unexpected(std::move(read_now).error());
  take(*std::move(read_now));
  read_ms_ = begun_ms;
  if (whole) whole_ms_ = begun_ms;
  co_return Result<void>{};
}

net::Awaitable<Result<std::shared_ptr<const HostSnapshot>>> HostTable::snapshot() {
  while (reading_) {
    const auto reading = reading_;
    co_await reading->wait();
  }
  if (now_ && clock_.steady_ms() - read_ms_ < kHostTableAgeMs) co_return now_;
  reading_ = std::make_shared<net::Event>(co_await net::asio::this_coro::executor);
  const Done done(*this);
  Result<void> read_now = co_await refresh();
  if (!read_now && (!now_ || clock_.steady_ms() - read_ms_ > kStaleMsMax))
    co_return std::unexpected(std::move(read_now).error());
  co_return now_;
}

}  // namespace inxt::bridge
