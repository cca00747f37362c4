// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/put.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "client/offer_maker.h"
#include "format/manifest_writer.h"
#include "net/event.h"
#include "net/race.h"
#include "net/task.h"
#include "plan/host_choice.h"

namespace inxt::client {
namespace {

using net::Awaitable;
using net::operator||;  // race.h
using std::chrono::milliseconds;

constexpr milliseconds kTakeBackTime{3000};

/// One segment's pieces under way, and which Hosts they are at.
struct Underway {
  std::unique_ptr<Batch> batch;
  std::vector<std::size_t> taken;  // Hosts that hold or are getting a piece of this segment
  std::size_t pieces_left = 0;
  std::uint32_t pieces_placed = 0;
  std::vector<bool> shards_placed;
};

/// One try to store one piece at one Host.
struct Attempt {
  std::size_t host = 0;
  std::optional<MadeOffer> offer;
  net::Task task;
  bool ended = false;
  bool won = false;
};

struct PieceState {
  std::shared_ptr<Underway> segment;
  std::size_t index = 0;
  std::vector<std::shared_ptr<Attempt>> attempts;
  std::int64_t last_start_ms = 0;
  bool stored = false;

  const BatchPiece& piece() const { return segment->batch->pieces[index]; }
  auto running() const {
    return std::ranges::count_if(attempts, [](const auto& attempt) { return !attempt->ended; });
  }
};

plan::Failure kind_of(const Error& error) {
  switch (error.code) {
    case Code::quota:
    case Code::denied:
    case Code::usage:
    case Code::integrity: return plan::Failure::lasting;
    default: return plan::Failure::passing;
  }
}

class Put {
 public:
  Put(Network network, const keys::Key& key, std::vector<format::Descriptor> hosts, BatchSource& source,
      PutOptions options, PutCallbacks callbacks)
      : net_(network),
        key_(key),
        hosts_(std::move(hosts)),
        source_(source),
        options_(options),
        callbacks_(std::move(callbacks)),
        offers_(key, network.clock, network.random, options.term_s),
        choice_(free_bytes(hosts_)),
        event_(network.executor),
        troubled_(hosts_.size()),
        by_id_(hosts_.size()) {
    std::iota(by_id_.begin(), by_id_.end(), std::size_t{0});
    std::ranges::sort(by_id_, {}, [this](std::size_t i) { return hosts_[i].host; });
  }

  Awaitable<Result<PutReport>> run() {
    Result<void> fed = co_await feed();
    if (!fed && !fatal_) fatal_ = fed.error();
    event_.notify();
    while (under_way_ > 0) co_await wait_or_stop();
    if (fatal_) co_return std::unexpected(*fatal_);
    auto seal = source_.seal();
    if (!seal) co_return std::unexpected(std::move(seal).error());
    if (auto written = callbacks_.write(*seal); !written) co_return std::unexpected(std::move(written).error());
    report_.hosts = choice_.in_use();
    co_return std::move(report_);
  }

 private:
  static std::vector<std::uint64_t> free_bytes(const std::vector<format::Descriptor>& hosts) {
    std::vector<std::uint64_t> out;
    for (const auto& host : hosts) out.push_back(host.free_bytes);
    return out;
  }

  Awaitable<Result<void>> feed() {
    while (!fatal_) {
      Result<std::unique_ptr<Batch>> next = co_await net_.workers.run([this] { return source_.next(); });
      if (!next) co_return std::unexpected(std::move(next).error());
      std::unique_ptr<Batch> batch = std::move(*next);
      if (batch == nullptr) break;
      if (!chain_) chain_ = source_.chain();  // next() goes on changing the source's own on another thread
      if (callbacks_.journal != nullptr) {
        Result<void> kept = co_await net_.workers.run([&] {
          return callbacks_.journal->write_durably(chain_->header->file,
                                                   std::string_view(batch->text).substr(batch->journaled_bytes));
        });
        if (!kept) co_return kept;
      }
      if (auto written = callbacks_.write(batch->text); !written) co_return std::unexpected(std::move(written).error());
      start(std::move(batch));
      while (!fatal_ && segments_under_way_ >= segments_max()) co_await wait_or_stop();
    }
    co_return Result<void>{};
  }

  Awaitable<void> wait_or_stop() {
    co_await event_.wait_for(milliseconds(200));
    if (!fatal_ && callbacks_.stopped && callbacks_.stopped()) {
      fatal_ = Error{Code::failure, "stopped by a signal", "what was stored can be removed: give the manifest to inxt-rm"};
      event_.notify();
    }
  }

  std::size_t segments_max() const {
    const auto& layout = *chain_->layout;
    const auto each = std::uint64_t{layout.shard_bytes} * layout.pieces_per_segment();
    return static_cast<std::size_t>(std::clamp<std::uint64_t>(kPutMemoryBytes / each, 2, 64)) - 1;  // one is being made
  }

  void start(std::unique_ptr<Batch> batch) {
    auto segment = std::make_shared<Underway>();
    segment->pieces_left = batch->pieces.size();
    segment->shards_placed.resize(chain_->layout->shards());
    segment->batch = std::move(batch);
    ++segments_under_way_;
    ++report_.segments;
    for (const auto& piece : segment->batch->pieces)
      for (const auto& at : piece.at)
        if (const auto known = std::ranges::find(hosts_, at, &format::Descriptor::host); known != hosts_.end())
          segment->taken.push_back(static_cast<std::size_t>(known - hosts_.begin()));
    // A coroutine may end before spawn() returns, and the last one gives the batch back.
    const auto count = segment->batch->pieces.size();
    for (std::size_t i = 0; i < count; ++i) {
      ++report_.pieces;
      ++under_way_;
      auto state = std::make_shared<PieceState>();
      state->segment = segment;
      state->index = i;
      net::spawn(net_.executor, store(std::move(state)));
    }
  }

  Awaitable<void> store(std::shared_ptr<PieceState> state) {
    if (!state->piece().at.empty() || state->piece().bytes.empty()) {
      state->stored = true;
      if (callbacks_.on_progress) callbacks_.on_progress(state->piece().line.size, choice_.in_use());
    } else {
      while (jobs_ >= options_.jobs && !fatal_) co_await event_.wait();
      ++jobs_;
      co_await try_hosts(state);
      --jobs_;
    }
    finish_piece(*state);
    --under_way_;
    event_.notify();
  }

  /// Until the piece is stored or nobody is left to ask.
  Awaitable<void> try_hosts(std::shared_ptr<PieceState> state) {
    while (!state->stored && !fatal_) {
      const auto now_ms = net_.clock.steady_ms();
      const auto size = state->piece().line.size;
      const auto running = state->running();
      const auto hedge_ms = state->last_start_ms + choice_.hedge_after_ms(options_.hedge_floor_ms);
      if (state->attempts.size() >= kAttemptsPerPieceMax && running == 0) break;
      const bool wanted = running == 0 || (running == 1 && now_ms >= hedge_ms);
      if (wanted && state->attempts.size() < kAttemptsPerPieceMax) {
        if (const auto host = first_choice(*state, now_ms); host && state->attempts.empty()) {
          begin_attempt(state, *host);
          continue;
        }
        if (const auto host = choice_.pick_for_put(state->segment->taken, size, now_ms)) {
          begin_attempt(state, *host);
          continue;
        }
        if (running == 0) {
          const auto next_ms = choice_.next_try_ms(state->segment->taken, size);
          if (!next_ms) break;
          co_await event_.wait_for(milliseconds(std::max<std::int64_t>(10, *next_ms - now_ms)));
          continue;
        }
      }
      const auto wait_ms = running == 1 && now_ms < hedge_ms ? hedge_ms - now_ms : 1000;
      co_await event_.wait_for(milliseconds(wait_ms));
    }
    for (const auto& attempt : state->attempts)
      if (!attempt->ended) attempt->task.cancel();
    // The bytes belong to the segment: nobody may still be sending them when it is given back.
    while (state->running() > 0) co_await event_.wait();
    if (!state->stored) co_return;
    const auto winner = std::ranges::find_if(state->attempts, [](const auto& attempt) { return attempt->won; });
    for (const auto& attempt : state->attempts)
      // Not from the winner's own Host: where an earlier answer was lost, its contract is the one that holds the piece.
      if (!attempt->won && attempt->offer && (winner == state->attempts.end() || attempt->host != (*winner)->host)) {
        ++under_way_;
        net::spawn(net_.executor, take_back(attempt, state->piece().line.id));
      }
  }

  /// Where this piece may be already; of a source that can be put again, where every put of it begins.
  std::optional<std::size_t> first_choice(const PieceState& state, std::int64_t now_ms) const {
    std::optional<std::size_t> host;
    if (state.piece().perhaps_at) {
      const auto known = std::ranges::find(hosts_, *state.piece().perhaps_at, &format::Descriptor::host);
      if (known != hosts_.end()) host = static_cast<std::size_t>(known - hosts_.begin());
    } else if (source_.is_repeatable() && !by_id_.empty()) {
      const auto& id = state.segment->batch->pieces.front().line.id.bytes;
      const auto begin = std::to_integer<std::size_t>(id[0]) | std::to_integer<std::size_t>(id[1]) << 8;
      host = by_id_[(begin + state.index) % by_id_.size()];
    }
    if (!host || choice_.left_out(*host) || choice_.cool_until_ms(*host) > now_ms) return std::nullopt;
    if (std::ranges::find(state.segment->taken, *host) != state.segment->taken.end()) return std::nullopt;
    return host;
  }

  void begin_attempt(const std::shared_ptr<PieceState>& state, std::size_t host) {
    auto attempt = std::make_shared<Attempt>();
    attempt->host = host;
    state->last_start_ms = net_.clock.steady_ms();
    state->attempts.push_back(attempt);
    state->segment->taken.push_back(host);
    choice_.started(host);
    attempt->task = net::Task::start(net_.executor, run_attempt(state, attempt));
  }

  /// Ends an attempt however its coroutine ends: a cancelled one is destroyed where it waits.
  struct EndOfAttempt {
    Put& put;
    std::shared_ptr<PieceState> state;
    std::shared_ptr<Attempt> attempt;
    std::int64_t started_ms;
    bool judged = false;
    ~EndOfAttempt() {
      if (!judged) put.judge_cancelled(attempt->host, started_ms);
      if (!attempt->won) std::erase(state->segment->taken, attempt->host);
      attempt->ended = true;
      put.event_.notify();
    }
  };

  /// Another was faster.  By so much that a second Host had to be asked: then it is as if it had not answered.
  void judge_cancelled(std::size_t host, std::int64_t started_ms) {
    const auto now_ms = net_.clock.steady_ms();
    if (fatal_ || now_ms - started_ms < choice_.hedge_after_ms(options_.hedge_floor_ms)) return choice_.cancelled(host);
    choice_.failed(host, plan::Failure::passing, now_ms);
    note_trouble(host, {Code::try_again, fmt::format("no answer within {} ms", now_ms - started_ms)});
  }

  Awaitable<void> run_attempt(std::shared_ptr<PieceState> state, std::shared_ptr<Attempt> attempt) {
    EndOfAttempt end{*this, state, attempt, net_.clock.steady_ms()};
    const auto& host = hosts_[attempt->host];
    const auto& piece = state->piece();
    const auto started_ms = net_.clock.steady_ms();
    Result<MadeOffer> made = co_await net_.workers.run(
        [&] { return offers_.make(host, *chain_, piece.line, piece.line_text); });
    if (!made) {
      fatal_ = made.error();
      co_return;
    }
    attempt->offer = std::move(*made);
    transfer::HostAddress address{host.host, host.addresses};
    if (Result<void> noted = note_intent(piece.line.place, address); !noted) {
      fatal_ = noted.error();
      co_return;
    }
    Result<transfer::StoredPiece> stored = co_await net_.service.put(address, attempt->offer->token, piece.bytes);
    end.judged = true;
    if (!stored) {
      choice_.failed(attempt->host, kind_of(stored.error()), net_.clock.steady_ms());
      note_trouble(attempt->host, stored.error());
      co_return;
    }
    choice_.succeeded(attempt->host, piece.line.size, net_.clock.steady_ms() - started_ms);
    if (state->stored) co_return;  // another was faster: this one is taken back
    choice_.stored(attempt->host, piece.line.size);
    state->stored = attempt->won = true;
    report_.stored_bytes += piece.line.size;
    format::PlaceLine place{.place = piece.line.place,
                            .host = host.host,
                            .address = stored->address,
                            .contract = format::contract_hash(stored->acceptance),
                            .receipt = format::receipt_hash(stored->receipt)};
    const auto line = format::write_line(place);
    if (callbacks_.journal != nullptr)
      if (auto kept = callbacks_.journal->append(line); !kept && !fatal_) fatal_ = kept.error();
    if (auto written = callbacks_.write(line); !written && !fatal_) fatal_ = written.error();
    if (callbacks_.on_receipt) callbacks_.on_receipt(*stored);
    if (callbacks_.on_progress) callbacks_.on_progress(piece.line.size, choice_.in_use());
  }

  /// What may be stored there soon, so that inxt-rm finds it even when this process dies before the answer comes.
  Result<void> note_intent(const Place& place, const transfer::HostAddress& host) {
    if (callbacks_.journal == nullptr) return {};
    format::PlaceLine intent{.place = place, .host = host.id, .address = host.addresses.front(), .contract = {}, .receipt = {}};
    return callbacks_.journal->append(format::write_line(intent));
  }

  /// Best effort: a Host that cannot be reached keeps a piece that nobody needs until its term ends.
  Awaitable<void> take_back(std::shared_ptr<Attempt> attempt, PieceId piece) {
    const auto& host = hosts_[attempt->host];
    const auto account = key_.uploader().account_id(host.host);
    auto token = make_deletion(attempt->offer->control, host.host, piece, account, net_.clock.unix_s());
    if (token && !choice_.left_out(attempt->host)) {
      const transfer::HostAddress address{host.host, host.addresses};
      // A Host that was too slow to store it may be too slow for this too.
      auto ignored = co_await (net_.service.remove(address, piece, *token) || net::sleep_for(kTakeBackTime));
    }
    --under_way_;
    event_.notify();
  }

  void finish_piece(const PieceState& state) {
    auto& segment = *state.segment;
    if (state.stored) {
      ++report_.placed;
      ++segment.pieces_placed;
      segment.shards_placed[state.piece().line.place.shard] = true;
    }
    if (--segment.pieces_left > 0) return;
    const auto& layout = *chain_->layout;
    const auto shards = static_cast<std::uint32_t>(std::ranges::count(segment.shards_placed, true));
    if (segment.pieces_placed < layout.pieces_per_segment()) ++report_.segments_below;
    if (shards < layout.k && !fatal_) fatal_ = lost_segment(segment.batch->pieces.front().line.place.segment, shards);
    const std::uint32_t needed = layout.mirrors > 1 ? 1 : layout.k;
    const std::uint32_t spare = segment.pieces_placed > needed ? segment.pieces_placed - needed : 0;
    report_.least_to_spare = std::min(report_.least_to_spare.value_or(spare), spare);
    source_.give_back(std::move(segment.batch), segment.pieces_placed == layout.pieces_per_segment());
    --segments_under_way_;
  }

  /// There is no use in going on: not even one segment more would be had back.
  Error lost_segment(std::uint64_t number, std::uint32_t shards) const {
    Code code = Code::too_few_pieces;
    if (refusals_ == quota_refusals_) code = Code::quota;  // also when no Host said that it has room
    if (refusals_ > 0 && refusals_ == denials_) code = Code::denied;
    std::string what = fmt::format("segment {}: {} of its {} pieces found a Host, and {} are needed", number, shards,
                                   chain_->layout->shards(), chain_->layout->k);
    if (refusals_ == 0) what += "; no other Host says that it has room";
    for (const auto& trouble : report_.troubles) what += "; " + trouble;
    return {code, what,
            code == Code::quota    ? "name Hosts with more room"
            : code == Code::denied ? "the Hosts' operators have to accept your accounts: inxt-key show --for-host HOSTID"
                                   : "name more Hosts, or try again later"};
  }

  void note_trouble(std::size_t host, const Error& error) {
    ++refusals_;
    if (error.code == Code::quota) ++quota_refusals_;
    if (error.code == Code::denied) ++denials_;
    if (troubled_[host] || report_.troubles.size() == kTroublesMax) return;
    troubled_[host] = true;
    report_.troubles.push_back(fmt::format("Host {}: {}", hosts_[host].host.hex().substr(0, 8), error.what));
  }

  Network net_;
  const keys::Key& key_;
  std::vector<format::Descriptor> hosts_;
  BatchSource& source_;
  PutOptions options_;
  PutCallbacks callbacks_;
  OfferMaker offers_;
  plan::HostChoice choice_;
  net::Event event_;
  std::vector<bool> troubled_;
  std::vector<std::size_t> by_id_;  // Hosts in an order that does not depend on the hosts file
  PutReport report_;
  std::optional<format::Chain> chain_;  // as it was with the first batch: header, stanzas, layout
  std::optional<Error> fatal_;
  std::size_t segments_under_way_ = 0;
  std::size_t under_way_ = 0;  // pieces and take-backs
  unsigned jobs_ = 0;
  unsigned refusals_ = 0, quota_refusals_ = 0, denials_ = 0;
};

}  // namespace

Awaitable<Result<PutReport>> put(Network network, const keys::Key& key, std::vector<format::Descriptor> hosts,
                                 BatchSource& source, PutOptions options, PutCallbacks callbacks) {
  std::erase_if(hosts, [&](const format::Descriptor& host) { return host.price > options.price_max; });
  Put engine(network, key, std::move(hosts), source, options, std::move(callbacks));
  co_return co_await engine.run();
}

}  // namespace inxt::client
