// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/transcript.h"

#include <fmt/format.h>

#include <set>

#include "client/audit_deadline.h"
#include "client/audit_questions.h"

namespace inxt::client {
namespace {

class Verifier {
 public:
  Verifier(LineReader& lines, const std::function<Result<void>(const HostReport&)>& on_host,
           std::span<const HostId> witnesses_required)
      : lines_(lines), on_host_(on_host), witnesses_required_(witnesses_required) {}

  Result<AuditTotal> run() {
    while (true) {
      const auto type = TRY(peek_type());
      if (!type) break;
      if (*type == "audit")
        TRY(section());
      else if (*type == "end")
        TRY(end());
      else
        return misplaced(*type);
    }
    if (run_lines_ > 0) return cut_short("the end line is missing");
    if (total_.hosts == 0)
      return fail(Code::integrity, "it holds no audit (transcript-empty)",
                  "is this a transcript, as inxt-audit --proofs writes it?");
    return std::move(total_);
  }

 private:
  /// Nothing at the end of the input.
  Result<std::optional<std::string>> peek_type() {
    const auto line = TRY(lines_.peek());
    if (!line) return std::nullopt;
    return format::type_of(*line, format::kRequestLineBytesMax - 1);
  }
  std::string where() const { return fmt::format("line {}", number_); }
  /// `reason` is a name of inxt-proof(5).
  std::unexpected<Error> bad(std::string_view reason, std::string_view why) const {
    return fail(Code::integrity, fmt::format("line {}: {} ({})", number_, why, reason));
  }
  std::unexpected<Error> cut_short(std::string_view why) const {
    return fail(Code::integrity, fmt::format("cut short behind line {}: {} (transcript-order)", number_, why));
  }
  std::unexpected<Error> misplaced(const std::string& type) {
    ++number_;
    if (type.empty()) return bad("transcript-order", "not a line of a transcript");
    return bad("transcript-order",
               fmt::format("a line of this type cannot stand here (type: {})", type.substr(0, 32)));
  }

  /// The next line, which must be there; counted into the run, but for its hash.  Valid until the next call.
  Result<std::string_view> take_unhashed() {
    const auto line = TRY(lines_.next());
    if (!line) return cut_short("a line is missing");
    ++number_;
    ++run_lines_;
    return *line;
  }
  /// The next line, which must be there; counted into the run.
  Result<std::string> take() {
    const auto line = TRY(take_unhashed());
    hash_.update(view_of(line));
    hash_.update(view_of("\n"));
    return std::string(line);
  }
  /// The next line, which must be of this type.
  Result<std::string> take(std::string_view wanted) {
    const auto type = TRY(peek_type());
    if (type && *type == wanted) return take();
    if (!type) return cut_short(fmt::format("a line of type {} is missing", wanted));
    ++number_;
    return bad("transcript-order", fmt::format("a line of type {} should stand here", wanted));
  }

  Result<void> section() {
    const auto text = TRY(take());
    const auto audit = TRY(format::read_audit_line(text, where()));
    if (!hosts_.insert(audit.host).second)
      return bad("transcript-host", "host: a second section for one Host");
    const auto audit_number = number_;
    AuditTarget target{.host = {.id = audit.host, .addresses = {}}, .what = AuditHead{}};
    if (audit.kind == format::AuditKind::set)
      target.what = TRY(read_set(audit));
    else
      TRY(read_head(audit, target));
    if (audit.samples == 0 && target.blocks() > 0)
      return fail(Code::integrity, fmt::format("line {}: samples: 0 (transcript-samples)", audit_number));
    if (audit.samples > target.blocks())
      return fail(Code::integrity, fmt::format("line {}: samples: {} of {} blocks (transcript-samples)", audit_number,
                                               audit.samples, target.blocks()));
    format::Beacon beacon;
    if (audit.version == 1) {
      // Whether the beacon is younger than the set was the auditor's word, without a time.
      beacon.randomness = audit.beacon;
      beacon.source = audit.anchored ? format::BeaconSource::given : format::BeaconSource::local;
    } else {
      target.commit = TRY(read_commit());
      const auto line = TRY(take("beacon"));
      beacon = TRY(format::read_beacon_line(line, where()));
    }
    auto report = report_of(target, audit.samples, audit.confidence_ppm / double{format::kPartsPerMillion});
    TRY_IN(where(), add_anchor(report, beacon, target.commit, witnesses_required_));
    const auto questions = TRY_IN(where(), questions_about(target, beacon.randomness, audit.samples));
    if (audit.version > 1) TRY(read_deadline(*questions, report));
    while (true) {
      const auto type = TRY(peek_type());
      if (!type || *type != "request") break;  // not made any more
      const auto question = questions->open();
      if (!question) return misplaced(*type);
      TRY(request(*questions, *question, audit.version, report));
    }
    total_.add(report);
    return on_host_(report);
  }

  Result<proof::AuditSet> read_set(const format::AuditLine& audit) {
    std::vector<proof::SetPiece> pieces;
    const auto first = number_ + 1;
    while (true) {
      const auto type = TRY(peek_type());
      if (!type || *type != "set") break;
      const auto text = TRY(take());
      const auto line = TRY(format::read_set_line(text, where()));
      if (!pieces.empty() && line.piece <= pieces.back().id)
        return bad("transcript-set", "piece: out of order");
      pieces.push_back({line.piece, line.size});
    }
    if (pieces.empty()) {
      ++number_;
      return bad("transcript-set", "a line of the set should stand here");
    }
    auto set = TRY_IN(where(), proof::AuditSet::make(std::move(pieces)));
    if (set.hash() != audit.commitment)
      return fail(
          Code::integrity,
          fmt::format("lines {} to {}: this set does not have the hash that line {} says (transcript-set)",
                      first, number_, first - 1));
    return set;
  }

  Result<void> read_head(const format::AuditLine& audit, AuditTarget& target) {
    AuditHead head;
    head.line = TRY(take("inventory"));
    head.head = TRY(format::read_head(head.line, where()));
    head.chained = audit.kind == format::AuditKind::chain;
    if (head.head.head.host != audit.host) return bad("transcript-head", "host: another Host's head");
    if (head.head.hash != audit.commitment)
      return bad("transcript-head", fmt::format("not the head that line {} says", number_ - 1));
    target.what = std::move(head);
    return read_evidence(target);
  }

  Result<void> read_evidence(AuditTarget& target) {
    const auto type = TRY(peek_type());
    if (!type || *type != "evidence") return {};
    HeadEvidence evidence;
    const auto text = TRY(take());
    evidence.finding = TRY(format::read_evidence_line(text, where()));
    evidence.first = TRY(take("inventory"));
    evidence.second = TRY(take("inventory"));
    if (const auto checked = check_evidence(evidence, target.host.id); !checked)
      return bad("transcript-evidence", checked.error().what);
    target.evidence = std::move(evidence);
    return {};
  }

  Result<Commit> read_commit() {
    Commit commit;
    const auto text = TRY(take("commit"));
    commit.time_unix_s = TRY(format::read_commit_line(text, where())).time_unix_s;
    while (true) {
      const auto type = TRY(peek_type());
      if (!type || *type != "witness") return commit;
      commit.witness_lines.push_back(TRY(take()));
      if (commit.witness_lines.size() > proof::kWitnessesMax)
        return bad("transcript-witness",
                   fmt::format("more than {} witnesses (kWitnessesMax)", proof::kWitnessesMax));
    }
  }

  Result<void> read_deadline(const AuditQuestions& questions, HostReport& report) {
    const auto question = questions.open();
    if (!question) return {};
    const auto text = TRY(take("deadline"));
    report.deadline = TRY(format::read_deadline_line(text, where()));
    if (!follows(*report.deadline, question->samples, question->answer_bytes))
      return bad("transcript-deadline", "request_ms: not the deadline that what was measured gives");
    return {};
  }

  Result<void> request(AuditQuestions& questions, const AuditQuestion& question, unsigned version,
                       HostReport& report) {
    const auto asked = TRY(take());
    if (TRY(format::read_request_line(asked, where())) != question.body)
      return bad("transcript-request", "body: not what the challenge asks for here");
    format::TestimonyLine testimony;
    testimony.outcome = format::TryOutcome::silent;
    for (unsigned number = 1; !testimony.has_answer(); ++number) {
      const auto type = TRY(peek_type());
      if (!type || *type != "testimony") {
        if (number > 1) {
          questions.pass_over();
          return {};
        }
        ++number_;
        return bad("transcript-order", "testimony should stand here");
      }
      const auto text = TRY(take());
      testimony = TRY(format::read_testimony(text, where()));
      if (testimony.number != number) return bad("transcript-try", "try: not the next one");
      TRY(check_lateness(testimony, version, report));
      add_testimony(report, testimony, question.samples);
    }
    return answer(questions, question, testimony, report);
  }

  /// Whether what is said of an answer's lateness is what its time says.
  Result<void> check_lateness(const format::TestimonyLine& testimony, unsigned version,
                              const HostReport& report) const {
    using format::TryOutcome;
    if (version == 1) {
      if (testimony.outcome == TryOutcome::late)
        return bad("transcript-try", "outcome: late, where no deadline was");
      return {};
    }
    if (testimony.has_answer() &&
        (testimony.outcome == TryOutcome::late) != (testimony.elapsed_ms > report.deadline->request_ms))
      return bad("transcript-late", "outcome: not what elapsed_ms and the deadline say");
    return {};
  }

  Result<void> answer(AuditQuestions& questions, const AuditQuestion& question,
                      const format::TestimonyLine& testimony, HostReport& report) {
    std::string& text = answer_;
    text.clear();
    std::vector<std::size_t> begins;
    const auto first = number_ + 1;
    for (std::size_t i = 0; i < question.answer_lines; ++i) {
      begins.push_back(text.size());
      text += TRY(take_unhashed());
      text += '\n';
      if (text.size() - begins.back() > question.line_bytes_max)
        return bad("line-too-long", fmt::format("longer than {} bytes (kLineBytesMax; kInventoryLineBytesMax of an "
                                                "inventory)",
                                                question.line_bytes_max));
    }
    hash_.update(view_of(text));
    auto taken = questions.take_answer(text, format::received_unix_s(testimony), report);
    if (taken) return {};
    // Most likely a line that no Host would sign; else the answer line, or what only the hash tells.
    std::vector<std::string_view> each;
    begins.push_back(text.size());
    for (std::size_t i = 0; i + 1 < begins.size(); ++i)
      each.push_back(std::string_view(text).substr(begins[i], begins[i + 1] - begins[i] - 1));
    if (const auto odd = questions.odd_line(each))
      return fail(Code::integrity, fmt::format("line {}: not as the Host signed it (transcript-answer): {}",
                                               first + *odd, taken.error().what));
    return fail(Code::integrity,
                fmt::format("lines {} to {} (transcript-answer): {}", first, number_, taken.error().what));
  }

  Result<void> end() {
    const auto hash = hash_.digest();
    const auto lines = run_lines_;
    const auto text = TRY(take());
    const auto line = TRY(format::read_end_line(text, where()));
    if (line.hosts != hosts_.size())
      return bad("transcript-end", fmt::format("hosts: {} where there are {}", line.hosts, hosts_.size()));
    if (line.lines != lines)
      return bad("transcript-end", fmt::format("lines: {} where there are {}", line.lines, lines));
    if (line.hash != hash) return bad("transcript-end", "hash: a line before this one was altered");
    if (hosts_.empty()) return bad("transcript-end", "nothing stands before it");
    hosts_.clear();
    run_lines_ = 0;
    hash_ = {};
    return {};
  }

  LineReader& lines_;
  const std::function<Result<void>(const HostReport&)>& on_host_;
  std::span<const HostId> witnesses_required_;
  std::uint64_t number_ = 0;
  AuditTotal total_;
  std::string answer_;  // its memory is kept: new pages for each answer took a sixth of the time
  // Of this run.
  std::set<HostId> hosts_;
  std::uint64_t run_lines_ = 0;
  crypto::Sha256 hash_;
};

}  // namespace

Result<AuditTotal> verify_transcript(LineReader& lines,
                                     const std::function<Result<void>(const HostReport&)>& on_host,
                                     std::span<const HostId> witnesses_required) {
  return Verifier(lines, on_host, witnesses_required).run();
}

}  // namespace inxt::client
