// SPDX-License-Identifier: LGPL-3.0-or-later
// Of a piece that a Host gives up which retires: its place there, and the one that stands in for it.  Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "bridge/healer_mind.h"

namespace inxt::bridge {

/// Numbers of places.
struct Handover {
  std::size_t former = 0;
  std::optional<std::size_t> successor;  // nothing while it is not known to be good
};

/// The successor is the Host that the plan counts on for this piece, where that has proved it, has not lost
/// it, and answers: what any other Host proved once is no reason to let a piece go.  Nothing where the plan
/// counts on order.host itself, or that has no such place: then there is nothing to let go. `places`: of the
/// segment that has the number order.segment in the plan now.
std::optional<Handover> find_handover(const HealerMind& mind, const plan::ReleasePiece& order,
                                      std::span<const PlaceOfCare> places);

}  // namespace inxt::bridge
