// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/put.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <numeric>
#include <unordered_map>

#include "format/manifest_writer.h"
#include "net/event.h"
#include "net/race.h"
#include "net/task.h"
#include "plan/host_choice.h"
#include "transfer/offer_maker.h"

namespace inxt::client {
namespace {

using net::Awaitable;
using net::operator||;  // race.h
using std::chrono::milliseconds;
using transfer::MadeOffer;

constexpr milliseconds kTakeBackTime{3000};
constexpr milliseconds kTakeBackPause{300};
constexpr int kTakeBackTries = 4;

/// One segment's pieces under way, and which Hosts they are at.
struct Underway {
  std::unique_ptr<Batch> batch;
  std::vector<std::size_t> primary;    // of the pieces, in order; empty where any Host will do
  std::vector<std::size_t> secondary;  // for those that fail
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

/// What it takes to take a stored piece back.
struct StoredAt {
  PieceId piece;
  std::uint32_t host = 0;
  crypto::Secret<32> control_seed;
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
        hosts_(std::make_move_iterator(hosts.begin()), std::make_move_iterator(hosts.end())),
        source_(source),
        options_(options),
        callbacks_(std::move(callbacks)),
        offers_(key.uploader(), key.recipient(), network.clock, network.random, options.term_s),
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
    if (takes_all_back()) co_await take_all_back();
    if (fatal_) co_return std::unexpected(*fatal_);
    auto seal = source_.seal();
    if (!seal) co_return std::unexpected(std::move(seal).error());
    if (auto written = callbacks_.write(*seal); !written) co_return std::unexpected(std::move(written).error());
    report_.hosts = choice_.in_use();
    co_return std::move(report_);
  }

 private:
  static std::vector<std::uint64_t> free_bytes(const std::deque<format::Descriptor>& hosts) {
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
      auto segment = std::make_shared<Underway>();
      if (callbacks_.segment_hosts != nullptr) {
        Result<void> given = co_await give_hosts(*segment, batch->pieces.front().line.place.segment);
        if (!given) co_return given;
      }
      segment->batch = std::move(batch);
      start(std::move(segment));
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

  Awaitable<Result<void>> give_hosts(Underway& segment, std::uint64_t number) {
    Result<SegmentHosts> given = co_await callbacks_.segment_hosts->hosts_of(number, *chain_);
    if (!given) co_return std::unexpected(std::move(given).error());
    for (const HostId& id : given->primary) segment.primary.push_back(index_of(id));
    for (const HostId& id : given->secondary) segment.secondary.push_back(index_of(id));
    co_return Result<void>{};
  }

  std::size_t index_of(const HostId& id) {
    const auto [known, is_new] = index_of_.try_emplace(id, hosts_.size());
    if (is_new) {
      hosts_.push_back(callbacks_.segment_hosts->describe(id));
      choice_.add(hosts_.back().free_bytes);
      troubled_.push_back(false);
    }
    return known->second;
  }

  void start(std::shared_ptr<Underway> segment) {
    segment->pieces_left = segment->batch->pieces.size();
    segment->shards_placed.resize(chain_->layout->shards());
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
        const auto allowed = allowed_for(*state);
        if (const auto host = choice_.pick_for_put(allowed, state->segment->taken, size, now_ms)) {
          begin_attempt(state, *host);
          continue;
        }
        if (running == 0) {
          const auto next_ms = choice_.next_try_ms(allowed, state->segment->taken, size);
          if (!next_ms) break;
          co_await event_.wait_for(milliseconds(std::max<std::int64_t>(10, *next_ms - now_ms)));
          continue;
        }
      }
      const auto wait_ms = running == 1 && now_ms < hedge_ms ? hedge_ms - now_ms : 1000;
      co_await event_.wait_for(milliseconds(wait_ms));
    }
    // What is to be taken back is let come to its end first: a piece whose answer nobody waits for may come to be stored
    // behind its own deletion.
    if (!takes_all_back())
      for (const auto& attempt : state->attempts)
        if (!attempt->ended) attempt->task.cancel();
    // The bytes belong to the segment: nobody may still be sending them when it is given back.
    while (state->running() > 0) co_await event_.wait();
    if (!state->stored) {
      // A Host may have stored what was broken off before its answer came.
      if (callbacks_.segment_hosts != nullptr)
        for (const auto& attempt : state->attempts)
          if (attempt->offer) keep_for_taking_back(*attempt, state->piece().line.id);
      co_return;
    }
    const auto winner = std::ranges::find_if(state->attempts, [](const auto& attempt) { return attempt->won; });
    for (const auto& attempt : state->attempts)
      // Not from the winner's own Host: where an earlier answer was lost, its contract is the one that holds the piece.
      if (!attempt->won && attempt->offer && (winner == state->attempts.end() || attempt->host != (*winner)->host)) {
        ++under_way_;
        net::spawn(net_.executor, take_back(attempt, state->piece().line.id));
      }
  }

  /// Who may get this piece: any Host, or those that stand in, and its own.
  std::vector<std::size_t> allowed_for(const PieceState& state) const {
    const auto& segment = *state.segment;
    if (callbacks_.segment_hosts == nullptr) return choice_.everyone();
    auto out = segment.secondary;
    if (const auto own = own_host(state)) out.push_back(*own);
    return out;
  }

  std::optional<std::size_t> own_host(const PieceState& state) const {
    const auto& place = state.piece().line.place;
    const auto number = std::size_t{place.shard} * chain_->layout->mirrors + place.mirror;
    if (number >= state.segment->primary.size()) return std::nullopt;
    return state.segment->primary[number];
  }

  /// Where this piece may be already; where it is meant to go; of a source that can be put again, where every put of it begins.
  std::optional<std::size_t> first_choice(const PieceState& state, std::int64_t now_ms) const {
    std::optional<std::size_t> host;
    if (state.piece().perhaps_at) {
      const auto known = std::ranges::find(hosts_, *state.piece().perhaps_at, &format::Descriptor::host);
      if (known != hosts_.end()) host = static_cast<std::size_t>(known - hosts_.begin());
    }
    if (!host && callbacks_.segment_hosts != nullptr) {
      host = own_host(state);
    } else if (!host && source_.is_repeatable() && !by_id_.empty()) {
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
    if (callbacks_.segment_hosts != nullptr) {
      Result<void> admitted = co_await callbacks_.segment_hosts->admit(piece.line.place.segment, host.host, piece.line.size);
      if (!admitted) {
        // Nothing was sent.  The others are told: there is no use in going on.
        end.judged = true;
        choice_.cancelled(attempt->host);
        if (!fatal_) fatal_ = std::move(admitted).error();
        co_return;
      }
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
    if (callbacks_.segment_hosts != nullptr) keep_for_taking_back(*attempt, piece.line.id);
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

  void keep_for_taking_back(const Attempt& attempt, const PieceId& piece) {
    StoredAt& stored = stored_.emplace_back();
    stored.piece = piece;
    stored.host = static_cast<std::uint32_t>(attempt.host);
    std::ranges::copy(attempt.offer->control.seed(), stored.control_seed.span().begin());
  }

  bool takes_all_back() const {
    return callbacks_.segment_hosts != nullptr && fatal_ && fatal_->code == Code::quota;
  }

  /// All that this put has stored, or may have.
  Awaitable<void> take_all_back() {
    for (const StoredAt& stored : stored_) {
      while (under_way_ >= options_.jobs) co_await event_.wait();
      ++under_way_;
      net::spawn(net_.executor, take_stored_back(stored));
    }
    while (under_way_ > 0) co_await event_.wait();
    if (not_taken_back_ == 0 && callbacks_.journal != nullptr) callbacks_.journal->forget_places();
    if (stored_.empty()) co_return;
    const auto said = not_taken_back_ == 0
                          ? std::string("what was stored was taken back")
                          : fmt::format("{} pieces that were stored may still be there", not_taken_back_);
    fatal_->what += "; " + said;
  }

  Awaitable<void> take_stored_back(const StoredAt& stored) {
    const auto& host = hosts_[stored.host];
    const auto control = crypto::SigningKey::from_seed(stored.control_seed.view());
    const auto account = key_.uploader().account_id(host.host);
    auto token = transfer::make_deletion(control, host.host, stored.piece, account, net_.clock.unix_s());
    const transfer::HostAddress address{host.host, host.addresses};
    bool is_gone = false;
    for (int tries = 0; token && !is_gone && tries < kTakeBackTries; ++tries) {
      if (tries > 0) co_await net::sleep_for(kTakeBackPause);  // it is being stored just now
      auto done = co_await (net_.service.remove(address, stored.piece, *token) || net::sleep_for(kTakeBackTime));
      const auto* removed = std::get_if<0>(&done);
      is_gone = removed != nullptr && (removed->has_value() || removed->error().code == Code::not_found);
    }
    if (!is_gone) ++not_taken_back_;
    --under_way_;
    event_.notify();
  }

  /// Best effort: a Host that cannot be reached keeps a piece that nobody needs until its term ends.
  Awaitable<void> take_back(std::shared_ptr<Attempt> attempt, PieceId piece) {
    const auto& host = hosts_[attempt->host];
    const auto account = key_.uploader().account_id(host.host);
    auto token = transfer::make_deletion(attempt->offer->control, host.host, piece, account, net_.clock.unix_s());
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
  std::deque<format::Descriptor> hosts_;  // grows as segments get Hosts; references stay
  std::unordered_map<HostId, std::size_t> index_of_;  // of those that segments got
  BatchSource& source_;
  PutOptions options_;
  PutCallbacks callbacks_;
  transfer::OfferMaker offers_;
  plan::HostChoice choice_;
  net::Event event_;
  std::vector<bool> troubled_;
  std::deque<StoredAt> stored_;  // where Hosts are a Bridge's
  std::uint64_t not_taken_back_ = 0;
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
