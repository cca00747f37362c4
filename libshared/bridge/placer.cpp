// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/placer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "store/stored_piece.h"

namespace inxt::bridge {
namespace {

using net::Awaitable;

plan::PlacedLayout placed_layout(const format::Layout& layout) {
  return {.k = layout.k, .m = layout.m, .mirrors = layout.mirrors};
}

}  // namespace

std::uint64_t segments_of_group(std::uint64_t segments, std::size_t number, std::size_t groups) {
  return segments / groups + (number < segments % groups ? 1 : 0);
}

std::uint64_t share_bytes(const format::Layout& layout, std::uint64_t segments,
                          std::optional<std::uint64_t> last) {
  if (segments == 0) return 0;
  const auto whole = store::file_bytes(layout.shard_bytes);
  if (!last) return segments * whole;
  return (segments - 1) * whole + store::file_bytes(layout.shard_size(*last));
}

Awaitable<Result<void>> Placer::update() {
  const auto now_ms = parts_.clock.steady_ms();
  if (!has_rooms_ || now_ms - rooms_ms_ >= kRoomsAgeMs) {
    auto read = co_await parts_.workers.run(
        [this] { return parts_.database.read([](auto& transaction) { return read_rooms(transaction); }); });
    if (!read) co_return std::unexpected(std::move(read).error());
    rooms_ = *std::move(read);
    rooms_ms_ = now_ms;
    has_rooms_ = true;
  }
  auto snapshot = co_await parts_.hosts.snapshot();
  if (!snapshot) co_return std::unexpected(std::move(snapshot).error());
  co_return candidates_.update(*snapshot, rooms_, parts_.clock.unix_s(), now_ms);
}

std::vector<std::string> Placer::lines(const std::vector<format::PlacementGroup>& groups) const {
  std::map<HostId, std::string> by_id;
  for (const auto& group : groups)
    for (const auto* ids : {&group.primary, &group.secondary})
      for (const auto& id : *ids)
        if (const auto* host = candidates_.snapshot().find(id); host != nullptr && !by_id.contains(id)) {
          auto line = format::hosts_line(host->descriptor, host->token);
          if (line.ends_with('\n')) line.pop_back();
          by_id.emplace(id, std::move(line));
        }
  std::vector<std::string> out;
  for (auto& [id, line] : by_id) out.push_back(std::move(line));
  return out;
}

Awaitable<Result<std::vector<std::string>>> Placer::lines_of(
    const std::vector<format::PlacementGroup>& groups) {
  Result<void> updated = co_await update();
  if (!updated) co_return std::unexpected(std::move(updated).error());
  co_return lines(groups);
}

Result<Placed> Placer::draw(const format::PlacementWish& wish, const std::vector<HostId>& full) {
  if (wish.seed && !options_.takes_seeds)
    return fail(Code::denied, "this Bridge takes no seeds",
                "its operator can allow them for tests: --test-seed");
  plan::PlacementRequest request;
  if (wish.seed)
    request.seed = *wish.seed;
  else
    parts_.random.fill(request.seed);
  request.bytes = std::max<std::uint64_t>(wish.bytes, 1);
  if (wish.layout) request.layout = placed_layout(*wish.layout);
  request.groups_min = wish.groups_min;
  request.allow = {.operator_group = wish.allow.same_operator,
                   .network = wish.allow.same_network,
                   .domain = wish.allow.same_domain,
                   .new_hosts = wish.allow.new_hosts};
  request.excluded = candidates_.dearer_than(wish.price_max);
  const auto& snapshot = candidates_.snapshot();
  for (const auto* ids : {&wish.excluded, &full})
    for (const auto& id : *ids)
      if (const auto index = snapshot.index_of(id))
        request.excluded.push_back(static_cast<std::uint32_t>(*index));

  plan::PlacementExplanation explanation;
  const auto placed = plan::place(candidates_.pool(), request, wish.explain ? &explanation : nullptr);
  if (!placed) return std::unexpected(placed.error().error);

  Placed out;
  auto& given = out.given;
  given.id = wish.id;
  given.layout = {.k = placed->layout.k,
                  .m = placed->layout.m,
                  .mirrors = placed->layout.mirrors,
                  .shard_bytes = wish.layout ? wish.layout->shard_bytes : placed->shard_bytes,
                  .seal_key = {}};
  const auto segments = given.layout.segments(wish.bytes);
  const auto last_bytes = wish.bytes - (segments - 1) * given.layout.segment_bytes();
  const auto groups = static_cast<std::size_t>(std::min<std::uint64_t>(placed->groups.size(), segments));
  const auto last_group = (segments - 1) % groups;

  std::map<HostId, ReservedHost> by_id;
  const auto id_of = [&](std::uint32_t index) { return snapshot.entries()[index].host->id(); };
  for (std::size_t g = 0; g < groups; ++g) {
    const auto& group = placed->groups[g];
    const auto share = static_cast<std::int64_t>(
        share_bytes(given.layout, segments_of_group(segments, g, groups),
                    g == last_group && !wish.is_open_ended ? std::optional(last_bytes) : std::nullopt));
    format::PlacementGroup ids;
    for (const auto index : group.primary) {
      ids.primary.push_back(id_of(index));
      by_id[ids.primary.back()].reserved_bytes += share;
      by_id[ids.primary.back()].share_bytes += share;
    }
    for (const auto index : group.secondary) {
      ids.secondary.push_back(id_of(index));
      by_id[ids.secondary.back()].share_bytes += share;
    }
    given.groups.push_back(std::move(ids));
  }
  if (by_id.size() > format::kPlacementHostsMax)
    return fail(Code::usage,
                fmt::format("the placement has {} Hosts, more than {} (kPlacementHostsMax)", by_id.size(),
                            format::kPlacementHostsMax),
                "ask for fewer groups");
  for (auto& [id, host] : by_id) {
    host.host = id;
    const auto* known = snapshot.find(id);
    host.free_bytes =
        known != nullptr && known->beat ? static_cast<std::int64_t>(known->beat->free_bytes) : 0;
    given.reserved_bytes += static_cast<std::uint64_t>(host.reserved_bytes);
    out.hosts.push_back(host);
  }
  given.hosts = lines(given.groups);
  if (wish.explain) {
    given.explanation = plan::explanation_text(
        explanation, [&](std::uint32_t index) { return id_of(index).hex().substr(0, 16); });
    if (given.explanation.size() > format::kPlacementExplanationBytesMax)
      given.explanation.resize(given.explanation.rfind('\n', format::kPlacementExplanationBytesMax) + 1);
  }
  return out;
}

Awaitable<Result<Placed>> Placer::place(const format::PlacementWish& wish, const std::vector<HostId>& full) {
  Result<void> updated = co_await update();
  if (!updated) co_return std::unexpected(std::move(updated).error());
  co_return draw(wish, full);
}

}  // namespace inxt::bridge
