// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/recover_files.h"

#include <fmt/format.h>

#include "client/hidden_file.h"
#include "client/reader_keys.h"

namespace inxt::client {

using net::Awaitable;

std::vector<FoundKind> kinds_of(const RecoverState& state, const keys::Key& key) {
  std::vector<FoundKind> out(state.files(), FoundKind::unreadable);
  for (std::size_t number = 0; number < out.size(); ++number) {
    const auto opened = open_found_file(state, number, key);
    if (!opened) continue;
    const auto& name = opened->second.name;
    out[number] = FoundKind::file;
    if (name == kLongManifestName) out[number] = FoundKind::long_manifest;
    // Nobody but the owner stores the log.
    if (name == kLogSegmentName && state.uploader(number) == 0) out[number] = FoundKind::log_segment;
  }
  return out;
}

namespace {

Awaitable<Result<std::uint64_t>> read_one(RecoverWorld& world, std::size_t number, RecoveredLog& log,
                                          tree::Segment& segment) {
  CO_TRY(const auto rebuilt, co_await rebuild_manifest(world, number));
  CO_TRY(auto check, writers_known_to(world.key, {}, world.network.clock.unix_s()));
  CO_TRY(const auto table,
         rebuilt.text.table("a segment of the log", std::move(check), ManifestTable::Seal::required));
  CO_TRY(const auto opened, open_found_file(world.state, number, world.key));
  PiecesOfHolders service(world.service_of, world.holders, table.header().uploader);
  const Network network{service, world.network.executor, world.network.workers, world.network.clock,
                        world.network.random};
  GetCallbacks callbacks;
  callbacks.stopped = world.stopped;
  GetOptions options;
  Result<GetReport> got =
      co_await get_file(network, table, opened.first, opened.second, world.hosts,
                        std::make_unique<LogLinesSink>(log, &segment), std::nullopt, options, std::move(callbacks));
  CO_CHECK(got);
  const auto lines = rebuilt.text.in_memory();
  if (lines && lines->size() <= format::kSegmentManifestBytesMax) segment.manifest = *lines;
  co_return rebuilt.remade_lines;
}

}  // namespace

Awaitable<Result<LogSegmentsReport>> read_log_segments(RecoverWorld& world,
                                                       const std::vector<FoundKind>& kinds,
                                                       RecoveredLog& log) {
  LogSegmentsReport report;
  for (std::size_t number = 0; number < kinds.size(); ++number) {
    if (kinds[number] != FoundKind::log_segment) continue;
    if (world.stopped && world.stopped()) co_return fail(Code::failure, "stopped");
    tree::Segment segment;
    Result<std::uint64_t> read = co_await read_one(world, number, log, segment);
    if (read) {
      ++report.segments;
      if (segment.first > 0 && !segment.manifest.empty()) report.found.push_back(std::move(segment));
      report.remade_lines += *read;
    } else if (report.troubles.size() < kLogPassedMax) {
      report.troubles.push_back(std::move(read).error().what);
    }
  }
  co_return report;
}

}  // namespace inxt::client
