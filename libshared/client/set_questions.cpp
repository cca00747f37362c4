// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/set_questions.h"

#include "transfer/audit_answer.h"

namespace inxt::client {
namespace {

constexpr std::uint64_t kProofLineBytes = 6400;  // of a whole block with the longest path, about

class SetQuestions final : public AuditQuestions {
 public:
  SetQuestions(const HostId& host, const proof::AuditSet& set, proof::Challenge challenge)
      : host_(host), set_(set), challenge_(std::move(challenge)) {
    open_part();
  }

  std::uint64_t samples() const override { return challenge_.samples.size(); }

  std::optional<AuditQuestion> open() const override {
    if (!part_) return std::nullopt;
    const auto count = part_->samples.size();
    return AuditQuestion{.body = part_->body,
                         .samples = count,
                         .answer_lines = count + 1,
                         .answer_bytes = count * kProofLineBytes,
                         .line_bytes_max = format::kLineBytesMax};
  }

  Result<void> take_answer(std::string_view answer, std::int64_t, HostReport& report) override {
    const auto checked = TRY(transfer::check_answer(host_, challenge_, set_, *part_, answer));
    report.answered_unix_s = checked.time_unix_s;
    for (std::size_t i = 0; i < checked.outcomes.size(); ++i) {
      const auto& sample = part_->samples[i];
      add_outcome(report, {set_.piece(sample).id, sample.block, checked.outcomes[i]});
    }
    pass_over();
    return {};
  }

  void pass_over() override {
    ++number_;
    open_part();
  }

  std::optional<std::size_t> odd_line(std::span<const std::string_view> lines) const override {
    for (std::size_t i = 0; i < std::min(lines.size(), part_->samples.size()); ++i) {
      const auto outcome = transfer::judge_proof(set_, part_->samples[i], lines[i]);
      if (outcome != proof::Outcome::held && outcome != proof::Outcome::missing) return i;
    }
    return std::nullopt;
  }

 private:
  void open_part() {
    part_.reset();
    if (number_ < transfer::parts_of(challenge_)) part_ = transfer::audit_part(challenge_, set_, number_);
  }

  HostId host_;
  const proof::AuditSet& set_;
  proof::Challenge challenge_;
  std::uint64_t number_ = 0;
  std::optional<transfer::AuditPart> part_;  // its samples lie in challenge_
};

}  // namespace

Result<std::unique_ptr<AuditQuestions>> set_questions(const HostId& host, const proof::AuditSet& set,
                                                      const proof::Beacon& beacon, std::uint64_t samples) {
  auto challenge = TRY(proof::derive_challenge(beacon, host, set, samples));
  return std::make_unique<SetQuestions>(host, set, std::move(challenge));
}

}  // namespace inxt::client
