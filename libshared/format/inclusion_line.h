// SPDX-License-Identifier: LGPL-3.0-or-later
// The two ways behind read_inclusion (format/inventory_lines.h), as format/proof_line.h has them for proofs.
// Only for it and for its tests.  Measured on one core of an EPYC, a line of 1,198 bytes (of 100,000 pieces):
// 13.4 us by the reader of all JSON, 0.9 us where it is spelled as inxt-inventory(5) says that a Host writes it.
#pragma once

#include "format/inventory_lines.h"

namespace inxt::format {

/// A line about no contract, exactly as write_inclusion spells it; nothing for any other line, which may be
/// sound.
std::optional<InclusionLine> read_inclusion_as_written(std::string_view line);

/// Any line.  Of one that read_inclusion_as_written takes, it gives the same.
Result<InclusionLine> read_inclusion_strictly(std::string_view line, const std::string& where);

}  // namespace inxt::format
