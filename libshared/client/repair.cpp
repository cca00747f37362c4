// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/repair.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "client/host_addresses.h"
#include "format/certificate.h"
#include "net/event.h"
#include "plan/repair_margin.h"

namespace inxt::client {
namespace {

using net::Awaitable;
using std::chrono::milliseconds;
using State = transfer::CheckedPiece::State;

/// A place of a piece, and what was found there.
struct Lying {
  std::uint64_t piece = 0;
  ManifestTable::PlacedAt at;
  State state = State::silent;
};

/// A segment that lacks pieces.
struct Lacking {
  std::uint64_t number = 0;
  std::vector<std::uint64_t> missing;
};

class Repair {
 public:
  Repair(Network network, const transfer::Repairer& repairer, const ManifestTable& manifest, const ManifestText& text,
         const std::vector<transfer::HostAddress>& known, RepairHosts& hosts, RepairOptions options,
         RepairCallbacks callbacks)
      : net_(network),
        repairer_(repairer),
        manifest_(manifest),
        layout_(manifest.layout()),
        text_(text),
        choice_(hosts),
        options_(std::move(options)),
        callbacks_(std::move(callbacks)),
        changed_(network.executor),
        silent_here_(network.clock),
        silent_(options_.silent != nullptr ? *options_.silent : silent_here_) {
    for (const auto& host : manifest.hosts()) hosts_.push_back(newest_address(host.id, host.addresses, known));
    at_host_.resize(hosts_.size());
  }

  Awaitable<Result<RepairReport>> run() {
    list_places();
    co_await check();
    if (fatal_) co_return std::unexpected(*fatal_);
    CO_CHECK(tell_later());
    const auto due = judge();
    if (!options_.dry_run && !due.empty()) {
      Result<void> done = co_await repair_all(due);
      if (!done) co_return std::unexpected(std::move(done).error());
    }
    co_return std::move(report_);
  }

 private:
  void list_places() {
    for (std::uint64_t piece = 0; piece < manifest_.pieces(); ++piece) {
      first_place_.push_back(places_.size());
      if (!is_wanted(manifest_.place_of(piece).segment)) continue;
      for (const auto& at : manifest_.places_of(piece)) {
        at_host_[at.host].push_back(places_.size());
        places_.push_back({.piece = piece, .at = at, .state = State::silent});
      }
    }
    first_place_.push_back(places_.size());
  }

  bool is_wanted(std::uint64_t segment) const { return !options_.only_segments || options_.only_segments(segment); }

  std::span<Lying> places_of(std::uint64_t piece) {
    return std::span(places_).subspan(first_place_[piece], first_place_[piece + 1] - first_place_[piece]);
  }

  Awaitable<void> check() {
    for (std::uint32_t host = 0; host < hosts_.size(); ++host) {
      if (at_host_[host].empty()) continue;
      while (running_ >= options_.jobs && !stopped()) co_await changed_.wait_for(milliseconds(200));
      if (stopped()) break;
      ++running_;
      net::spawn(net_.executor, check_host(host));
    }
    while (running_ > 0) co_await changed_.wait_for(milliseconds(200));
  }

  Awaitable<void> check_host(std::uint32_t host) {
    // Some at a time, so that a signal ends it soon.
    constexpr std::size_t kRun = 1024;
    const transfer::CheckOptions check{
        .blocks = options_.blocks, .busy_ms = options_.busy_ms, .stopped = [this] { return stopped(); }};
    const std::span<const std::size_t> all(at_host_[host]);
    const auto& id = hosts_[host].present_id();
    const std::string* silence = silent_.find(id);
    if (silence != nullptr) note(fmt::format("Host {}: {}", hosts_[host].id.hex().substr(0, 8), *silence));
    for (std::size_t first = 0; silence == nullptr && first < all.size() && !stopped(); first += kRun) {
      const auto run = all.subspan(first, std::min(kRun, all.size() - first));
      std::vector<proof::SetPiece> asked;
      for (const auto place : run)
        asked.push_back({.id = manifest_.id(places_[place].piece), .size_bytes = manifest_.size(places_[place].piece)});
      Result<std::vector<transfer::CheckedPiece>> shown =
          co_await transfer::check_pieces(net_, hosts_[host], asked, check);
      if (!shown) {
        note(fmt::format("Host {}: {}", hosts_[host].id.hex().substr(0, 8), shown.error().what));
        break;
      }
      const transfer::CheckedPiece* bad = nullptr;
      for (std::size_t i = 0; i < run.size(); ++i) {
        places_[run[i]].state = (*shown)[i].state;
        if ((*shown)[i].state != State::held && bad == nullptr) bad = &(*shown)[i];
        if (callbacks_.on_progress && (*shown)[i].state == State::held) callbacks_.on_progress(asked[i].size_bytes);
      }
      if (bad == nullptr) continue;
      note(fmt::format("Host {}: {}", hosts_[host].id.hex().substr(0, 8), bad->why));
      if (bad->state == State::lost) continue;
      if (bad->state == State::silent && !stopped()) silent_.note(id, bad->why);
      for (const auto place : all.subspan(first)) places_[place].state = bad->state;
      break;
    }
    --running_;
    changed_.notify();
  }

  Result<void> tell_later() {
    for (const auto& line : options_.later) {
      const auto uploader = line.uploader.value_or(manifest_.header().uploader);
      const bool is_held = std::ranges::any_of(places_of(manifest_.number_of(line.place)), [&](const Lying& place) {
        return place.state == State::held && place.at.uploader == uploader && hosts_[place.at.host].id == line.host;
      });
      if (is_held && callbacks_.on_later) TRY(callbacks_.on_later(line));
    }
    return {};
  }

  State state_of(std::uint64_t piece) {
    State best = State::silent;
    for (const auto& place : places_of(piece)) {
      if (place.state == State::held) return State::held;
      if (place.state == State::busy) best = State::busy;
      if (place.state == State::lost && best == State::silent) best = State::lost;
    }
    return best;
  }

  /// Counts, and gives the segments that are due, those nearest to loss first.
  std::vector<Lacking> judge() {
    const plan::PlacedLayout layout{.k = layout_.k, .m = layout_.m, .mirrors = layout_.mirrors};
    const auto each = layout_.pieces_per_segment();
    const auto is_there = std::make_unique<bool[]>(each);
    std::multimap<std::int32_t, Lacking> due;
    for (std::uint64_t number = 0; number < manifest_.segments(); ++number) {
      if (!is_wanted(number)) continue;
      ++report_.segments;
      Lacking lacking{.number = number, .missing = {}};
      for (std::uint32_t i = 0; i < each; ++i) {
        const auto piece = number * each + i;
        const auto state = state_of(piece);
        ++report_.pieces;
        ++count_of(state);
        is_there[i] = state == State::held || state == State::busy;
        if (!is_there[i]) lacking.missing.push_back(piece);
      }
      const auto margin = plan::margin_of(layout, {is_there.get(), each});
      report_.least_margin = std::min(report_.least_margin.value_or(margin), margin);
      if (lacking.missing.empty()) continue;
      ++report_.lacking;
      if (!options_.all && margin > plan::repair_margin(layout)) continue;
      ++report_.due;
      due.emplace(margin, std::move(lacking));
    }
    std::vector<Lacking> out;
    for (auto& [margin, lacking] : due) out.push_back(std::move(lacking));
    return out;
  }

  std::uint64_t& count_of(State state) {
    switch (state) {
      case State::held: return report_.held;
      case State::lost: return report_.lost;
      case State::busy: return report_.busy;
      case State::silent: break;
    }
    return report_.silent;
  }

  Awaitable<Result<void>> repair_all(const std::vector<Lacking>& due) {
    auto texts = texts_of(due);
    if (!texts) co_return std::unexpected(std::move(texts).error());
    const auto each = 2 * std::uint64_t{layout_.shard_bytes} * layout_.pieces_per_segment();
    const auto at_once = std::clamp<std::uint64_t>(kRepairMemoryBytes / each, 1, kRepairSegmentsAtOnce);
    for (const auto& lacking : due) {
      while (running_ >= at_once && !fatal_ && !stopped()) co_await changed_.wait_for(milliseconds(200));
      if (fatal_ || stopped()) break;
      ++running_;
      net::spawn(net_.executor, repair_one(lacking, *texts));
    }
    while (running_ > 0) co_await changed_.wait_for(milliseconds(200));
    if (fatal_) co_return std::unexpected(*fatal_);
    co_return Result<void>{};
  }

  /// Memory: 400 bytes for each missing piece.
  Result<std::map<std::uint64_t, std::string>> texts_of(const std::vector<Lacking>& due) const {
    std::map<std::uint64_t, std::string> out;
    for (const auto& lacking : due)
      for (const auto piece : lacking.missing) out[piece];
    auto texts = TRY(PieceTexts::open(text_));
    for (auto& [piece, line] : out) line = TRY(texts.line(piece));
    return out;
  }

  Awaitable<void> repair_one(const Lacking& lacking, const std::map<std::uint64_t, std::string>& texts) {
    Result<transfer::RebuildReport> rebuilt = co_await rebuild_one(lacking, texts);
    take(lacking, std::move(rebuilt));
    --running_;
    changed_.notify();
  }

  format::PieceLine line_of(std::uint64_t piece) const {
    return {.place = manifest_.place_of(piece), .size = manifest_.size(piece), .id = manifest_.id(piece), .last = {}};
  }

  Awaitable<Result<transfer::RebuildReport>> rebuild_one(const Lacking& lacking,
                                                         const std::map<std::uint64_t, std::string>& texts) {
    transfer::SegmentToRebuild segment{.chain = manifest_.chain(),
                                       .number = lacking.number,
                                       .ciphertext_bytes = manifest_.ciphertext_bytes(lacking.number),
                                       .sources = {},
                                       .wanted = {}};
    std::set<HostId> taken;
    const auto each = layout_.pieces_per_segment();
    for (auto piece = lacking.number * each; piece < (lacking.number + 1) * each; ++piece)
      for (const auto& place : places_of(piece)) {
        taken.insert(hosts_[place.at.host].id);
        taken.insert(hosts_[place.at.host].present_id());
      }
    // Those that did not answer may do so now: they are asked last, and only where the others do not suffice, as a lost
    // piece that has a source is copied from it, however long that takes.
    std::set<std::uint32_t> held;
    for (const auto state : {State::held, State::busy, State::silent}) {
      if (state == State::silent && held.size() >= layout_.k) break;
      for (auto piece = lacking.number * each; piece < (lacking.number + 1) * each; ++piece)
        for (const auto& place : places_of(piece)) {
          const auto& host = hosts_[place.at.host];
          if (place.state != state) continue;
          if (state == State::held) held.insert(manifest_.place_of(piece).shard);
          transfer::PieceSource source{.line = line_of(piece), .host = host, .service = nullptr};
          source.host.uploader = place.at.uploader;
          segment.sources.push_back(std::move(source));
        }
    }
    for (const auto piece : lacking.missing) {
      const auto line = line_of(piece);
      Result<std::vector<format::Descriptor>> candidates = co_await choice_.candidates(line.id, line.size, taken);
      if (!candidates) co_return std::unexpected(std::move(candidates).error());
      std::erase_if(*candidates, [this](const auto& host) { return silent_.find(host.host) != nullptr; });
      transfer::PieceToRemake wanted{.line = line, .line_text = texts.at(piece), .candidates = *std::move(candidates)};
      segment.wanted.push_back(std::move(wanted));
    }
    transfer::RebuildCallbacks callbacks;
    callbacks.stopped = [this] { return stopped() || fatal_.has_value(); };
    co_return co_await transfer::rebuild(net_, repairer_, segment, std::move(callbacks));
  }

  void take(const Lacking& lacking, Result<transfer::RebuildReport> rebuilt) {
    if (!rebuilt) {
      auto error = std::move(rebuilt).error();
      error.what = fmt::format("segment {}: {}", lacking.number, error.what);
      // Not a Host's fault, or nobody's wish to go on: the other segments would fare no better.
      if (error.code != Code::too_few_pieces && error.code != Code::quota && error.code != Code::try_again) {
        if (!fatal_) fatal_ = std::move(error);
        return;
      }
      note(error.what);
      ++(error.code == Code::too_few_pieces ? report_.beyond : report_.below);
      keep_worst(std::move(error));
      return;
    }
    report_.read_bytes += rebuilt->read_bytes;
    report_.written_bytes += rebuilt->written_bytes;
    for (const auto& host : rebuilt->silent) silent_.note(host, "it gave no answer");
    for (const auto& bad : rebuilt->false_sources)
      note(fmt::format("Host {} sent a false piece", bad.host.hex().substr(0, 8)));
    for (const auto& piece : rebuilt->remade) {
      ++(piece.was_there ? report_.found : report_.stored);
      if (callbacks_.on_place)
        if (auto kept = callbacks_.on_place(piece.place, piece.stored); !kept && !fatal_)
          fatal_ = std::move(kept).error();
    }
    if (rebuilt->not_remade.empty()) {
      ++report_.repaired;
      return;
    }
    ++report_.below;
    for (auto& [place, error] : rebuilt->not_remade) {
      note(fmt::format("piece {}/{}/{} found no Host: {}", place.segment, place.shard, place.mirror, error.what));
      error.code = Code::below_redundancy;
      keep_worst(std::move(error));
    }
  }

  void keep_worst(Error error) {
    if (!report_.worst || (report_.worst->code != Code::too_few_pieces && error.code == Code::too_few_pieces))
      report_.worst = std::move(error);
  }

  void note(std::string trouble) {
    if (report_.troubles.size() < kRepairTroublesMax && std::ranges::find(report_.troubles, trouble) == report_.troubles.end())
      report_.troubles.push_back(std::move(trouble));
  }

  bool stopped() {
    if (!fatal_ && callbacks_.stopped && callbacks_.stopped())
      fatal_ = Error{Code::failure, "stopped by a signal",
                     "the same command goes on: what it has stored is found again"};
    return fatal_.has_value();
  }

  Network net_;
  const transfer::Repairer& repairer_;
  const ManifestTable& manifest_;
  const format::Layout& layout_;
  const ManifestText& text_;
  RepairHosts& choice_;
  RepairOptions options_;
  RepairCallbacks callbacks_;
  net::Event changed_;
  std::vector<transfer::HostAddress> hosts_;
  std::vector<Lying> places_;                      // by piece
  std::vector<std::size_t> first_place_;           // of each piece, and the end
  std::vector<std::vector<std::size_t>> at_host_;  // into places_
  SilentHosts silent_here_;
  SilentHosts& silent_;
  std::size_t running_ = 0;
  std::optional<Error> fatal_;
  RepairReport report_;
};

}  // namespace

format::WriterCheck writers_to_repair_for(const keys::Key& key) {
  if (!key.is_owner()) return format::any_writer();
  return format::accept_only(keys::known_writers(key, 0));
}

Awaitable<Result<RepairReport>> repair(Network network, const transfer::Repairer& repairer,
                                       const ManifestTable& manifest, const ManifestText& text,
                                       const std::vector<transfer::HostAddress>& known, RepairHosts& hosts,
                                       RepairOptions options, RepairCallbacks callbacks) {
  if (options.blocks == 0 || options.blocks > transfer::kCheckBlocksMax)
    co_return fail(Code::usage, fmt::format("blocks of a piece are 1 to {} (kCheckBlocksMax)", transfer::kCheckBlocksMax));
  options.jobs = std::max(options.jobs, 1U);
  Repair engine(network, repairer, manifest, text, known, hosts, std::move(options), std::move(callbacks));
  co_return co_await engine.run();
}

}  // namespace inxt::client
