// SPDX-License-Identifier: LGPL-3.0-or-later
// What a store can show about one piece: what the Host was asked to keep, what it promised, and what readers
// say they were served.  Read from the files, beside a running Host.  Schema: host-evidence.json.
#pragma once

#include <functional>
#include <string>

#include "base/ids.h"
#include "sys/directory.h"

namespace inxt::host {

struct EvidenceCounts {
  std::uint64_t contracts = 0;
  std::uint64_t renewals = 0;
  std::uint64_t transfers = 0;
  std::uint64_t deletions = 0;  // of contracts that are not here any more
  std::uint64_t releases = 0;   // the same, by a Bridge
  std::uint64_t damaged = 0;    // files of the piece that cannot be read; each was told as such
};

/// Calls `tell` with JSON lines, without newline: for each contract about the piece one of type "contract"
/// (offer, acceptance, receipt), one "renewal" where it was renewed, then each "transfer", "deletion" and
/// "release".  What is told was checked: every signature, and that the tokens belong to one another. Errors:
/// the disk's; those of `tell`.
Result<EvidenceCounts> tell_evidence(
    sys::Directory& directory, const PieceId& piece,
    const std::function<Result<void>(const std::string& line)>& tell,
    const std::function<void(const std::string& path, const Error& error)>& damaged);

}  // namespace inxt::host
