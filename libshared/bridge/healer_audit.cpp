// SPDX-License-Identifier: LGPL-3.0-or-later
// What Hosts still hold of entrusted pieces: audits on a schedule, of Hosts that come back, and of those that
// have lost something; and single pieces that a reader found to be wrong.
#include "bridge/healer_work.h"
#include "plan/audit_rates.h"
#include "transfer/audit_answer.h"

namespace inxt::bridge {

using database::Transaction;
using net::Awaitable;
using State = transfer::CheckedPiece::State;

namespace {

constexpr unsigned kAuditedBlocks = 2;  // of each piece
constexpr std::size_t kDoubtsCheckedAtOnce = 4;
constexpr int kDoubtTriesMax = 5;  // then its Host's next audit is left to find it
/// Half of what a Host shows one peer: who reports what is not so must not use up what audits need, as a Host
/// that answers none counts as silent.
constexpr plan::BucketRate kDoubtRate{
    .bytes_per_s = plan::kAuditBytesPerSPerPeer / 2,
    .burst_bytes = plan::kAuditBytesPerSPerPeer / 2 * plan::kAuditBurstS / 2};
constexpr std::uint64_t kShownBytesPerBlock = 6400;  // with its path, in base64url
constexpr std::int64_t kUnansweredPart =
    24;  // a Host that did not answer is asked after this part of the wait

constexpr int kUnansweredMax = 3;  // audits in a row; then the Host counts as silent since the first

/// One piece that a Host should have.
struct Asked {
  CareSegmentKey key = 0;
  CareFileKey file = 0;
  std::uint32_t segment = 0;  // of the plan
  std::uint16_t place = 0;
  CareHostKey host = 0;
  bool is_proved = false;
  proof::SetPiece piece;
};

/// Where `place` of the row lies, or lay, with that Host.
const PlaceOfCare* place_at(const CareRow& row, std::uint16_t place, const HealerMind& mind,
                            std::uint32_t host) {
  const PlaceOfCare* found = nullptr;
  for (const PlaceOfCare& each : row.places)
    if (each.place == place && mind.find_host(each.host) == host) found = &each;
  return found;
}

}  // namespace

/// What was found out of one Host.
struct Healer::Audit {
  std::size_t held = 0, lost = 0, silent = 0;
  std::string why;
  std::set<CareFileKey> files;
};

void Healer::plan_audits(const std::shared_ptr<Work>& work) {
  const std::int64_t now = parts_.clock.unix_s();
  for (std::uint32_t host = 0; host < work->mind.hosts(); ++host) {
    if (work->mind.is_silent(host) &&
        (!work->mind.is_unanswered(host) || !address_of(work->mind.host_id(host))))
      continue;
    Work::OfHost& of_host = work->hosts[host];
    if (!of_host.is_planned) {  // spread over the interval
      of_host.is_planned = true;
      const auto before = work->audits_before.find(work->mind.host_id(host));
      of_host.next_audit_unix_s =
          before != work->audits_before.end()
              ? std::min(before->second, now + options_.audit_s)
              : now + static_cast<std::int64_t>(parts_.random.below(
                          static_cast<std::uint64_t>(std::max<std::int64_t>(options_.audit_s, 1))));
    }
    if (of_host.is_under_way || of_host.next_audit_unix_s > now) continue;
    of_host.is_under_way = true;
    audits_.push_back({.work = work, .host = host, .is_ordered = false});
  }
}

Awaitable<void> Healer::run_audits() {
  for (;;) {
    while (audits_.empty()) co_await changed_.wait();
    AuditJob job = std::move(audits_.front());
    audits_.pop_front();
    if (job.work->is_over) continue;
    const std::shared_ptr<Work> work = job.work;
    const std::uint32_t host = job.host;
    const bool is_ordered = job.is_ordered;
    const Result<void> done = co_await audit(std::move(job));
    if (!done) say("audit-of-care", done.error());
    if (!is_ordered) work->hosts[host].is_under_way = false;
    changed_.notify();
  }
}

Awaitable<Result<void>> Healer::audit(AuditJob job) {
  const std::shared_ptr<Work> work = job.work;
  HealerMind& mind = work->mind;
  Work::OfHost& of_host = work->hosts[job.host];
  const HostId id = mind.host_id(job.host);
  std::vector<std::uint32_t> segments = mind.plan().segments().segments_of(job.host);
  // With what it had before others got it, all of it: one of the two is let go after this.
  const auto surplus = mind.plan().surplus_of(job.host);
  if (segments.empty() && surplus.empty()) {  // nothing that could be wrong
    mind.plan().check_passed(job.host, parts_.clock.unix_s());
    of_host.unanswered = 0;
    mind.unanswered(job.host, 0);
    of_host.next_audit_unix_s = parts_.clock.unix_s() + options_.audit_s;
    co_return Result<void>{};
  }
  const bool is_thorough = std::exchange(of_host.is_thorough, false);
  // The first ones are drawn; the others follow where something is wrong.
  for (std::size_t i = 0; i < std::min(segments.size(), kAuditedSegmentsMax); ++i)
    std::swap(segments[i], segments[i + static_cast<std::size_t>(parts_.random.below(segments.size() - i))]);
  Audit audit;
  for (std::size_t first = 0; first < segments.size(); first += kAuditedSegmentsMax) {
    if (first > 0 && !is_thorough && audit.lost == 0) break;
    if (audit.silent > 0) break;
    const auto end = std::min(segments.size(), first + kAuditedSegmentsMax);
    std::vector<std::uint32_t> some(segments.begin() + static_cast<std::ptrdiff_t>(first),
                                    segments.begin() + static_cast<std::ptrdiff_t>(end));
    CO_CHECK(co_await audit_some(job, std::move(some), audit));
  }
  std::vector<std::uint32_t> before;
  for (const auto& each : surplus) before.push_back(each.segment);
  std::ranges::sort(before);
  before.erase(std::ranges::unique(before).begin(), before.end());
  for (std::size_t first = 0; first < before.size() && audit.silent == 0; first += kAuditedSegmentsMax) {
    const auto end = std::min(before.size(), first + kAuditedSegmentsMax);
    std::vector<std::uint32_t> some(before.begin() + static_cast<std::ptrdiff_t>(first),
                                    before.begin() + static_cast<std::ptrdiff_t>(end));
    CO_CHECK(co_await audit_some(job, std::move(some), audit));
  }
  const std::int64_t now = parts_.clock.unix_s();
  const bool is_answered = audit.silent == 0;
  ++counts_.audits;
  counts_.pieces_lost += audit.lost;
  if (!is_answered) ++counts_.audits_unanswered;
  of_host.unanswered = is_answered ? 0 : of_host.unanswered + 1;
  if (of_host.unanswered == 1) of_host.unanswered_unix_s = now;
  mind.unanswered(job.host, of_host.unanswered >= kUnansweredMax ? of_host.unanswered_unix_s : 0);
  if (audit.lost > 0) ++counts_.audits_failed;
  if (!is_answered && is_thorough) of_host.is_thorough = true;
  of_host.next_audit_unix_s =
      now + (is_answered ? options_.audit_s : std::max<std::int64_t>(options_.audit_s / kUnansweredPart, 1));
  if (is_answered) mind.plan().check_passed(job.host, now);
  if (audit.lost > 0 || !is_answered)
    parts_.log.write(serve::LogLevel::info, "audit-of-care",
                     {{"host", id.hex()},
                      {"held", std::to_string(audit.held)},
                      {"lost", std::to_string(audit.lost)},
                      {"unanswered", std::to_string(audit.silent)},
                      {"reason", audit.why}});
  const std::vector<CareFileKey> files(audit.files.begin(), audit.files.end());
  const bool has_passed = audit.lost == 0;
  const std::int64_t next = of_host.next_audit_unix_s;  // not read on another thread
  const auto save = [&] {
    return parts_.database.write([&](Transaction& transaction) -> Result<void> {
      TRY(note_care_audit(transaction, files, now));
      return save_care_audit(transaction, id, has_passed, now, next);
    });
  };
  if (is_answered) co_return co_await parts_.workers.run(save);
  co_return Result<void>{};
}

Awaitable<Result<void>> Healer::audit_some(const AuditJob& job, std::vector<std::uint32_t> segments,
                                           Audit& audit) {
  const std::shared_ptr<Work> work = job.work;
  HealerMind& mind = work->mind;
  const Work::OfHost& of_host = work->hosts[job.host];
  struct Named {
    std::uint32_t segment = 0;
    CareSegmentKey key = 0;
    std::vector<std::uint16_t> places;
  };
  std::set<std::pair<std::uint32_t, std::uint32_t>> surplus;
  for (const auto& each : mind.plan().surplus_of(job.host)) surplus.emplace(each.segment, each.place);
  std::vector<Named> named;
  for (const std::uint32_t segment : segments) {
    if (!mind.plan().segments().contains(segment)) continue;  // its care has ended meanwhile
    Named one{.segment = segment, .key = mind.key_of(segment), .places = {}};
    const auto pieces = mind.plan().segments().pieces(segment);
    for (std::size_t place = 0; place < pieces.size(); ++place)
      if ((pieces[place].host == job.host && pieces[place].is_lost == 0) ||
          surplus.contains({segment, static_cast<std::uint32_t>(place)}))
        one.places.push_back(static_cast<std::uint16_t>(place));
    if (!one.places.empty()) named.push_back(std::move(one));
  }
  std::optional<Error> unreadable;
  const auto read = [&]() -> Result<std::vector<std::pair<CareText, SegmentOfCare>>> {
    std::vector<std::pair<CareText, SegmentOfCare>> texts;
    for (const Named& one : named) {
      auto text = TRY(
          parts_.database.read([&](Transaction& transaction) { return care_text(transaction, one.key); }));
      if (!text) {
        texts.emplace_back();
        continue;
      }
      // What cannot be read must not keep the Host's other pieces from being asked for.
      auto care = read_care(*text);
      if (!care) unreadable = std::move(care).error();
      texts.emplace_back(std::move(*text), care ? *std::move(care) : SegmentOfCare{});
    }
    return texts;
  };
  auto texts = co_await parts_.workers.run(read);
  if (!texts) co_return std::unexpected(std::move(texts).error());
  if (unreadable) say("audit-of-care", *unreadable);
  std::vector<Asked> asked;
  std::vector<proof::SetPiece> pieces;
  for (std::size_t i = 0; i < named.size(); ++i) {
    const auto& [text, care] = (*texts)[i];
    for (const std::uint16_t place : named[i].places) {
      if (place >= care.pieces.size()) continue;
      const PlaceOfCare* at = place_at(text.row, place, mind, job.host);
      if (at == nullptr) continue;
      const auto& line = care.pieces[place];
      asked.push_back({.key = named[i].key,
                       .file = text.row.file,
                       .segment = named[i].segment,
                       .place = place,
                       .host = at->host,
                       .is_proved = at->is_proved,
                       .piece = {.id = line.id, .size_bytes = line.size}});
      pieces.push_back(asked.back().piece);
    }
  }
  if (asked.empty()) co_return Result<void>{};
  const auto address = address_of(mind.host_id(job.host));
  if (!address) {
    audit.silent += asked.size();
    audit.why = "the Host is not reached now";
    co_return Result<void>{};
  }
  const transfer::Network net = network(asking_);
  // One that has no time now is asked again when its turn comes.
  transfer::CheckOptions options;
  options.blocks = kAuditedBlocks;
  options.busy_ms = 0;
  options.answer_ms = options_.audit_answer_ms;
  auto checked = co_await transfer::check_pieces(net, *address, pieces, std::move(options));
  if (!checked) co_return std::unexpected(std::move(checked).error());
  std::vector<std::pair<const Asked*, CareMark>> marks;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const Asked& each = asked[i];
    const bool is_given_up = of_host.given_up.contains(each.piece.id);
    const State state = is_given_up ? State::lost : (*checked)[i].state;
    if (state == State::silent || state == State::busy) {
      ++audit.silent;
      audit.why = (*checked)[i].why;
      continue;
    }
    audit.files.insert(each.file);
    if (state == State::held) {
      ++audit.held;
      if (!each.is_proved) marks.emplace_back(&each, CareMark::proved);
      continue;
    }
    ++audit.lost;
    audit.why = is_given_up ? "the Host gives it up" : (*checked)[i].why;
    marks.emplace_back(&each, CareMark::lost);
  }
  if (!marks.empty()) {
    const auto mark = [&] {
      return parts_.database.write([&](Transaction& transaction) -> Result<void> {
        for (const auto& [each, how] : marks)
          TRY(mark_care_place(transaction, each->key, each->place, each->host, how));
        return {};
      });
    };
    CO_CHECK(co_await parts_.workers.run(mark));
  }
  const std::int64_t now = parts_.clock.unix_s();
  for (const auto& [each, how] : marks)
    if (how == CareMark::lost && mind.find_segment(each->key) == each->segment)
      mind.plan().piece_lost(each->segment, each->place, job.host, now);
  co_return Result<void>{};
}

/// Whether the Host shows every block of the piece.  Errors: as transfer::check_answer(), and the service's.
Awaitable<Result<bool>> Healer::shows_all(const transfer::HostAddress& host, const proof::SetPiece& piece) {
  CO_TRY(const proof::AuditSet set, proof::AuditSet::make({piece}));
  CO_TRY(const proof::Challenge challenge,
         proof::derive_challenge(parts_.random.bytes<32>(), host.present_id(), set, set.blocks()));
  for (std::uint64_t number = 0; number < transfer::parts_of(challenge); ++number) {
    const transfer::AuditPart part = transfer::audit_part(challenge, set, number);
    CO_TRY(const std::string text,
           co_await transfer::audit_in_time(asking_, host, part.body, options_.audit_answer_ms));
    const auto check = [&] { return transfer::check_answer(host.present_id(), challenge, set, part, text); };
    CO_TRY(const transfer::AuditAnswer answer, co_await parts_.workers.run(check));
    for (const proof::Outcome outcome : answer.outcomes)
      if (outcome != proof::Outcome::held) co_return false;
  }
  co_return true;
}

/// What a reader says proves nothing: the Host is asked for every block of that piece.  Beside the turns: one
/// that answers slowly must not keep this process from making its lease last.
Awaitable<void> Healer::run_doubts() {
  for (;;) {
    while (!work_ || work_->doubts.empty()) co_await changed_.wait();
    const std::shared_ptr<Work> work = work_;
    std::size_t checked = 0;
    for (std::size_t left = work->doubts.size(); left > 0 && checked < kDoubtsCheckedAtOnce && !work->is_over;
         --left) {
      const auto [doubt, tries] = work->doubts.front();
      work->doubts.pop_front();
      if (const auto host = work->mind.find_host(doubt.host)) {
        const Work::OfHost& of_host = work->hosts[*host];
        if (of_host.doubts_after_unix_s > parts_.clock.unix_s() ||
            of_host.doubts.bytes(kDoubtRate, parts_.clock.steady_ms()) <= 0) {
          work->doubts.emplace_back(doubt, tries);
          continue;
        }
      }
      ++checked;
      const Result<bool> known = co_await check_doubt(work, doubt);
      // The Host did not answer.
      if (known && !*known && tries + 1 < kDoubtTriesMax) work->doubts.emplace_back(doubt, tries + 1);
      if (!known) say("doubt", known.error());
    }
    co_await net::sleep_for(std::chrono::milliseconds(options_.turn_ms));
  }
}

/// False when nothing was found out.
Awaitable<Result<bool>> Healer::check_doubt(std::shared_ptr<Work> work, CareDoubt doubt) {
  HealerMind& mind = work->mind;
  const auto host = mind.find_host(doubt.host);
  const auto segment = mind.find_segment(doubt.segment);
  if (!host || !segment) co_return true;  // nobody cares for it any more
  const auto address = address_of(mind.host_id(*host));
  if (!address) co_return mind.is_silent(*host);  // its silence is looked after otherwise
  const auto read = [&]() -> Result<std::optional<proof::SetPiece>> {
    auto text = TRY(parts_.database.read(
        [&](Transaction& transaction) { return care_text(transaction, doubt.segment); }));
    if (!text) return std::nullopt;
    const SegmentOfCare care = TRY(read_care(*text));
    if (doubt.place >= care.pieces.size()) return std::nullopt;
    return proof::SetPiece{.id = care.pieces[doubt.place].id, .size_bytes = care.pieces[doubt.place].size};
  };
  CO_TRY(const std::optional<proof::SetPiece> piece, co_await parts_.workers.run(read));
  if (!piece) co_return true;
  work->hosts[*host].doubts.spend(kShownBytesPerBlock * proof::blocks_in(piece->size_bytes), kDoubtRate,
                                  parts_.clock.steady_ms());
  const Result<bool> shown = co_await shows_all(*address, *piece);
  if (!shown) {  // it is busy, or away
    work->hosts[*host].doubts_after_unix_s =
        parts_.clock.unix_s() + std::max<std::int64_t>(options_.audit_s / kUnansweredPart, 1);
    co_return false;
  }
  if (*shown) co_return true;
  ++counts_.pieces_lost;
  parts_.log.write(serve::LogLevel::info, "doubt-confirmed",
                   {{"host", address->id.hex()}, {"piece", piece->id.hex()}});
  const auto mark = [&] {
    return parts_.database.write([&](Transaction& transaction) {
      return mark_care_place(transaction, doubt.segment, doubt.place, doubt.host, CareMark::lost);
    });
  };
  CO_CHECK(co_await parts_.workers.run(mark));
  mind.plan().piece_lost(*segment, doubt.place, *host, parts_.clock.unix_s());
  co_return true;
}

}  // namespace inxt::bridge
