// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/get.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "client/host_addresses.h"
#include "client/later_places.h"
#include "net/event.h"
#include "net/task.h"
#include "plan/host_choice.h"
#include "sys/files.h"
#include "transfer/segment_joiner.h"

namespace inxt::client {
namespace {

using net::Awaitable;
using std::chrono::milliseconds;

constexpr std::size_t kLackingNamedMax = 8;
constexpr std::size_t kTroublesMax = 16;

/// One piece at one Host, as a way to get a shard of a segment.
struct Candidate {
  std::uint64_t piece = 0;
  Place place;
  std::size_t host = 0;
  std::optional<std::uint32_t> uploader = {};  // who keeps it there, where that is not the file's
  unsigned age = 0;                            // places of the piece that are later
  int tries = 0;
  bool running = false;
  bool useless = false;  // false data, or the Host has not got it
  transfer::PieceService* service = nullptr;  // under other accounts than the reader's
  net::Task task = {};
};

struct PieceBytes {
  Place place;
  Bytes bytes;
};

struct SegmentFetch {
  std::uint64_t number = 0;
  std::vector<Candidate> candidates;
  std::vector<PieceBytes> got;  // verified, one of each shard
  std::int64_t last_progress_ms = 0;
  unsigned hedges = 0;
  bool done = false;
  bool lacking = false;
  bool is_asked_for = false;  // options.later

  bool has(std::uint32_t shard) const {
    return std::ranges::any_of(got, [&](const auto& piece) { return piece.place.shard == shard; });
  }
  bool running(std::uint32_t shard) const {
    return std::ranges::any_of(candidates, [&](const auto& c) { return c.running && c.place.shard == shard; });
  }
  auto running() const { return std::ranges::count_if(candidates, &Candidate::running); }
};

class Get {
 public:
  Get(Network network, const ManifestTable& manifest, const std::vector<transfer::HostAddress>& hosts,
      ByteSink& out, GetOptions options, GetCallbacks callbacks)
      : net_(network),
        manifest_(manifest),
        layout_(manifest.layout()),
        out_(out),
        options_(options),
        callbacks_(std::move(callbacks)),
        hosts_(addresses(manifest, hosts)),
        choice_(std::vector<std::uint64_t>(hosts_.size(), 0)),
        troubled_(hosts_.size()),
        event_(network.executor) {
    if (options_.silent == nullptr) return;
    for (std::size_t host = 0; host < hosts_.size(); ++host)
      if (options_.silent->find(hosts_[host].id) != nullptr)
        choice_.failed(host, plan::Failure::passing, net_.clock.steady_ms());
  }

  Awaitable<Result<GetReport>> run() {
    auto joiner = transfer::SegmentJoiner::make(layout_, manifest_.header().file);
    if (!joiner) co_return std::unexpected(std::move(joiner).error());
    const auto segment_bytes = layout_.segment_bytes();
    const std::uint64_t first = options_.first / segment_bytes;
    const std::uint64_t end = (options_.end + segment_bytes - 1) / segment_bytes;
    const auto window = std::clamp<std::uint64_t>(kGetMemoryBytes / segment_bytes, 2, 64);
    std::uint64_t started = first;
    for (std::uint64_t number = first; number < end && !fatal_; ++number) {
      for (; started < end && started - number < window; ++started) start(started);
      const auto segment = under_way_.at(number);
      while (!segment->done && !fatal_) co_await wait_or_stop();
      if (fatal_) break;
      if (segment->lacking) {
        fatal_ = lacking_error(number, end);
        break;
      }
      Result<void> given = co_await net_.workers.run([&] { return give(*joiner, *segment); });
      if (!given) fatal_ = std::move(given).error();
      under_way_.erase(number);
    }
    event_.notify();
    while (fetching_ > 0) co_await event_.wait_for(milliseconds(200));
    if (fatal_) co_return std::unexpected(*fatal_);
    report_.hosts = choice_.in_use();
    report_.hosts_replaced = static_cast<unsigned>(std::ranges::count(troubled_, true));
    co_return std::move(report_);
  }

 private:
  static std::vector<transfer::HostAddress> addresses(const ManifestTable& manifest,
                                                      const std::vector<transfer::HostAddress>& known) {
    std::vector<transfer::HostAddress> out;
    for (const auto& host : manifest.hosts()) out.push_back(newest_address(host.id, host.addresses, known));
    return out;
  }

  Awaitable<void> wait_or_stop() {
    co_await event_.wait_for(milliseconds(200));
    if (!fatal_ && callbacks_.stopped && callbacks_.stopped()) {
      fatal_ = Error{Code::failure, "stopped by a signal"};
      event_.notify();
    }
  }

  void start(std::uint64_t number) {
    auto segment = std::make_shared<SegmentFetch>();
    segment->number = number;
    segment->last_progress_ms = net_.clock.steady_ms();
    const auto each = layout_.pieces_per_segment();
    for (std::uint64_t piece = number * each; piece < (number + 1) * each; ++piece)
      add_candidates(*segment, piece);
    under_way_[number] = segment;
    ++fetching_;
    net::spawn(net_.executor, fetch(std::move(segment)));
  }

  void add_candidates(SegmentFetch& segment, std::uint64_t piece) const {
    unsigned age = 0;
    for (const auto& at : manifest_.places_of(piece)) {
      auto& candidate = segment.candidates.emplace_back();
      candidate.piece = piece;
      candidate.place = manifest_.place_of(piece);
      candidate.host = at.host;
      if (at.uploader != manifest_.header().uploader) candidate.uploader = at.uploader;
      candidate.age = age++;
    }
  }

  transfer::HostAddress address_of(const Candidate& candidate) const {
    auto address = hosts_[candidate.host];
    address.uploader = candidate.uploader;
    return address;
  }

  Awaitable<void> fetch(std::shared_ptr<SegmentFetch> segment) {
    if (options_.pieces != nullptr) {
      Result<void> read = co_await net_.workers.run([&]() -> Result<void> {
        read_local(*segment);
        return {};
      });
      if (!read) fatal_ = std::move(read).error();
    }
    while (segment->got.size() < layout_.k && !fatal_) {
      const auto now_ms = net_.clock.steady_ms();
      const auto hedge_ms = choice_.hedge_after_ms(options_.hedge_floor_ms);
      auto wanted = layout_.k - segment->got.size() + segment->hedges;
      if (segment->running() > 0 && now_ms - segment->last_progress_ms >= hedge_ms && segment->hedges < layout_.m + layout_.mirrors) {
        ++segment->hedges;
        ++wanted;
        segment->last_progress_ms = now_ms;
      }
      while (static_cast<std::size_t>(segment->running()) < wanted) {
        const bool hedging = segment->running() >= static_cast<std::ptrdiff_t>(layout_.k - segment->got.size());
        // Hedges are beyond the limit: silent Hosts may be what fills it.
        if (jobs_ >= options_.jobs && !hedging) break;
        auto* candidate = best(*segment, now_ms, hedging);
        if (candidate == nullptr) break;
        begin(segment, *candidate);
      }
      if (segment->running() == 0) {
        // Before the same Hosts are tried again: what they had may have been moved since.
        const bool has_more = co_await look_further(*segment);
        if (has_more) continue;
        const auto next_ms = next_try_ms(*segment);
        if (!next_ms) {
          segment->lacking = true;
          break;
        }
        co_await event_.wait_for(milliseconds(std::clamp<std::int64_t>(*next_ms - now_ms, 10, 1000)));
        continue;
      }
      co_await event_.wait_for(milliseconds(std::clamp<std::int64_t>(segment->last_progress_ms + hedge_ms - now_ms, 10, 1000)));
    }
    for (auto& candidate : segment->candidates)
      if (candidate.running) candidate.task.cancel();
    while (segment->running() > 0) co_await event_.wait();
    segment->done = true;
    --fetching_;
    event_.notify();
  }

  /// Whether there are more places than the manifest names.  REQUIRES: nothing is running.
  Awaitable<bool> look_further(SegmentFetch& segment) {
    if (options_.later == nullptr || segment.is_asked_for) co_return false;
    segment.is_asked_for = true;
    const auto places = co_await options_.later->find(manifest_.header().file, segment.number);
    bool has_more = false;
    for (const LaterPlace& later : places) {
      const Place& place = later.place;
      if (place.segment != segment.number || place.shard >= layout_.shards() || place.mirror >= layout_.mirrors)
        continue;
      hosts_.push_back(later.host);
      choice_.add(0);
      troubled_.push_back(false);
      Candidate& candidate = segment.candidates.emplace_back();
      candidate.piece = manifest_.number_of(place);
      candidate.place = place;
      candidate.host = hosts_.size() - 1;
      candidate.service = later.service;
      has_more = true;
    }
    co_return has_more;
  }

  /// The most promising piece to ask for next.  A shard that is on its way is asked for a second time only as a hedge.
  Candidate* best(SegmentFetch& segment, std::int64_t now_ms, bool hedging) {
    Candidate* found = nullptr;
    const auto key = [&](const Candidate& c) {
      return std::tuple(choice_.standing(c.host, now_ms), c.tries, c.age, c.place.shard >= layout_.k,
                        choice_.under_way(c.host));
    };
    for (auto& candidate : segment.candidates) {
      if (candidate.running || candidate.useless || candidate.tries >= kTriesPerPieceMax) continue;
      if (segment.has(candidate.place.shard)) continue;
      if (!hedging && segment.running(candidate.place.shard)) continue;
      if (choice_.standing(candidate.host, now_ms) == plan::Standing::cooling && candidate.tries > 0) continue;
      if (found == nullptr || key(candidate) < key(*found)) found = &candidate;
    }
    return found;
  }

  std::optional<std::int64_t> next_try_ms(const SegmentFetch& segment) const {
    std::optional<std::int64_t> soonest;
    for (const auto& candidate : segment.candidates) {
      if (candidate.useless || candidate.tries >= kTriesPerPieceMax || segment.has(candidate.place.shard)) continue;
      const auto at = choice_.cool_until_ms(candidate.host);
      if (!soonest || at < *soonest) soonest = at;
    }
    return soonest;
  }

  void begin(const std::shared_ptr<SegmentFetch>& segment, Candidate& candidate) {
    candidate.running = true;
    ++candidate.tries;
    ++jobs_;
    choice_.started(candidate.host);
    candidate.task = net::Task::start(net_.executor, fetch_piece(segment, static_cast<std::size_t>(&candidate - segment->candidates.data())));
  }

  struct EndOfFetch {
    Get& get;
    Candidate& candidate;
    std::int64_t started_ms;
    bool judged = false;
    ~EndOfFetch() {
      if (!judged) get.judge_cancelled(candidate.host, started_ms);
      candidate.running = false;
      --get.jobs_;
      get.event_.notify();
    }
  };

  /// Others were faster.  By so much that a second Host had to be asked: then it is as if it had not answered.
  void judge_cancelled(std::size_t host, std::int64_t started_ms) {
    const auto now_ms = net_.clock.steady_ms();
    if (fatal_ || now_ms - started_ms < choice_.hedge_after_ms(options_.hedge_floor_ms)) return choice_.cancelled(host);
    choice_.failed(host, plan::Failure::passing, now_ms);
    const Error error{Code::try_again, fmt::format("no piece within {} ms", now_ms - started_ms)};
    if (options_.silent != nullptr) options_.silent->note(hosts_[host].id, error.what);
    note_trouble(host, error, false);
  }

  Awaitable<void> fetch_piece(std::shared_ptr<SegmentFetch> segment, std::size_t index) {
    auto& candidate = segment->candidates[index];
    const auto started_ms = net_.clock.steady_ms();
    EndOfFetch end{*this, candidate, started_ms};
    const auto size = manifest_.size(candidate.piece);
    const PieceId id = manifest_.id(candidate.piece);
    Bytes bytes(size);
    transfer::PieceService& service = candidate.service != nullptr ? *candidate.service : net_.service;
    const transfer::HostAddress address = address_of(candidate);
    Result<void> fetched = co_await service.get(address, id, 0, bytes);
    bool is_false = false;
    if (fetched) {
      const format::PieceLine line{.place = candidate.place, .size = size, .id = id, .last = {}};
      fetched = co_await net_.workers.run([&] { return transfer::check_piece(line, bytes); });
      is_false = !fetched;
    }
    end.judged = true;
    if (!fetched) {
      const auto code = fetched.error().code;
      // Only bytes that are not the piece prove damage; an answer that does not fit is merely of no use.
      const bool unfit = is_false || code == Code::integrity || code == Code::denied;
      candidate.useless = unfit || code == Code::not_found;
      false_pieces_ = false_pieces_ || is_false;
      if (options_.later != nullptr && (is_false || code == Code::not_found))
        options_.later->note_bad(manifest_.header().file, candidate.place, address.id);
      choice_.failed(candidate.host, unfit ? plan::Failure::lasting : plan::Failure::passing,
                     net_.clock.steady_ms());
      if (options_.silent != nullptr && code == Code::try_again)
        options_.silent->note(address.id, fetched.error().what);
      note_trouble(candidate.host, fetched.error(), is_false);
      co_return;
    }
    choice_.succeeded(candidate.host, size, net_.clock.steady_ms() - started_ms);
    if (options_.silent != nullptr) options_.silent->forget(address.id);
    report_.fetched_bytes += size;
    if (options_.receipts != nullptr) options_.receipts->add(address, id, size);
    if (callbacks_.on_progress) callbacks_.on_progress(size, choice_.in_use());
    if (segment->has(candidate.place.shard) || segment->got.size() == layout_.k) co_return;
    segment->last_progress_ms = net_.clock.steady_ms();
    segment->got.push_back({candidate.place, std::move(bytes)});
  }

  /// Pieces that lie in a folder need no Host.  What is there but false is passed over.
  void read_local(SegmentFetch& segment) {
    const auto each = layout_.pieces_per_segment();
    for (std::uint64_t piece = segment.number * each; piece < (segment.number + 1) * each && segment.got.size() < layout_.k; ++piece) {
      const auto place = manifest_.place_of(piece);
      if (segment.has(place.shard)) continue;
      auto file = options_.pieces->open(manifest_.id(piece).hex());
      if (!file) continue;
      Bytes bytes(manifest_.size(piece));
      const auto got = sys::read_full(file->number(), bytes, "piece");
      const format::PieceLine line{.place = place, .size = manifest_.size(piece), .id = manifest_.id(piece), .last = {}};
      if (got && *got == bytes.size() && transfer::check_piece(line, bytes)) segment.got.push_back({place, std::move(bytes)});
    }
  }

  /// On a worker thread; one segment at a time, in order.
  Result<void> give(const transfer::SegmentJoiner& joiner, SegmentFetch& segment) {
    std::vector<transfer::PieceInHand> pieces;
    for (auto& piece : segment.got) pieces.push_back({piece.place, piece.bytes});
    const auto segment_first = segment.number * layout_.segment_bytes();
    const auto views = TRY(joiner.join(segment.number, manifest_.ciphertext_bytes(segment.number), pieces, room_));
    if (std::ranges::any_of(segment.got, [&](const auto& piece) { return piece.place.shard >= layout_.k; }))
      ++report_.segments_rebuilt;
    std::uint64_t at = segment_first;
    for (auto view : views) {
      const auto view_end = at + view.size();
      const auto from = std::max(at, options_.first);
      const auto to = std::min(view_end, options_.end);
      if (from < to) {
        TRY(out_.write(view.subspan(from - at, to - from)));
        report_.bytes += to - from;
      }
      at = view_end;
    }
    segment.got.clear();
    return {};
  }

  Error lacking_error(std::uint64_t first, std::uint64_t end) const {
    std::string what;
    std::size_t lacking = 0;
    const auto each = layout_.pieces_per_segment();
    for (std::uint64_t number = first; number < end; ++number) {
      // What is known without asking more: Hosts that proved useless are useless for the other segments too.
      std::vector<bool> there(layout_.shards());
      const auto known = under_way_.find(number);
      if (known != under_way_.end() && known->second->done) {
        for (const auto& piece : known->second->got) there[piece.place.shard] = true;
      } else {
        for (std::uint64_t piece = number * each; piece < (number + 1) * each; ++piece)
          for (const auto host : manifest_.hosts_of(piece))
            if (!choice_.left_out(host)) there[manifest_.place_of(piece).shard] = true;
      }
      const auto have = static_cast<std::uint32_t>(std::ranges::count(there, true));
      if (have >= layout_.k) continue;
      if (lacking++ < kLackingNamedMax)
        what += fmt::format("{}segment {} lacks {} of {}", what.empty() ? "" : ", ", number, layout_.k - have, layout_.k);
    }
    if (lacking > kLackingNamedMax) what += fmt::format(", and {} more segments", lacking - kLackingNamedMax);
    for (const auto& trouble : report_.troubles) what += "; " + trouble;
    return {false_pieces_ ? Code::integrity : Code::too_few_pieces, "too few pieces: " + what,
            hosts_.empty() ? "the manifest names no places: was it put?" : "more Hosts may answer later, or give newer addresses with --hosts"};
  }

  void note_trouble(std::size_t host, const Error& error, bool is_false) {
    if (troubled_[host]) return;
    troubled_[host] = true;
    if (report_.troubles.size() == kTroublesMax) return;
    report_.troubles.push_back(is_false ? fmt::format("Host {} sent a false piece", hosts_[host].id.hex().substr(0, 8))
                                        : fmt::format("Host {}: {}", hosts_[host].id.hex().substr(0, 8), error.what));
  }

  Network net_;
  const ManifestTable& manifest_;
  const format::Layout& layout_;
  ByteSink& out_;
  GetOptions options_;
  GetCallbacks callbacks_;
  std::vector<transfer::HostAddress> hosts_;
  plan::HostChoice choice_;
  std::vector<bool> troubled_;
  net::Event event_;
  GetReport report_;
  std::optional<Error> fatal_;
  std::map<std::uint64_t, std::shared_ptr<SegmentFetch>> under_way_;
  Bytes room_;  // for rebuilt shards; used by one give() at a time
  unsigned jobs_ = 0;
  unsigned fetching_ = 0;
  bool false_pieces_ = false;
};

}  // namespace

Awaitable<Result<GetReport>> get(Network network, const ManifestTable& manifest, std::vector<transfer::HostAddress> hosts,
                                 ByteSink& out, GetOptions options, GetCallbacks callbacks) {
  Get engine(network, manifest, std::move(hosts), out, options, std::move(callbacks));
  co_return co_await engine.run();
}

}  // namespace inxt::client
