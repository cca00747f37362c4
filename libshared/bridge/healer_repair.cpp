// SPDX-License-Identifier: LGPL-3.0-or-later
// One repair after the other: whom, written down before anything leaves; remade and proved; written down.
#include "bridge/healer_repair.h"

#include <fmt/format.h>

#include <algorithm>

#include "bridge/charges.h"
#include "bridge/host_rows.h"
#include "bridge/usage.h"
#include "format/lease.h"
#include "format/voucher.h"
#include "store/stored_piece.h"
#include "transfer/offer_maker.h"

namespace inxt::bridge {

using database::Transaction;
using net::Awaitable;

namespace {

constexpr std::int64_t kVoucherS = 3600;
constexpr std::int64_t kReadingLeaseS = 3600;
static_assert(kReadingLeaseS <= format::kLeaseSecondsMax);

bool is_among(const auto& all, const auto& one) {
  return std::ranges::find(all, one) != all.end();
}

}  // namespace

/// In the order of urgency: one that needs much memory is passed by none.
bool Healer::may_begin() const {
  if (repairs_.empty() || is_stopping_) return false;
  return memory_bytes_ == 0 || memory_bytes_ + repairs_.front().memory_bytes <= kRepairsMemoryBytes;
}
Awaitable<void> Healer::run_repairs() {
  for (;;) {
    while (!may_begin()) co_await changed_.wait();
    RepairJob job = std::move(repairs_.front());
    repairs_.pop_front();
    if (job.work->is_over) continue;
    const std::shared_ptr<Work> work = job.work;
    bool is_done = false;
    {
      const Busy busy(*this);
      const Memory memory(*this, job.memory_bytes);
      is_done = co_await carry_out(work, std::move(job.order), job.key);
    }
    // The next ones, without a turn between; but where repairs fail, or nothing can be learnt, turns are the
    // pace.
    if (is_done && repairs_.empty() && work->is_current && !work->is_over && !is_stopping_) take_orders(work);
  }
}

/// Whether it went well.
Awaitable<bool> Healer::carry_out(std::shared_ptr<Work> work, plan::RepairOrder order, CareSegmentKey key) {
  if (auto* wanted = std::get_if<plan::Rebuild>(&order))
    co_return co_await rebuild(work, std::move(*wanted), key);
  const plan::ReleasePiece named = std::get<plan::ReleasePiece>(order);
  const Result<void> done = co_await release(work, named, key);
  if (done) co_return true;
  say("release", done.error());
  work->mind.plan().released(named);
  co_return false;
}

Awaitable<bool> Healer::rebuild(std::shared_ptr<Work> work, plan::Rebuild order, CareSegmentKey key) {
  plan::RepairPlan& plan = work->mind.plan();
  const std::uint64_t number = order.number;
  Repair repair{.order = std::move(order),
                .key = key,
                .text = {},
                .care = {},
                .caretaker = {},
                .accounts = {},
                .hosts = {},
                .planned_before = {},
                .targets = {},
                .record = 0,
                .price_max = 0,
                .vouchers = {}};
  Result<void> done = co_await prepare(repair);
  if (done) {
    done = choose(*work, repair);
    if (!done) co_await note_unplaced(repair, done.error());
  }
  bool is_ours = false;
  if (done) {
    Result<bool> begun = co_await begin(*work, repair);
    if (begun)
      is_ours = *begun;
    else
      done = std::unexpected(std::move(begun).error());
  }
  if (done && is_ours) {
    ++counts_.planned;
    const Result<transfer::RebuildReport> report = co_await remake(*work, repair);
    done = co_await settle(work, repair, report);
    if (done) co_return true;
  }
  ++counts_.failed;
  const std::string why = done ? "another process repairs it" : done.error().what;
  parts_.log.write(serve::LogLevel::info, "repair-failed",
                   {{"file", repair.text.file.hex()},
                    {"segment", std::to_string(repair.text.row.segment)},
                    {"reason", why}});
  plan.repair_failed(number, {}, 0, parts_.clock.unix_s());
  co_return false;
}

Awaitable<Result<void>> Healer::prepare(Repair& repair) {
  const auto read = [&]() -> Result<void> {
    return parts_.database.read([&](Transaction& transaction) -> Result<void> {
      auto text = TRY(care_text(transaction, repair.key));
      if (!text) return fail(Code::not_found, "its care has ended");
      repair.text = std::move(*text);
      repair.care = TRY(read_care(repair.text));
      repair.planned_before = TRY(planned_pieces(transaction, repair.key));
      auto caretaker = TRY(find_caretaker(transaction, seal_, repair.text.owner, repair.text.caretaker));
      if (!caretaker) return fail(Code::not_found, "its owner has given no caretaker's key");
      repair.caretaker.emplace(std::move(*caretaker));
      const auto& places = repair.text.row.places;
      for (std::size_t i = 0; i < places.size(); ++i) {
        if (!repair.hosts.contains(places[i].host)) {
          const auto rows = TRY(transaction.query("SELECT host FROM care_hosts WHERE key = $1",
                                                  {std::int64_t{places[i].host}}));
          if (rows.empty()) continue;
          repair.hosts[places[i].host] = rows[0].id<HostId>(0);
        }
        const HostId host = repair.hosts[places[i].host];
        const std::uint32_t uploader = repair.text.uploaders.at(i);
        if (places[i].is_ours || repair.accounts.contains({uploader, host})) continue;
        if (auto account =
                TRY(care_account(transaction, repair.text.caretaker, repair.text.owner, uploader, host)))
          repair.accounts[{uploader, host}] = std::move(*account);
      }
      return {};
    });
  };
  co_return co_await parts_.workers.run(read);
}

/// Hosts for what is missing, beside those that keep theirs; an earlier attempt's Hosts where they can be.
Result<void> Healer::choose(const Work& work, Repair& repair) {
  const HealerMind& mind = work.mind;
  const std::int64_t now = parts_.clock.unix_s();
  if (mind.find_segment(repair.key) != repair.order.segment)
    return fail(Code::not_found, "its care has ended");
  const auto pieces = mind.plan().segments().pieces(repair.order.segment);
  const auto& kind = mind.plan().segments().kind(repair.order.segment);
  plan::PlacementRequest request;
  const std::uint64_t number = repair.text.row.segment;
  request.seed =
      crypto::labelled_hash("inxt/v1/repair", {repair.text.file.view(), ByteView(big_endian(number))});
  request.bytes = kind.layout.k * kind.piece_bytes;
  request.layout = kind.layout;
  request.wants_secondary = false;
  request.excluded = repair.order.excluded;
  for (const auto& [host, of_host] : work.hosts)
    if (of_host.avoided_until_unix_s > now) request.excluded.push_back(host);
  repair.price_max = mind.price_max(repair.order.segment, options_.price_max);
  const std::vector<std::uint32_t> dear = mind.dearer_than(repair.price_max);
  request.excluded.insert(request.excluded.begin(), dear.begin(), dear.end());
  for (const auto& piece : pieces) request.kept.emplace_back(piece.host);
  std::vector<std::uint32_t> former;
  for (const auto* places : {&repair.order.missing, &repair.order.handed_over})
    for (const std::uint32_t place : *places) {
      repair.targets.push_back(
          {.place = static_cast<std::uint16_t>(place), .host = 0, .former = pieces[place].host, .id = {}});
      request.kept[place].reset();
      former.push_back(pieces[place].host);
    }
  const std::vector<std::uint32_t> failed = work.failed_hosts(repair.key);
  for (const RepairedPiece& before : repair.planned_before) {
    const auto host = mind.find_host(before.host);
    if (before.place >= request.kept.size() || request.kept[before.place] || !host || mind.is_silent(*host) ||
        is_among(failed, *host) || is_among(request.excluded, *host) ||
        is_among(request.kept, std::optional(*host)))
      continue;
    request.kept[before.place] = *host;
  }
  auto others = request;
  others.excluded.insert(others.excluded.end(), failed.begin(), failed.end());
  auto elsewhere = others;
  elsewhere.excluded.insert(elsewhere.excluded.end(), former.begin(), former.end());
  auto placed = plan::place(mind.pool(), elsewhere);
  if (!placed) placed = plan::place(mind.pool(), others);  // who lost one may get it again
  if (!placed) placed = plan::place(mind.pool(), request);
  if (!placed && !dear.empty()) {
    const auto end = request.excluded.begin() + static_cast<std::ptrdiff_t>(dear.size());
    request.excluded.erase(request.excluded.begin(), end);
    if (plan::place(mind.pool(), request))
      return fail(Code::try_again, fmt::format("too few Hosts take a piece for {}: the others ask for more "
                                               "(--repair-price)",
                                               repair.price_max));
  }
  if (!placed) return std::unexpected(placed.error().error);
  const auto& hosts = placed->groups.at(0).primary;
  for (Repair::Target& target : repair.targets) {
    target.host = hosts.at(target.place);
    target.id = mind.host_id(target.host);
    target.was_planned = std::ranges::any_of(repair.planned_before, [&](const RepairedPiece& before) {
      return before.place == target.place && mind.find_host(before.host) == target.host;
    });
  }
  return {};
}

/// What cannot be begun for want of Hosts is on record, too.
Awaitable<void> Healer::note_unplaced(const Repair& repair, const Error& why) {
  if (why.code == Code::not_found) co_return;  // its care has ended
  const NewRepair record{
      .segment_key = repair.key, .file = repair.text.file, .segment = repair.text.row.segment, .pieces = {}};
  const auto job = [&] {
    return parts_.database.write([&](Transaction& transaction) {
      return bridge::note_unplaced(transaction, record, why.what, parts_.clock.unix_s());
    });
  };
  const Result<void> noted = co_await parts_.workers.run(job);
  if (!noted) say("repair-failed", noted.error());
}

/// The segment's lease, the record, and the vouchers, in one transaction.  False where another process has
/// the lease.
Awaitable<Result<bool>> Healer::begin(const Work& work, Repair& repair) {
  const HealerMind& mind = work.mind;
  const std::int64_t now = parts_.clock.unix_s();
  const std::int64_t until = now + kVoucherS;
  NewRepair record{
      .segment_key = repair.key, .file = repair.text.file, .segment = repair.text.row.segment, .pieces = {}};
  for (const Repair::Target& target : repair.targets)
    record.pieces.push_back(
        {.place = target.place, .former = mind.host_id(target.former), .host = target.id});
  std::vector<format::Voucher> vouchers;
  const auto write = [&](Transaction& transaction) -> Result<bool> {
    vouchers.clear();
    const auto key = TRY(begin_repair(transaction, healer_, record, now, kRepairLeases * options_.lease_s));
    if (!key) return false;
    repair.record = *key;
    for (const Repair::Target& target : repair.targets) {
      const HostId host = target.id;  // the mind is not read on another thread
      const AccountId account = repair.caretaker->account_id(host);
      // What an earlier attempt was vouched for is charged already.
      const auto bytes =
          target.was_planned
              ? std::int64_t{0}
              : static_cast<std::int64_t>(store::file_bytes(repair.care.pieces[target.place].size));
      if (bytes > 0) TRY(add_usage(transaction, repair.text.path, bytes));
      TRY(expect_account(transaction, host, account));
      const auto all = TRY(vouch_for(transaction, repair.text.path, host, account, bytes, until));
      format::Voucher voucher;
      voucher.bridge = parts_.key.public_key();
      voucher.account = account;
      voucher.host = host;
      voucher.bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(all, 0));
      voucher.issued_unix_s = now;
      voucher.expires_unix_s = until;
      vouchers.push_back(voucher);
    }
    return true;
  };
  const auto job = [&]() -> Result<bool> {
    const bool is_ours = TRY(parts_.database.write(write));
    if (!is_ours) return false;
    for (const format::Voucher& voucher : vouchers)
      repair.vouchers[*voucher.host] = TRY(format::sign_voucher(voucher, parts_.key));
    return true;
  };
  co_return co_await parts_.workers.run(job);
}

Awaitable<Result<transfer::RebuildReport>> Healer::remake(const Work& work, Repair& repair) {
  const HealerMind& mind = work.mind;
  const std::int64_t now = parts_.clock.unix_s();
  const keys::UploaderKeys& caretaker = *repair.caretaker;
  // Three ways to read: what the caretaker keeps, as it; what the owner keeps, by a lease of ours; and from
  // Hosts that take anybody.
  transfer::HttpPieceService storing(
      http_, [&caretaker](const HostId& host) { return caretaker.account(host); }, parts_.clock);
  storing.set_vouchers([&repair](const HostId& host) -> std::optional<std::string> {
    const auto found = repair.vouchers.find(host);
    return found == repair.vouchers.end() ? std::nullopt : std::optional(found->second);
  });
  ReadingLeases leases(leases_);

  transfer::SegmentToRebuild segment{.chain = repair.care.chain,
                                     .number = repair.text.row.segment,
                                     .ciphertext_bytes = repair.care.ciphertext_bytes,
                                     .sources = {},
                                     .wanted = {}};
  // Who answers probes and no audit would keep each repair waiting: asked only where it cannot be done
  // without.
  std::vector<transfer::PieceSource> silent;
  std::set<std::uint32_t> shards;
  for (std::size_t i = repair.text.row.places.size(); i-- > 0;) {
    const PlaceOfCare& place = repair.text.row.places[i];
    const std::uint32_t uploader = repair.text.uploaders.at(i);
    const auto host = repair.hosts.find(place.host);
    if (place.is_lost || host == repair.hosts.end() || place.place >= repair.care.pieces.size()) continue;
    const auto number = mind.find_host(host->second);
    const auto address = number ? address_of(mind.host_id(*number)) : std::nullopt;
    if (!address) continue;
    transfer::PieceSource source{
        .line = repair.care.pieces[place.place], .host = *address, .service = &asking_};
    const auto account = repair.accounts.find({uploader, host->second});
    if (place.is_ours || uploader == caretaker.number()) {
      source.service = &storing;
    } else if (account != repair.accounts.end() && account->second.expires_unix_s > now) {
      format::Lease lease;
      lease.bridge = parts_.key.public_key();
      lease.host = host->second;
      lease.client = parts_.key.public_key();
      lease.account = account->second.account;
      lease.pieces = {source.line.id};
      lease.jti = parts_.random.bytes<16>();
      lease.issued_unix_s = now;
      lease.expires_unix_s = now + kReadingLeaseS;
      CO_TRY(const std::string token, format::sign_lease(lease, parts_.key));
      leases.add({address->id, source.line.id}, account->second.capability + "~" + token);
      source.service = &leasing_;
    }
    if (mind.is_silent(*number)) {
      silent.push_back(std::move(source));
      continue;
    }
    shards.insert(source.line.place.shard);
    segment.sources.push_back(std::move(source));
  }
  if (shards.size() < repair.care.chain.layout->k)
    std::ranges::move(silent, std::back_inserter(segment.sources));
  for (const Repair::Target& target : repair.targets) {
    const KnownHost* known = hosts_->find(mind.host_id(target.host));
    if (known == nullptr) co_return fail(Code::try_again, "the new Host is gone");
    format::Descriptor descriptor = known->descriptor;
    descriptor.addresses = {
        known->measured.address};  // where it was reached: what it announces is its own word
    segment.wanted.push_back({.line = repair.care.pieces[target.place],
                              .line_text = repair.text.piece_lines[target.place],
                              .candidates = {std::move(descriptor)}});
  }
  const transfer::Repairer repairer{.uploader = caretaker,
                                    .owner = repair.care.owner,
                                    .term_s = options_.term_s,
                                    .price_max = repair.price_max,
                                    .proof_blocks = transfer::kCheckBlocksDefault};
  const std::int64_t end_ms = parts_.clock.steady_ms() + options_.limits.repair_wait_s * 1000;
  transfer::RebuildCallbacks callbacks;
  callbacks.stopped = [this, &work, end_ms] {
    return work.is_over || is_stopping_ || parts_.clock.steady_ms() >= end_ms;
  };
  const transfer::Network net = network(storing);
  co_return co_await transfer::rebuild(net, repairer, segment, std::move(callbacks));
}

Awaitable<Result<void>> Healer::settle(std::shared_ptr<Work> work, Repair& repair,
                                       const Result<transfer::RebuildReport>& report) {
  HealerMind& mind = work->mind;
  const std::int64_t now = parts_.clock.unix_s();
  RepairEnd end{.key = repair.record,
                .segment_key = repair.key,
                .proved = {},
                .is_whole = false,
                .moved_bytes = report ? report->read_bytes + report->written_bytes : 0,
                .note = report ? std::string() : report.error().what};
  std::vector<NewCarePlace> places;
  if (report) {
    for (const transfer::RemadePiece& piece : report->remade) {
      NewCarePlace place;
      place.place = static_cast<std::uint16_t>(piece.place.place.shard * repair.care.chain.layout->mirrors +
                                               piece.place.place.mirror);
      place.host = piece.place.host;
      place.address = piece.place.address;
      place.account = repair.caretaker->account_id(piece.place.host);
      place.contract = piece.place.contract;
      place.receipt = piece.place.receipt;
      if (piece.control)
        place.sealed_control_seed = seal_.seal(parts_.random, piece.place.contract, piece.control->seed());
      CO_TRY(const format::Acceptance accepted, format::open_acceptance(piece.stored.acceptance));
      place.until_unix_s = accepted.until_unix_s;
      end.proved.push_back(place.place);
      places.push_back(std::move(place));
    }
    for (const auto& [place, error] : report->not_remade) end.note = error.what;
    counts_.read_bytes += report->read_bytes;
    counts_.written_bytes += report->written_bytes;
    counts_.pieces_stored += report->remade.size();
  }
  end.is_whole = places.size() == repair.targets.size();
  // Somebody gave other bytes than the piece's.
  std::vector<std::pair<std::uint16_t, CareHostKey>> lost;
  if (report)
    for (const transfer::FalseSource& source : report->false_sources)
      for (const PlaceOfCare& place : repair.text.row.places)
        if (place.place < repair.care.pieces.size() && repair.care.pieces[place.place].id == source.piece &&
            mind.find_host(place.host) == mind.find_host(source.host))
          lost.emplace_back(place.place, place.host);
  bool is_cared_for = true;
  // What an earlier repair stored and its Host lost is told to nobody any more.
  std::vector<std::pair<std::uint16_t, CareHostKey>> stale;
  for (const PlaceOfCare& place : repair.text.row.places)
    if (place.is_lost && place.is_ours && is_among(end.proved, place.place) &&
        std::ranges::none_of(places, [&](const NewCarePlace& one) {
          return one.place == place.place && mind.find_host(one.host) == mind.find_host(place.host);
        }))
      stale.emplace_back(place.place, place.host);
  const auto write = [&](Transaction& transaction) -> Result<bool> {
    const std::int64_t until = now + kRepairLeases * options_.lease_s;
    if (!TRY(keep_repair(transaction, healer_, repair.key, now, until))) return false;
    for (const auto& [place, host] : lost)
      TRY(mark_care_place(transaction, repair.key, place, host, CareMark::lost));
    for (const NewCarePlace& place : places)
      is_cared_for = TRY(add_care_place(transaction, repair.key, place, true, now));
    for (const auto& [place, host] : stale) TRY(remove_care_place(transaction, repair.key, place, host));
    TRY(end_repair(transaction, end, now));
    return true;
  };
  const auto job = [&] { return parts_.database.write(database::Repeat::idempotent, write); };
  CO_TRY(const bool is_kept, co_await parts_.workers.run(job));
  if (!is_kept) co_return fail(Code::try_again, "another process has taken the repair over");
  for (const auto& [place, host] : lost)
    if (const auto number = mind.find_host(host); number && mind.find_segment(repair.key))
      mind.plan().piece_lost(*mind.find_segment(repair.key), place, *number, now);
  if (!report) co_return std::unexpected(report.error());
  if (!is_cared_for) {
    co_await take_back(*report, repair);
    co_return fail(Code::not_found, "its care has ended");
  }
  for (const auto& [place, error] : report->not_remade)
    for (const Repair::Target& target : repair.targets) {
      if (repair.care.pieces[target.place].place != place) continue;
      work->hosts[target.host].avoided_until_unix_s = now + options_.limits.retry_first_s;
      const bool has_answered = error.code != Code::try_again && !is_among(report->silent, target.id);
      work->note_failure(repair.key, target.host, has_answered);
    }
  if (end.is_whole) work->failures.erase(repair.key);
  if (places.empty()) co_return fail(Code::try_again, end.note);
  ++counts_.proved;
  parts_.log.write(serve::LogLevel::info, "repaired",
                   {{"file", repair.text.file.hex()},
                    {"segment", std::to_string(repair.text.row.segment)},
                    {"pieces", std::to_string(places.size())},
                    {"bytes", std::to_string(end.moved_bytes)}});
  // Who lost a piece may have it again, and nobody else.
  for (const Repair::Target& target : repair.targets)
    if (is_among(end.proved, target.place) && target.host == target.former &&
        mind.find_segment(repair.key) == repair.order.segment)
      mind.plan().piece_found(repair.order.segment, target.place, target.host, now);
  // What was not remade stays where it was, and is due again.
  std::vector<std::uint32_t> hosts;
  for (const Repair::Target& target : repair.targets)
    hosts.push_back(is_among(end.proved, target.place) ? target.host : target.former);
  mind.plan().rebuilt(repair.order.number, hosts, end.moved_bytes, now);
  co_return Result<void>{};
}

}  // namespace inxt::bridge
