// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/placed_hosts.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/placement_check.h"
#include "store/stored_piece.h"

namespace inxt::client {
namespace {

using net::Awaitable;

/// Asked for again under the same name within the hour, a placement is the same one: so a put that goes on
/// where another stopped reserves nothing twice.
format::PlacementId placement_name(const FileId& file, std::uint64_t first_segment) {
  Bytes text = copy_of(view_of("placement"));
  append(text, file.view());
  append(text, big_endian(first_segment));
  const auto hash = crypto::sha256(text);
  format::PlacementId out{};
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

/// Also when the coroutine that asks is cancelled, others can ask again.
struct Asking {
  bool& is_asking;
  net::Event& changed;
  Asking(bool& flag, net::Event& event) : is_asking(flag), changed(event) { is_asking = true; }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;
  ~Asking() {
    is_asking = false;
    changed.notify();
  }
};

}  // namespace

Awaitable<Result<format::Layout>> PlacedHosts::begin(const FileId& file,
                                                     const std::optional<format::Layout>& layout) {
  file_ = file;
  Result<void> announced = co_await announce(0, layout);
  if (!announced) co_return std::unexpected(std::move(announced).error());
  co_return layout_;
}

Awaitable<Result<format::PlacementGiven>> PlacedHosts::ask_in_smaller_steps(format::PlacementWish& wish) {
  while (true) {
    Result<format::PlacementGiven> given = co_await bridge_.place(wish);
    const bool can_shrink = !wanted_.ciphertext_bytes && wish.bytes > kAnnouncedStepBytesMin;
    if (given || given.error().code != Code::quota || !can_shrink) co_return given;
    wish.bytes = step_bytes_ = std::max(wish.bytes / 8, kAnnouncedStepBytesMin);
  }
}

Awaitable<Result<void>> PlacedHosts::announce(std::uint64_t first_segment,
                                              const std::optional<format::Layout>& layout) {
  format::PlacementWish wish;
  wish.id = placement_name(file_, first_segment);
  const auto done_bytes = layout ? first_segment * layout->segment_bytes() : 0;
  const auto wanted = wanted_.ciphertext_bytes;
  wish.bytes = wanted && *wanted > done_bytes ? *wanted - done_bytes
               : wanted && first_segment == 0 ? *wanted
                                              : step_bytes_;
  // What was thought to be its size was not: from here on in steps.
  if (wanted && first_segment > 0 && *wanted <= done_bytes) wanted_.ciphertext_bytes.reset();
  wish.is_open_ended = !wanted_.ciphertext_bytes;
  wish.layout = layout;
  wish.price_max = wanted_.price_max;
  wish.allow = wanted_.allow;
  wish.groups_min = wanted_.groups_min;
  wish.seed = wanted_.seed;
  Result<format::PlacementGiven> given = co_await ask_in_smaller_steps(wish);
  if (!given) co_return std::unexpected(std::move(given).error());
  co_return take(*std::move(given), first_segment, wish);
}

Result<void> PlacedHosts::take(format::PlacementGiven given, std::uint64_t first_segment,
                               const format::PlacementWish& wish) {
  auto hosts = TRY(check_placement(wish, given, bridge_.bridge()));
  layout_ = given.layout;
  Announced out;
  out.id = given.id;
  out.first_segment = first_segment;
  out.segments = layout_.segments(wish.bytes);
  for (auto& host : hosts) {
    const auto id = host.host;
    hosts_.insert_or_assign(id, std::move(host));
  }
  const auto file_bytes = store::file_bytes(layout_.shard_bytes);
  for (std::size_t g = 0; g < given.groups.size(); ++g) {
    const auto segments =
        out.segments / given.groups.size() + (g < out.segments % given.groups.size() ? 1 : 0);
    for (const auto* ids : {&given.groups[g].primary, &given.groups[g].secondary})
      for (const auto& id : *ids) {
        auto& at = out.at[id];
        if (ids == &given.groups[g].primary) at.share_bytes += segments * file_bytes;
      }
  }
  out.groups = std::move(given.groups);
  announced_.push_back(std::move(out));
  return {};
}

Awaitable<Result<SegmentHosts>> PlacedHosts::hosts_of(std::uint64_t segment, const format::Chain& chain) {
  if (announced_.empty()) {
    file_ = chain.header->file;
    Result<void> announced = co_await announce(segment, *chain.layout);
    if (!announced) co_return std::unexpected(std::move(announced).error());
  }
  while (segment >= announced_.back().first_segment + announced_.back().segments) {
    Result<void> announced =
        co_await announce(announced_.back().first_segment + announced_.back().segments, *chain.layout);
    if (!announced) co_return std::unexpected(std::move(announced).error());
  }
  const auto& at = announced_for(segment);
  const auto& group = at.groups[(segment - at.first_segment) % at.groups.size()];
  SegmentHosts out;
  out.primary = group.primary;
  out.secondary = group.secondary;
  co_return out;
}

PlacedHosts::Announced& PlacedHosts::announced_for(std::uint64_t segment) {
  auto at = announced_.rbegin();
  while (std::next(at) != announced_.rend() && segment < at->first_segment) ++at;
  return *at;
}

bool PlacedHosts::needs_voucher(const AtHost& at) const {
  return at.used_bytes > at.vouched_bytes || at.until_unix_s < clock_.unix_s() + kVoucherMarginS;
}

/// For this Host, and for all that have one which is to last longer, or whose pieces will be sent in any
/// case.
std::vector<format::VoucherWish> PlacedHosts::wishes(const Announced& announced, const HostId& host) const {
  std::vector<format::VoucherWish> out;
  const auto add = [&](const HostId& id, const AtHost& at) {
    format::VoucherWish wish;
    wish.host = id;
    wish.account = uploader_.account_id(id);
    // Whoever stands in gets as much as it needs, and so does everyone where the end is not known: what the
    // first piece takes, then about as much again, so that little is charged for that is not stored.
    if (at.share_bytes == 0 || !wanted_.ciphertext_bytes || at.used_bytes > at.share_bytes) {
      const auto ahead = at.vouched_bytes == 0 ? 0 : std::min(at.used_bytes, kVoucherStepBytesMax);
      wish.bytes = std::max(at.vouched_bytes, at.used_bytes + ahead);
    }
    out.push_back(wish);
  };
  add(host, announced.at.at(host));
  for (const auto& [id, at] : announced.at) {
    if (out.size() == format::kVouchersMax) break;
    if (id == host || !needs_voucher(at)) continue;
    if (at.until_unix_s > 0 || (at.share_bytes > 0 && wanted_.ciphertext_bytes)) add(id, at);
  }
  return out;
}

Awaitable<Result<void>> PlacedHosts::ask_for_vouchers(Announced& announced, const HostId& host) {
  const std::vector<format::VoucherWish> asked = wishes(announced, host);
  Result<format::VouchersGiven> given = co_await bridge_.vouchers(announced.id, asked);
  if (!given) co_return std::unexpected(std::move(given).error());
  for (const auto& voucher : given->vouchers) {
    const auto wish = std::ranges::find(asked, voucher.host, &format::VoucherWish::host);
    if (wish == asked.end()) continue;
    vouchers_[voucher.host] = voucher.token;
    if (wanted_.on_voucher) wanted_.on_voucher(voucher.host, voucher.token);
    auto& at = announced.at.at(voucher.host);
    // A Bridge gives no more than a Host's share: what is beyond it was counted twice, when a piece was sent
    // twice.
    at.vouched_bytes = wish->bytes.value_or(UINT64_MAX);
    at.until_unix_s = given->expires_unix_s;
  }
  co_return Result<void>{};
}

Awaitable<Result<void>> PlacedHosts::admit(std::uint64_t segment, const HostId& host, std::uint32_t size) {
  auto& announced = announced_for(segment);
  auto& at = announced.at.at(host);
  at.used_bytes += store::file_bytes(size);
  while (needs_voucher(at)) {
    if (announced.is_asking) {  // the answer may be for this Host, too
      co_await changed_.wait();
      continue;
    }
    const Asking asking(announced.is_asking, changed_);
    Result<void> asked = co_await ask_for_vouchers(announced, host);
    if (!asked) co_return asked;
    if (at.until_unix_s < clock_.unix_s() + kVoucherMarginS)
      break;  // clocks that differ: what it gives is all there is
  }
  co_return Result<void>{};
}

std::optional<std::string> PlacedHosts::voucher_for(const HostId& host) const {
  const auto known = vouchers_.find(host);
  if (known == vouchers_.end()) return std::nullopt;
  return known->second;
}

Awaitable<void> PlacedHosts::end() {
  for (const auto& announced : announced_) {
    const Result<void> ignored = co_await bridge_.end(announced.id);
  }
  announced_.clear();
}

}  // namespace inxt::client
