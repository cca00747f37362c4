// SPDX-License-Identifier: LGPL-3.0-or-later
// The two ways behind read_proof (format/audit_lines.h).  Only for it and for its tests.
// An audit's proof lines are nearly all of what it has to read.  Measured on one core of an EPYC, a line of 6,015 bytes:
// 32 us by the reader of all JSON, 0.8 us where it is spelled as inxt-proof(5) says that a Host writes it.
#pragma once

#include "format/audit_lines.h"

namespace inxt::format {

/// A line that shows a block, exactly as write_proof spells it; nothing for any other line, which may be
/// sound.
std::optional<ProofLine> read_proof_as_written(std::string_view line);

/// Any line.  Of one that read_proof_as_written takes, it gives the same.
Result<ProofLine> read_proof_strictly(std::string_view line, const std::string& where);

}  // namespace inxt::format
