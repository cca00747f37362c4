// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-host evidence: the signed tokens about one piece, as JSON lines; also beside a running Host.
#include "host/evidence.h"

#include <fmt/format.h>

#include "cli/escape.h"
#include "options.h"

namespace inxt::tools {

Result<cli::Exit> evidence(cli::World& world, const HostOptions& options) {
  const Result<PieceId> parsed = PieceId::parse(options.piece);
  if (!parsed)
    return fail(Code::usage, cli::escape(options.piece) + " is no piece id", "64 lower-case hex digits");
  const PieceId piece = *parsed;
  const std::string folder = TRY(store_now(options));
  if (const auto there = sys::status_of(folder); !there) return std::unexpected(there.error());
  const auto directory = TRY(sys::open_directory(folder));
  const host::EvidenceCounts counts = TRY(host::tell_evidence(
      *directory, piece, [&](const std::string& line) { return world.print(line); },
      [&](const std::string& path, const Error& error) {
        world.warn(cli::escape(path) + ": " + cli::escape(error.what));
      }));
  if (counts.damaged > 0) return cli::Exit::integrity;
  if (counts.contracts + counts.transfers + counts.deletions + counts.releases == 0)
    return fail(Code::not_found, "nothing is kept here about piece " + piece.hex());
  world.say(fmt::format("{} contracts, {} renewals, {} transfer receipts, {} deletions, {} releases",
                        counts.contracts, counts.renewals, counts.transfers, counts.deletions,
                        counts.releases));
  return cli::Exit::ok;
}

}  // namespace inxt::tools
