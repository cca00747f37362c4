// SPDX-License-Identifier: LGPL-3.0-or-later
// The text of an entrusted segment, read into what a repair works with.  Pure.
#pragma once

#include "bridge/care_segments.h"
#include "format/manifest_chain.h"
#include "keys/bech32.h"

namespace inxt::bridge {

struct SegmentOfCare {
  format::Chain chain;                    // header, layout and the owner's stanza
  keys::Recipient owner{};                // whom tags are sealed to
  std::vector<format::PieceLine> pieces;  // by place
  std::uint64_t ciphertext_bytes = 0;     // in this segment
};

/// Errors: integrity: the lines are not what was entrusted.
Result<SegmentOfCare> read_care(const CareText& text);

}  // namespace inxt::bridge
