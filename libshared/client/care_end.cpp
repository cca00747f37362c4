// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/care_end.h"

#include <fmt/format.h>

#include <map>

#include "client/later_places.h"

namespace inxt::client {
namespace {

constexpr int kEndTriesMax = 5;

/// The segments that are to go, in as few runs as they make.
std::vector<transfer::CareSegments> runs_of(const ManifestTable& manifest, const RemoveOptions& options) {
  std::vector<transfer::CareSegments> runs;
  for (std::uint64_t segment = 0; segment < manifest.segments(); ++segment) {
    if (!options.only_segments(segment)) continue;
    if (runs.empty() || runs.back().last + 1 != segment) runs.push_back({.first = segment, .last = segment});
    runs.back().last = segment;
  }
  return runs;
}

Network network_as(Session& session, const keys::Key& key, std::uint32_t number) {
  return number == key.uploader().number() ? session.network() : session.network_as(key, number);
}

}  // namespace

net::Awaitable<Result<std::vector<format::CarePlace>>> end_care(transfer::BridgeCare& care, FileId file) {
  for (int i = 0; i < kEndTriesMax; ++i) {
    auto places = co_await places_in_care(care, file);
    if (!places) co_return std::unexpected(std::move(places).error());
    if (!*places) co_return std::vector<format::CarePlace>();
    const std::uint64_t seen = (*places)->empty() ? 0 : (*places)->back().number;
    const auto ended = co_await care.end(file, seen);
    if (!ended) co_return std::unexpected(ended.error());
    if (*ended != transfer::CareEnded::more_places) co_return **std::move(places);
  }
  co_return fail(Code::try_again,
                 "the Bridge goes on to repair the file, so that its care could not be ended",
                 "run it again");
}

net::Awaitable<Result<std::vector<format::CarePlace>>> end_care_segments(
    transfer::BridgeCare& care, FileId file, std::vector<transfer::CareSegments> runs) {
  std::size_t ended = 0;
  std::vector<format::CarePlace> all;
  for (int i = 0; i < kEndTriesMax; ++i) {
    auto places = co_await places_in_care(care, file);
    if (!places) co_return std::unexpected(std::move(places).error());
    if (!*places) co_return std::vector<format::CarePlace>();
    all = **std::move(places);
    const std::uint64_t seen = all.empty() ? 0 : all.back().number;
    bool has_more = false;
    for (; ended < runs.size() && !has_more; ended += !has_more) {
      const auto done = co_await care.end_segments(file, runs[ended], seen);
      if (!done) co_return std::unexpected(done.error());
      has_more = *done == transfer::CareEnded::more_places;
    }
    if (!has_more) co_return all;
  }
  co_return fail(Code::try_again,
                 "the Bridge goes on to repair the file, so that the care of its segments could not be ended",
                 "run it again");
}

namespace {

net::Awaitable<RemoveReport> remove_at_places(Session& session, const keys::Key& key,
                                              const ManifestTable& manifest,
                                              const std::vector<format::CarePlace>& places,
                                              const std::vector<transfer::HostAddress>& hosts,
                                              const RemoveOptions& options) {
  std::map<std::uint32_t, std::vector<format::PlaceLine>> by_caretaker;
  for (const format::CarePlace& place : places) by_caretaker[place.uploader].push_back(place.place);
  RemoveReport report;
  std::size_t asked = 0;
  for (const auto& [number, lines] : by_caretaker) {
    // Each costs a copy of the manifest and connections of its own: a Bridge that makes numbers up gets no
    // more.
    if (++asked > kCaretakersReadMax) {
      report.failed += lines.size();
      report.worst = Code::integrity;
      if (asked == kCaretakersReadMax + 1)
        report.troubles.push_back(
            fmt::format("the Bridge names {} caretakers, {} at most are asked (kCaretakersReadMax)",
                        by_caretaker.size(), kCaretakersReadMax));
      continue;
    }
    const auto uploader = key.uploader(number);
    if (!uploader) continue;
    const ManifestTable table = manifest.elsewhere(lines);
    const Network network = network_as(session, key, number);
    auto removed =
        co_await remove_pieces(network, table, *key.recipient_secret(), *uploader, hosts, options, {});
    if (removed) {
      report.add(*std::move(removed));
      continue;
    }
    report.failed += lines.size();
    report.worst = removed.error().code;
    report.troubles.push_back(std::move(removed).error().what);
  }
  co_return report;
}

}  // namespace

net::Awaitable<Result<RemoveReport>> end_care_elsewhere(Session& session, transfer::BridgeCare& care,
                                                        const keys::Key& key, const ManifestTable& manifest,
                                                        const std::vector<transfer::HostAddress>& hosts,
                                                        const RemoveOptions& options) {
  auto places = co_await end_care(care, manifest.header().file);
  if (!places) co_return std::unexpected(std::move(places).error());
  co_return co_await remove_at_places(session, key, manifest, *places, hosts, options);
}

Result<RemoveReport> remove_elsewhere(Session& session, const keys::Key& key, const ManifestTable& manifest,
                                      const std::vector<format::CarePlace>& places,
                                      const std::vector<transfer::HostAddress>& hosts,
                                      const RemoveOptions& options) {
  return session.run(remove_at_places(session, key, manifest, places, hosts, options));
}

Result<RemoveReport> remove_with_care(Session& session, transfer::BridgeCare* care, const keys::Key& key,
                                      const ManifestTable& manifest,
                                      const std::vector<transfer::HostAddress>& hosts,
                                      const RemoveOptions& options) {
  const std::uint32_t number = manifest.header().uploader;
  const auto uploader = key.uploader(number);
  if (!uploader) return fail(Code::denied, "the manifest's uploader is not one of this key's");
  std::vector<format::CarePlace> places;
  if (care != nullptr && !options.dry_run) {
    const FileId file = manifest.header().file;
    places = TRY_IN(
        "care", session.run(options.only_segments ? end_care_segments(*care, file, runs_of(manifest, options))
                                                  : end_care(*care, file)));
  }
  RemoveReport report = TRY(session.run(remove_pieces(
      network_as(session, key, number), manifest, *key.recipient_secret(), *uploader, hosts, options, {})));
  report.add(TRY(remove_elsewhere(session, key, manifest, places, hosts, options)));
  return report;
}

}  // namespace inxt::client
