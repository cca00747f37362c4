// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/healer_handover.h"

namespace inxt::bridge {

std::optional<Handover> find_handover(const HealerMind& mind, const plan::ReleasePiece& order,
                                      std::span<const PlaceOfCare> places) {
  const plan::RepairPlan& plan = mind.plan();
  if (!plan.segments().contains(order.segment)) return std::nullopt;
  const auto pieces = plan.segments().pieces(order.segment);
  if (order.place >= pieces.size() || pieces[order.place].host == order.host) return std::nullopt;
  const plan::SegmentTable::Piece counted = pieces[order.place];
  const bool is_good = counted.is_lost == 0 && !mind.is_silent(counted.host) &&
                       plan.hosts().state(counted.host) == plan::HostState::good;
  std::optional<std::size_t> former, successor;  // the last ones count
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i].place != order.place) continue;
    const auto at = mind.find_host(places[i].host);
    if (at == order.host)
      former = i;
    else if (is_good && at == counted.host && !places[i].is_lost && places[i].is_proved)
      successor = i;
  }
  if (!former) return std::nullopt;
  return Handover{.former = *former, .successor = successor};
}

}  // namespace inxt::bridge
