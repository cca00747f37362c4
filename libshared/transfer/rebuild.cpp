// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/rebuild.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/renewal.h"
#include "net/event.h"
#include "net/race.h"
#include "net/task.h"
#include "transfer/segment_fetch.h"
#include "transfer/segment_joiner.h"

namespace inxt::transfer {
namespace {

using net::Awaitable;
using std::chrono::milliseconds;

constexpr milliseconds kPutPause{500};  // before the same Host is asked again
constexpr milliseconds kTakeBackPause{300};
constexpr milliseconds kStopLook{200};  // how often it is asked whether to stop
constexpr int kTakeBackTries = 3;

std::string short_id(const HostId& host) {
  return host.hex().substr(0, 8);
}

/// One wanted piece on its way to a Host.
struct Underway {
  const PieceToRemake* wanted = nullptr;
  std::vector<format::Descriptor> candidates;  // those that count
  Bytes bytes;                                 // what is sent
  std::optional<RemadePiece> found;            // lies at a candidate already
  std::vector<HostId> useless;                 // has it in its books, and does not show it
  Error last{Code::too_few_pieces, "no Host is left that could take it", "name more Hosts"};
};

class Rebuild {
 public:
  Rebuild(Network network, const Repairer& repairer, const SegmentToRebuild& segment,
          RebuildCallbacks callbacks)
      : net_(network),
        repairer_(repairer),
        segment_(segment),
        callbacks_(std::move(callbacks)),
        offers_(repairer.uploader, repairer.owner, network.clock, network.random, repairer.term_s),
        changed_(network.executor) {
    for (const auto& wanted : segment.wanted) {
      auto& underway = pieces_.emplace_back();
      underway.wanted = &wanted;
      for (const auto& candidate : wanted.candidates) {
        if (underway.candidates.size() == kRebuildHostsMax) break;
        if (candidate.price <= repairer.price_max && !candidate.addresses.empty())
          underway.candidates.push_back(candidate);
      }
    }
  }

  Awaitable<Result<RebuildReport>> run() {
    co_await in_parallel(&Rebuild::look_for_earlier);
    if (fatal_) co_return std::unexpected(*fatal_);
    for (auto& piece : pieces_) {
      // Where a piece is on the books and not shown, no other of this segment goes: it may turn up.
      taken_.insert(taken_.end(), piece.useless.begin(), piece.useless.end());
      if (!piece.found) continue;
      const HostId host = piece.found->place.host;
      if (std::ranges::find(taken_, host) != taken_.end()) piece.found.reset();
      taken_.push_back(host);
    }
    if (std::ranges::any_of(pieces_, [](const auto& piece) { return !piece.found; })) {
      Result<void> remade = co_await remake();
      if (!remade) co_return std::unexpected(std::move(remade).error());
      co_await in_parallel(&Rebuild::store);
      if (fatal_) co_return std::unexpected(*fatal_);
    }
    for (auto& piece : pieces_) {
      if (piece.found)
        report_.remade.push_back(std::move(*piece.found));
      else
        report_.not_remade.emplace_back(piece.wanted->line.place, std::move(piece.last));
    }
    std::ranges::sort(report_.silent);
    report_.silent.erase(std::ranges::unique(report_.silent).begin(), report_.silent.end());
    co_return std::move(report_);
  }

 private:
  using Step = Awaitable<void> (Rebuild::*)(Underway&);
  /// However the coroutine ends: a cancelled one is destroyed where it waits.
  struct EndOfStep {
    Rebuild& all;
    ~EndOfStep() {
      --all.running_;
      all.changed_.notify();
    }
  };

  /// The step for each piece that lies nowhere yet; ends when all have ended.  When it is stopped they end
  /// where they stand: what a Host took meanwhile is found by the next try, as after a kill.
  Awaitable<void> in_parallel(Step step) {
    std::vector<net::Task> tasks;
    for (auto& piece : pieces_) {
      if (piece.found) continue;
      ++running_;
      tasks.push_back(net::Task::start(net_.executor, run_step(step, piece)));
    }
    while (running_ > 0) {
      co_await changed_.wait_for(kStopLook);
      if (!callbacks_.stopped || !callbacks_.stopped()) continue;
      if (!fatal_) fatal_ = Error{Code::failure, "stopped by a signal"};
      for (net::Task& task : tasks) task.cancel();
    }
  }

  Awaitable<void> run_step(Step step, Underway& piece) {
    const EndOfStep end{*this};
    if (!fatal_) co_await (this->*step)(piece);
  }

  /// What an earlier repair has stored and had no time to note is found where it would have gone.
  Awaitable<void> look_for_earlier(Underway& piece) {
    for (const auto& candidate : piece.candidates) {
      if (fatal_ || piece.found) co_return;
      if (is_silent(candidate.host)) continue;
      const HostAddress address{candidate.host, candidate.addresses};
      const auto& line = piece.wanted->line;
      Result<HeldPiece> held = co_await net_.service.contract(address, line.id);
      if (!held) {
        if (held.error().code == Code::try_again) report_.silent.push_back(candidate.host);
        continue;
      }
      if (!is_ours(*held, candidate.host, line)) continue;
      const StoredPiece stored{.offer = held->offer,
                               .acceptance = held->acceptance,
                               .receipt = held->receipt,
                               .address = candidate.addresses.front()};
      Result<void> shown = co_await prove(address, line);
      if (shown)
        piece.found = remade(piece, candidate.host, stored, true);
      else
        piece.useless.push_back(candidate.host);
    }
  }

  bool is_ours(const HeldPiece& held, const HostId& host, const format::PieceLine& line) const {
    const auto offer = format::open_offer(held.offer, std::nullopt);
    const auto acceptance = format::open_acceptance(held.acceptance);
    if (!offer || !acceptance || held.size != line.size) return false;
    if (!format::check_answer(held.offer, *offer, held.acceptance, held.receipt)) return false;
    auto until_unix_s = acceptance->until_unix_s;
    if (held.renewal) {
      const auto renewed = format::open_renewal_acceptance(held.renewal->acceptance);
      if (renewed && renewed->host == acceptance->host && renewed->piece == line.id)
        until_unix_s = std::max(until_unix_s, renewed->until_unix_s);
    }
    return offer->host == host && offer->piece == line.id &&
           offer->account == repairer_.uploader.account_id(host) && until_unix_s > net_.clock.unix_s();
  }

  RemadePiece remade(const Underway& piece, const HostId& host, const StoredPiece& stored,
                     bool was_there) const {
    RemadePiece out;
    out.place.place = piece.wanted->line.place;
    out.place.host = host;
    out.place.address = stored.address;
    out.place.contract = format::contract_hash(stored.acceptance);
    out.place.receipt = format::receipt_hash(stored.receipt);
    if (repairer_.uploader.number() != segment_.chain.header->uploader)
      out.place.uploader = repairer_.uploader.number();
    out.stored = stored;
    out.was_there = was_there;
    return out;
  }

  /// The bytes of all pieces that lie nowhere yet, or nothing.
  Awaitable<Result<void>> remake() {
    std::vector<Underway*> wanted;
    std::vector<PieceId> copied;
    for (auto& piece : pieces_) {
      if (piece.found) continue;
      wanted.push_back(&piece);
      copied.push_back(piece.wanted->line.id);
    }
    SegmentFetch fetch(net_, segment_.sources, *segment_.chain.layout, callbacks_.stopped);
    Result<void> fetched = co_await fetch.get(copied);
    report_.read_bytes = fetch.read_bytes();
    report_.false_sources = fetch.false_sources();
    if (!fetched) co_return fetched;
    co_return co_await net_.workers.run([&] { return fill(wanted, fetch.pieces()); });
  }

  /// On a worker thread.
  Result<void> fill(const std::vector<Underway*>& wanted, std::vector<FetchedPiece>& there) {
    std::vector<Underway*> lacking;
    std::vector<Place> places;
    for (auto* piece : wanted) {
      const auto copy = std::ranges::find(there, piece->wanted->line.place, &FetchedPiece::place);
      if (copy != there.end()) {
        piece->bytes = copy_of(ByteView(copy->bytes));
        continue;
      }
      lacking.push_back(piece);
      places.push_back(piece->wanted->line.place);
    }
    if (lacking.empty()) return {};
    const auto joiner = TRY(SegmentJoiner::make(*segment_.chain.layout, segment_.chain.header->file));
    std::vector<PieceInHand> in_hand;
    for (auto& piece : there) in_hand.push_back({piece.place, piece.bytes});
    auto made = TRY(joiner.remake(segment_.number, segment_.ciphertext_bytes, in_hand, places));
    for (std::size_t i = 0; i < lacking.size(); ++i) {
      if (const auto same = check_piece(lacking[i]->wanted->line, made[i]); !same)
        return fail(Code::integrity,
                    fmt::format("{}: what {} true pieces give is not what was signed: nothing is stored",
                                same.error().what, segment_.chain.layout->k),
                    "its writer made it so, or this machine's memory errs: try again on another");
      lacking[i]->bytes = std::move(made[i]);
    }
    return {};
  }

  /// Until one Host holds it and has shown it, or none is left.
  Awaitable<void> store(Underway& piece) {
    for (const auto& candidate : piece.candidates) {
      if (fatal_) co_return;
      if (is_silent(candidate.host) || std::ranges::find(taken_, candidate.host) != taken_.end()) continue;
      if (std::ranges::find(piece.useless, candidate.host) != piece.useless.end()) continue;
      taken_.push_back(candidate.host);
      co_await store_at(piece, candidate);
      if (piece.found || fatal_) co_return;
      std::erase(taken_, candidate.host);
    }
  }

  Awaitable<void> store_at(Underway& piece, const format::Descriptor& candidate) {
    const auto& line = piece.wanted->line;
    Result<MadeOffer> made = co_await net_.workers.run(
        [&] { return offers_.make(candidate, segment_.chain, line, piece.wanted->line_text); });
    if (!made) {
      fatal_ = std::move(made).error();
      co_return;
    }
    const HostAddress address{candidate.host, candidate.addresses};
    bool is_late = false;
    Result<StoredPiece> stored = co_await put_in_time(address, made->token, piece.bytes, is_late);
    // An answer that was lost may have been an acceptance: the same offer at the same Host is then the same
    // contract.
    for (int tries = 1;
         !stored && !is_late && stored.error().code == Code::try_again && tries < kRebuildPutTries; ++tries) {
      co_await net::sleep_for(kPutPause);
      stored = co_await put_in_time(address, made->token, piece.bytes, is_late);
    }
    if (!stored) {
      note(piece, candidate.host, stored.error());
      const bool is_silent = stored.error().code == Code::try_again;
      if (is_silent) report_.silent.push_back(candidate.host);
      // It has an offer that it may have accepted, whatever it answered.
      if (is_silent || stored.error().code == Code::integrity)
        co_await take_back(address, line.id, made->control);
      co_return;
    }
    const bool was_there = stored->offer != made->token;
    if (!was_there) report_.written_bytes += line.size;
    RemadePiece done = remade(piece, candidate.host, *stored, was_there);
    if (callbacks_.on_stored)
      if (auto kept = callbacks_.on_stored(done); !kept) {
        if (!fatal_) fatal_ = std::move(kept).error();
        co_return;
      }
    Result<void> shown = co_await prove(address, line);
    if (!shown) {
      note(piece, candidate.host, shown.error());
      if (!was_there) co_await take_back(address, line.id, made->control);
      co_return;
    }
    if (!was_there) done.control = std::move(made->control);
    piece.found = std::move(done);
  }

  /// There is no least rate on the wire, so a Host that takes a byte now and then would hold up the repair.
  Awaitable<Result<StoredPiece>> put_in_time(const HostAddress& host, std::string_view offer, ByteView bytes,
                                             bool& is_late) {
    using namespace net;  // operator||
    Awaitable<Result<StoredPiece>> put = net_.service.put(host, offer, bytes);
    Awaitable<void> deadline = net::sleep_for(milliseconds(repairer_.put_ms_max));
    auto first = co_await (std::move(put) || std::move(deadline));
    if (first.index() == 0) co_return std::get<0>(std::move(first));
    is_late = true;
    co_return fail(Code::try_again, fmt::format("it had not taken the piece after {} s (kRebuildPutMsMax)",
                                                repairer_.put_ms_max / 1000));
  }

  /// Errors: what the Host showed instead.
  Awaitable<Result<void>> prove(const HostAddress& host, const format::PieceLine& line) {
    const proof::SetPiece asked{.id = line.id, .size_bytes = line.size};
    const CheckOptions options{
        .blocks = repairer_.proof_blocks, .busy_ms = kCheckBusyMs, .stopped = callbacks_.stopped};
    Result<std::vector<CheckedPiece>> checked =
        co_await check_pieces(net_, host, std::span(&asked, 1), options);
    if (!checked) co_return std::unexpected(std::move(checked).error());
    const CheckedPiece& shown = checked->front();
    if (shown.state == CheckedPiece::State::held) co_return Result<void>{};
    co_return fail(shown.state == CheckedPiece::State::lost ? Code::integrity : Code::try_again,
                   "it took the piece and does not prove it: " + shown.why);
  }

  /// Best effort: what cannot be taken back lies there until its term ends.
  Awaitable<void> take_back(const HostAddress& host, const PieceId& piece,
                            const crypto::SigningKey& control) {
    const auto account = repairer_.uploader.account_id(host.id);
    auto token = make_deletion(control, host.id, piece, account, net_.clock.unix_s());
    for (int tries = 0; token && tries < kTakeBackTries; ++tries) {
      if (tries > 0) co_await net::sleep_for(kTakeBackPause);
      Result<void> removed = co_await net_.service.remove(host, piece, *token);
      if (removed || removed.error().code == Code::not_found) co_return;
    }
  }

  bool is_silent(const HostId& host) const {
    return std::ranges::find(report_.silent, host) != report_.silent.end();
  }

  static void note(Underway& piece, const HostId& host, const Error& error) {
    piece.last = Error{error.code, fmt::format("Host {}: {}", short_id(host), error.what), error.hint};
  }

  Network net_;
  const Repairer& repairer_;
  const SegmentToRebuild& segment_;
  RebuildCallbacks callbacks_;
  OfferMaker offers_;
  net::Event changed_;
  std::vector<Underway> pieces_;
  std::vector<HostId> taken_;  // Hosts that hold or are getting a piece of this segment
  std::size_t running_ = 0;
  std::optional<Error> fatal_;
  RebuildReport report_;
};

}  // namespace

std::vector<format::Descriptor> in_order_for(const PieceId& piece, std::vector<format::Descriptor> candidates,
                                             std::uint64_t price_max) {
  std::erase_if(candidates, [&](const format::Descriptor& host) { return host.price > price_max; });
  std::vector<std::pair<crypto::Hash, std::size_t>> order;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    crypto::Sha256 hash;
    hash.update(piece.view());
    hash.update(candidates[i].host.view());
    order.emplace_back(hash.digest(), i);
  }
  std::ranges::sort(order);
  std::vector<format::Descriptor> out;
  for (const auto& [hash, i] : order) out.push_back(std::move(candidates[i]));
  return out;
}

Awaitable<Result<RebuildReport>> rebuild(Network network, const Repairer& repairer,
                                         const SegmentToRebuild& segment, RebuildCallbacks callbacks) {
  Rebuild engine(network, repairer, segment, std::move(callbacks));
  co_return co_await engine.run();
}

}  // namespace inxt::transfer
