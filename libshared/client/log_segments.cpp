// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/log_segments.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace inxt::client {

using net::Awaitable;

namespace {

constexpr unsigned kRoundsMax = 10'000;  // segments in one call
constexpr std::string_view kRecordBegins = R"({"type":"object",)";

struct Lines {
  std::uint64_t first = 0, last = 0;
  std::string text;
  bool changes = false;  // there is more in it than segments of the log
};

/// The entries from `first` on, as far as one segment goes.
Awaitable<Result<Lines>> collect(TreeView& view, const format::TreeKey& key, std::uint64_t first,
                                 std::uint64_t last) {
  last = std::min(last, first + kSegmentEntriesMax - 1);
  CO_TRY(const auto entries, co_await view.entry_lines(first, last));
  Lines out{.first = first, .last = first - 1, .text = {}, .changes = false};
  for (const auto& line : entries) {
    if (out.text.size() > kSegmentBytesMax) break;
    ++out.last;
    CO_TRY(const auto opened, format::open_entry_head(line));
    if (const auto ops = format::open_entry(opened, key)) {
      for (const auto& op : *ops) {
        if (!std::holds_alternative<format::SegmentOp>(op)) out.changes = true;
        const auto* put = std::get_if<format::PutOp>(&op);
        if (put == nullptr) continue;
        auto record = co_await view.record_line(put->record);
        if (!record && record.error().code == Code::not_found) continue;  // purged since, or never there
        if (!record) co_return std::unexpected(std::move(record).error());
        out.text += *record;
        out.text += '\n';
      }
    } else {
      out.changes = true;
    }
    out.text += line;
    out.text += '\n';
  }
  co_return out;
}

/// Stores a segment and says so in the log.  False: another machine was faster, and nothing is left of it.
Awaitable<Result<bool>> store(Network network, TreeView& view, const std::vector<format::Descriptor>& hosts,
                              HiddenPutOptions options, Lines lines,
                              std::function<bool(const tree::Tree&)> wanted) {
  format::SegmentOp op{.first = lines.first, .last = lines.last, .bytes = lines.text.size(), .manifest = {}};
  auto source = std::make_unique<TextSource>(std::move(lines.text));
  CO_TRY(op.manifest,
         co_await put_hidden_file(network, view.key(), hosts, kLogSegmentName, std::move(source), options));
  bool appended = false;
  MakeChanges make = [&](const tree::Tree& tree) -> Result<Changes> {
    Changes changes;
    appended = wanted(tree);
    if (appended) changes.ops.emplace_back(op);
    return changes;
  };
  auto report = co_await view.append(std::move(make));
  if (report && appended) co_return true;
  (void)co_await remove_hidden_file(network, view.key(), op.manifest, {});
  if (!report) co_return std::unexpected(std::move(report).error());
  co_return false;
}

/// The latest segments, as long as each adds no more than twice what those behind it have: so that, over many
/// joins, no line is stored anew more than a few times.
std::vector<tree::Segment> run_to_join(const std::vector<tree::Segment>& segments) {
  std::vector<tree::Segment> run;
  std::uint64_t bytes = 0;
  for (auto at = segments.rbegin(); at != segments.rend(); ++at) {
    if (bytes + at->bytes > kSegmentBytesMax || (run.size() > 1 && at->bytes > 2 * bytes)) break;
    if (!run.empty() && at->last + 1 < run.back().first) break;  // a gap
    bytes += at->bytes;
    run.push_back(*at);
  }
  std::ranges::reverse(run);
  return run;
}

/// The lines of all of them once, without records that were purged.
Awaitable<Result<Lines>> join(Network network, TreeView& view, const std::vector<tree::Segment>& run,
                              const std::vector<transfer::HostAddress>& addresses,
                             LaterPlaces* later) {
  std::set<format::RecordId> records;
  view.tree().each_object({}, [&](std::string_view, const tree::Version& version) {
    records.insert(version.record);
    return true;
  });
  for (const auto& kept : view.tree().kept()) records.insert(kept.version->record);
  Lines out{.first = run.front().first, .last = run.front().first - 1, .text = {}, .changes = true};
  for (const auto& segment : run) {
    std::string text;
    auto sink = std::make_unique<TextSink>(text, segment.bytes);
    CO_CHECK(co_await get_hidden_file(network, view.key(), segment.manifest, addresses, std::move(sink), later));
    for (std::string_view rest = text; !rest.empty();) {
      const auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (line.starts_with(kRecordBegins)) {
        if (records.erase(format::record_id(line)) == 0) continue;
      } else {
        CO_TRY(const auto entry, format::open_entry_head(line));
        if (entry.head.seq <= out.last) continue;
        if (entry.head.seq != out.last + 1)
          co_return fail(Code::integrity, fmt::format("a segment of the log lacks entry {}", out.last + 1));
        out.last = entry.head.seq;
      }
      out.text += line;
      out.text += '\n';
    }
  }
  co_return out;
}

Awaitable<Result<void>> join_latest(Network network, TreeView& view,
                                    const std::vector<format::Descriptor>& hosts,
                                    const std::vector<transfer::HostAddress>& addresses,
                                    HiddenPutOptions options, const RemoveSegment& remove,
                                    LaterPlaces* later, SegmentReport& report) {
  const auto run = run_to_join(view.tree().segments());
  if (run.size() < 2) co_return Result<void>{};
  CO_TRY(auto lines, co_await join(network, view, run, addresses, later));
  std::function<bool(const tree::Tree&)> wanted = [&run](const tree::Tree& tree) {
    // Another machine may have joined some of them meanwhile.
    return std::ranges::all_of(run, [&](const tree::Segment& one) {
      return std::ranges::any_of(
          tree.segments(), [&](const auto& now) { return now.first == one.first && now.last == one.last; });
    });
  };
  CO_TRY(const bool stored,
         co_await store(network, view, hosts, options, std::move(lines), std::move(wanted)));
  if (!stored) co_return Result<void>{};
  report.joined += static_cast<unsigned>(run.size());
  ++report.segments;
  for (const auto& segment : run) {
    auto removing = remove ? remove(segment.manifest)
                           : remove_hidden_file(network, view.key(), segment.manifest, addresses);
    auto removed = co_await std::move(removing);
    if (!removed)
      report.troubles.push_back(removed.error().what);
    else if (removed->failed > 0)
      report.troubles.push_back(
          fmt::format("{} pieces of an old segment of the log could not be removed", removed->failed));
  }
  co_return Result<void>{};
}

}  // namespace

Awaitable<Result<SegmentReport>> store_log_segments(Network network, TreeView& view,
                                                    const std::vector<format::Descriptor>& hosts,
                                                    std::vector<transfer::HostAddress> addresses,
                                                    HiddenPutOptions options, RemoveSegment remove,
                                                    LaterPlaces* later) {
  SegmentReport report;
  const auto key = format::TreeKey::of(*view.key().recipient_secret());
  const auto end = view.head().seq;
  for (unsigned round = 0; round < kRoundsMax && view.tree().stored_until() < end; ++round) {
    const auto first = view.tree().stored_until() + 1;
    if (end - first + 1 > kSegmentEntriesMax) CO_CHECK(co_await view.learn_hashes(first));
    CO_TRY(auto lines, co_await collect(view, key, first, end));
    if (!lines.changes && lines.last == end) break;  // segments say nothing that needs a segment
    const auto count = lines.last - lines.first + 1;
    std::function<bool(const tree::Tree&)> wanted = [first](const tree::Tree& tree) {
      return tree.stored_until() + 1 == first;
    };
    CO_TRY(const bool stored,
           co_await store(network, view, hosts, options, std::move(lines), std::move(wanted)));
    if (!stored) continue;
    report.entries += count;
    ++report.segments;
  }
  if (report.segments > 0 && view.tree().segments().size() > kSegmentsBeforeJoin) {
    auto joined = co_await join_latest(network, view, hosts, addresses, options, remove, later, report);
    if (!joined) report.troubles.push_back(std::move(joined).error().what);
  }
  co_return report;
}

}  // namespace inxt::client
