// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/inventory_questions.h"

#include <map>

#include "client/inventory_answer.h"

namespace inxt::client {
namespace {

/// A proof line, and an inclusion line of an inventory of 10^9 pieces, about.
constexpr std::uint64_t kSampleBytes = 9000;

bool is_bad(proof::Outcome outcome) {
  return outcome != proof::Outcome::held && outcome != proof::Outcome::released;
}

class InventoryQuestions final : public AuditQuestions {
 public:
  explicit InventoryQuestions(InventoryChallenge challenge) : challenge_(std::move(challenge)) {
    open_part(proof::kChainStart);
  }

  std::uint64_t samples() const override { return challenge_.samples; }

  std::optional<AuditQuestion> open() const override {
    if (!part_) return std::nullopt;
    return AuditQuestion{.body = part_->body,
                         .samples = part_->count,
                         .answer_lines = 2 * part_->count + 1,
                         .answer_bytes = part_->count * kSampleBytes,
                         .line_bytes_max = kInventoryLineBytesMax};
  }

  Result<void> take_answer(std::string_view answer, std::int64_t received_unix_s,
                           HostReport& report) override {
    const auto checked = TRY(check_inventory_answer(challenge_, *part_, answer, received_unix_s));
    report.answered_unix_s = checked.time_unix_s;
    for (const auto& finding : checked.findings) {
      add_outcome(report, {.piece = finding.piece,
                           .block = finding.block,
                           .outcome = finding.outcome,
                           .number = finding.number,
                           .released_by = finding.released_by});
      note_draw(finding, report);
    }
    ++number_;
    open_part(checked.link);
    return {};
  }

  void pass_over() override {
    // What a chain would ask next hangs on the answer that there is none of.
    number_ = challenge_.sampling == Sampling::chained ? parts_of(challenge_) : number_ + 1;
    open_part(proof::kChainStart);
  }

  std::optional<std::size_t> odd_line(std::span<const std::string_view> lines) const override {
    auto link = part_->previous;
    for (std::uint64_t i = 0; i < part_->count && 2 * i + 1 < lines.size(); ++i) {
      const auto number = number_of(challenge_, part_->first + i, link);
      // Whether a term was over is the answer line's to say, so that a released line is not judged here.
      const auto finding = judge_sample(challenge_, number, lines[2 * i], lines[2 * i + 1], 0);
      if (finding.outcome == proof::Outcome::bad_inclusion) return 2 * i;
      if (is_bad(finding.outcome) && finding.outcome != proof::Outcome::missing &&
          finding.outcome != proof::Outcome::bad_release)
        return 2 * i + 1;
      link = link_of(challenge_, lines[2 * i + 1]);
    }
    return std::nullopt;
  }

 private:
  void open_part(const proof::ChainLink& previous) {
    part_.reset();
    if (number_ < parts_of(challenge_)) part_ = inventory_part(challenge_, number_, previous);
  }

  /// A block that a chain draws again bounds nothing more, unless it was shown before and now is not.
  void note_draw(const Finding& finding, HostReport& report) {
    const bool is_held = finding.outcome == proof::Outcome::held;
    const auto [drawn, fresh] = drawn_.try_emplace(finding.number, !is_held);
    if (fresh) return;
    ++report.repeated;
    if (is_held) return;
    if (drawn->second) ++report.repeated_bad;
    drawn->second = true;
  }

  InventoryChallenge challenge_;
  std::uint64_t number_ = 0;  // of the open part
  std::optional<InventoryPart> part_;
  std::map<std::uint64_t, bool> drawn_;  // block number: whether it was once not held
};

}  // namespace

Result<std::unique_ptr<AuditQuestions>> inventory_questions(const AuditHead& head,
                                                            const proof::Beacon& beacon,
                                                            std::uint64_t samples) {
  const bool is_empty = head.head.head.root.empty();
  auto challenge = TRY(derive_inventory_challenge(beacon, head.head, is_empty && samples == 0 ? 1 : samples,
                                                  head.chained ? Sampling::chained : Sampling::drawn));
  return std::make_unique<InventoryQuestions>(std::move(challenge));
}

}  // namespace inxt::client
