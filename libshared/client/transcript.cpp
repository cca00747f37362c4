// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/transcript.h"

#include <fmt/format.h>

#include <set>

namespace inxt::client {
namespace {

class Verifier {
 public:
  Verifier(LineReader& lines, const std::function<Result<void>(const HostReport&)>& on_host)
      : lines_(lines), on_host_(on_host) {}

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
    if (total_.hosts == 0) return fail(Code::integrity, "it holds no audit", "is this a transcript, as inxt-audit --proofs writes it?");
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
  std::unexpected<Error> bad(std::string_view why) const {
    return fail(Code::integrity, fmt::format("line {}: {}", number_, why));
  }
  std::unexpected<Error> cut_short(std::string_view why) const {
    return fail(Code::integrity, fmt::format("cut short behind line {}: {}", number_, why));
  }
  std::unexpected<Error> misplaced(const std::string& type) {
    ++number_;
    if (type.empty()) return bad("not a line of a transcript");
    return bad(fmt::format("a line of this type cannot stand here (type: {})", type.substr(0, 32)));
  }

  /// The next line, which must be there; counted into the run.
  Result<std::string> take() {
    const auto line = TRY(lines_.next());
    if (!line) return cut_short("a line is missing");
    ++number_;
    ++run_lines_;
    hash_.update(view_of(*line));
    hash_.update(view_of("\n"));
    return std::string(*line);
  }

  Result<void> section() {
    const auto text = TRY(take());
    const auto audit = TRY(format::read_audit_line(text, where()));
    if (!hosts_.insert(audit.host).second) return bad("host: a second section for one Host");
    const auto audit_number = number_;
    const auto set = TRY(read_set(audit));
    if (audit.samples > set.blocks())
      return fail(Code::integrity, fmt::format("line {}: samples: {} of a set of {} blocks", audit_number, audit.samples,
                                               set.blocks()));
    const auto challenge = TRY_IN(where(), derive_challenge(audit.beacon, audit.host, set, audit.samples));
    auto report = report_of(audit.host, set, audit.samples, audit.anchored,
                            audit.confidence_ppm / double{format::kPartsPerMillion});
    for (std::uint64_t part = 0; part < parts_of(challenge); ++part) {
      const auto type = TRY(peek_type());
      if (!type || *type != "request") break;  // not made any more
      TRY(request(audit.host, set, challenge, audit_part(challenge, set, part), report));
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
      if (!pieces.empty() && line.piece <= pieces.back().id) return bad("piece: out of order");
      pieces.push_back({line.piece, line.size});
    }
    if (pieces.empty()) {
      ++number_;
      return bad("a line of the set should stand here");
    }
    auto set = TRY_IN(where(), proof::AuditSet::make(std::move(pieces)));
    if (set.hash() != audit.set_hash)
      return fail(Code::integrity, fmt::format("lines {} to {}: this set does not have the hash that line {} says", first,
                                               number_, first - 1));
    return set;
  }

  Result<void> request(const HostId& host, const proof::AuditSet& set, const proof::Challenge& challenge,
                       const AuditPart& part, HostReport& report) {
    const auto asked = TRY(take());
    if (TRY(format::read_request_line(asked, where())) != part.body) return bad("body: not what the challenge asks for here");
    format::TestimonyLine testimony;
    testimony.outcome = format::TryOutcome::silent;
    for (unsigned number = 1; testimony.outcome != format::TryOutcome::answered; ++number) {
      const auto type = TRY(peek_type());
      if (!type || *type != "testimony") {
        if (number > 1) return {};
        ++number_;
        return bad("testimony should stand here");
      }
      const auto text = TRY(take());
      testimony = TRY(format::read_testimony(text, where()));
      if (testimony.number != number) return bad("try: not the next one");
      add_testimony(report, testimony);
    }
    std::string answer;
    std::vector<std::size_t> begins;
    const auto first = number_ + 1;
    for (std::size_t i = 0; i <= part.samples.size(); ++i) {
      begins.push_back(answer.size());
      answer += TRY(take());
      answer += '\n';
      if (answer.size() - begins.back() > format::kLineBytesMax)
        return bad(fmt::format("longer than {} bytes (kLineBytesMax)", format::kLineBytesMax));
    }
    const auto checked = check_answer(host, challenge, set, part, answer);
    if (checked) {
      add_answer(report, set, part, *checked);
      return {};
    }
    // Most likely a line that no Host would sign; else the answer line, or what only the hash tells.
    for (std::size_t i = 0; i < part.samples.size(); ++i) {
      const auto line = std::string_view(answer).substr(begins[i], begins[i + 1] - begins[i] - 1);
      const auto outcome = judge_proof(set, part.samples[i], line);
      if (outcome != proof::Outcome::held && outcome != proof::Outcome::missing)
        return fail(Code::integrity,
                    fmt::format("line {}: not as the Host signed it: {}", first + i, checked.error().what));
    }
    return fail(Code::integrity, fmt::format("lines {} to {}: {}", first, number_, checked.error().what));
  }

  Result<void> end() {
    const auto hash = hash_.digest();
    const auto lines = run_lines_;
    const auto text = TRY(take());
    const auto line = TRY(format::read_end_line(text, where()));
    if (line.hosts != hosts_.size()) return bad(fmt::format("hosts: {} where there are {}", line.hosts, hosts_.size()));
    if (line.lines != lines) return bad(fmt::format("lines: {} where there are {}", line.lines, lines));
    if (line.hash != hash) return bad("hash: a line before this one was altered");
    if (hosts_.empty()) return bad("nothing stands before it");
    hosts_.clear();
    run_lines_ = 0;
    hash_ = {};
    return {};
  }

  LineReader& lines_;
  const std::function<Result<void>(const HostReport&)>& on_host_;
  std::uint64_t number_ = 0;
  AuditTotal total_;
  // Of this run.
  std::set<HostId> hosts_;
  std::uint64_t run_lines_ = 0;
  crypto::Sha256 hash_;
};

}  // namespace

Result<AuditTotal> verify_transcript(LineReader& lines, const std::function<Result<void>(const HostReport&)>& on_host) {
  return Verifier(lines, on_host).run();
}

}  // namespace inxt::client
