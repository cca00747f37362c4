// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-placement(7).
#include "plan/placement.h"
#include "vectors/vectors.h"

namespace inxt::vectors {
namespace {

plan::Candidate candidate_of(const Value& members) {
  std::size_t at = 0;
  const auto next = [&] { return members.at(at++).get<std::uint64_t>(); };
  const auto next_u32 = [&] { return members.at(at++).get<std::uint32_t>(); };
  plan::Candidate candidate;
  candidate.operator_group = next_u32();
  candidate.domain = next_u32();
  candidate.region = next_u32();
  candidate.network = next();
  candidate.wide_network = next();
  candidate.free_bytes = next();
  candidate.placed_bytes = next();
  candidate.proved_bytes = next();
  candidate.up_bytes_per_s = next();
  candidate.down_bytes_per_s = next();
  candidate.rtt_ms = next_u32();
  candidate.uptime_ppm = next_u32();
  candidate.standing_ppm = next_u32();
  candidate.audits_passed = next_u32();
  candidate.takes_pieces = next() == 1;
  return candidate;
}

Result<Value> run_placement(const Value& given, ByteView) {
  std::vector<plan::Candidate> candidates;
  for (const auto& members : given.at("hosts")) candidates.push_back(candidate_of(members));
  const auto pool = TRY(plan::PlacementPool::make(candidates));
  plan::PlacementRequest request;
  request.seed = array_of<32>(given, "seed");
  request.bytes = given.at("bytes").get<std::uint64_t>();
  const auto& layout = given.at("layout");
  request.layout = {.k = layout.at(0).get<std::uint32_t>(),
                    .m = layout.at(1).get<std::uint32_t>(),
                    .mirrors = layout.at(2).get<std::uint32_t>()};
  request.excluded = given.at("excluded").get<std::vector<std::uint32_t>>();
  request.near_region = given.at("near_region").get<std::uint32_t>();
  const auto& allow = given.at("allow");
  request.allow = {.operator_group = allow.at("operator").get<bool>(),
                   .network = allow.at("network").get<bool>(),
                   .domain = allow.at("domain").get<bool>(),
                   .new_hosts = allow.at("new").get<bool>()};
  const auto placement = plan::place(pool, request);
  if (!placement) return Value{{"groups", nullptr}, {"found", placement.error().found}};
  Value groups = Value::array();
  for (const auto& group : placement->groups)
    groups.push_back(
        {{"primary", group.primary}, {"secondary", group.secondary}, {"host_bytes", group.host_bytes}});
  return Value{{"groups", groups}, {"found", placement->layout.hosts()}};
}

constexpr Format kPlacementFormats[] = {{"placement", run_placement}};

}  // namespace

std::span<const Format> placement_formats() {
  return kPlacementFormats;
}

}  // namespace inxt::vectors
