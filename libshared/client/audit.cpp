// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/audit.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/audit_questions.h"
#include "format/transcript_lines.h"
#include "net/event.h"
#include "net/task.h"

namespace inxt::client {
namespace {

using net::Awaitable;
using std::chrono::milliseconds;

constexpr std::uint64_t kSampleLinesBytes =
    9000;  // a proof line, and of an inventory an inclusion line, about
constexpr std::uint64_t kSetLineBytes = 110;

/// One Host's share of the work, and what waits for its turn to be given out.
struct Section {
  std::string lines;  // of the transcript
  std::optional<HostReport> report;
};

/// A request under way.
struct Asked {
  bool ended = false;
  std::optional<Result<std::string>> answer;  // none when it was cancelled
};

class Audit {
 public:
  Audit(Network network, const std::vector<AuditTarget>& targets, AuditOptions options,
        AuditCallbacks callbacks)
      : net_(network),
        targets_(targets),
        options_(std::move(options)),
        callbacks_(std::move(callbacks)),
        beacon_(options_.beacon ? *options_.beacon : own_beacon()),
        begun_unix_s_(net_.clock.unix_s()),
        sections_(targets.size()),
        event_(network.executor) {}

  Awaitable<Result<AuditTotal>> run() {
    const auto ahead = hosts_ahead();
    std::size_t started = 0, front = 0;
    while (front < targets_.size() && !fatal_) {
      for (; started < targets_.size() && running_ < options_.jobs && started - front < ahead; ++started) {
        ++running_;
        net::spawn(net_.executor, audit_host(started));
      }
      if (sections_[front].lines.empty() && !sections_[front].report) {
        co_await wait_or_stop(milliseconds(200));
        continue;
      }
      Section ready = std::exchange(sections_[front], {});
      Result<void> given = co_await net_.workers.run([&] { return give(ready); });
      if (!given) fatal_ = std::move(given).error();
      if (ready.report) ++front;
    }
    event_.notify();
    while (running_ > 0) co_await event_.wait_for(milliseconds(200));
    if (!fatal_ && callbacks_.on_transcript) {
      Result<void> ended = co_await net_.workers.run([&] { return end_transcript(); });
      if (!ended) fatal_ = std::move(ended).error();
    }
    if (fatal_) co_return std::unexpected(*std::move(fatal_));
    co_return std::move(total_);
  }

 private:
  format::Beacon own_beacon() const {
    format::Beacon beacon;
    beacon.randomness = net_.random.bytes<32>();
    return beacon;
  }

  /// How many Hosts may be asked before the first of them is done with.
  std::size_t hosts_ahead() const {
    if (!callbacks_.on_transcript) return targets_.size();
    std::uint64_t largest = 1;
    for (const auto& target : targets_) {
      const auto samples = samples_for(options_.goal, target.blocks(), options_.confidence_ppm,
                                       target.kind() == format::AuditKind::chain);
      largest = std::max(largest,
                         samples.value_or(proof::kSamplesMax) * kSampleLinesBytes +
                             (target.kind() == format::AuditKind::set ? target.pieces() * kSetLineBytes : 0));
    }
    return std::clamp<std::uint64_t>(kTranscriptMemoryBytes / largest, 1, targets_.size());
  }

  Awaitable<void> wait_or_stop(milliseconds time) {
    co_await event_.wait_for(time);
    if (!fatal_ && callbacks_.stopped && callbacks_.stopped()) {
      fatal_ = Error{Code::failure, "stopped by a signal"};
      event_.notify();
    }
  }

  struct EndOfHost {
    Audit& audit;
    ~EndOfHost() {
      --audit.running_;
      audit.event_.notify();
    }
  };

  /// What is worked out about a Host before it is asked.
  struct Begun {
    std::unique_ptr<AuditQuestions> questions;
    HostReport report;
    std::string lines;  // of the transcript; the deadline's is not among them
  };

  /// On a worker thread.
  Result<Begun> begin(const AuditTarget& target) const {
    Begun begun;
    const auto samples = TRY(samples_for(options_.goal, target.blocks(), options_.confidence_ppm,
                                         target.kind() == format::AuditKind::chain));
    begun.questions = TRY(questions_about(target, beacon_.randomness, samples));
    begun.report = report_of(target, begun.questions->samples(),
                             options_.confidence_ppm / double{format::kPartsPerMillion});
    const auto commit = target.commit.value_or(Commit{.time_unix_s = begun_unix_s_});
    TRY(add_anchor(begun.report, beacon_, commit, options_.witnesses_required));
    if (callbacks_.on_transcript) begun.lines = section_begin(target, begun.questions->samples(), commit);
    return begun;
  }

  Awaitable<void> audit_host(std::size_t index) {
    const EndOfHost end{*this};
    const auto& target = targets_[index];
    Result<Begun> made = co_await net_.workers.run([&] { return begin(target); });
    if (!made) {
      fatal_ = std::move(made).error();
      co_return;
    }
    Begun begun = *std::move(made);
    std::optional<AuditQuestion> question = begun.questions->open();
    if (question) {
      const std::optional<std::uint64_t> rtt_ms = co_await round_trip_ms(target.host);
      if (fatal_) co_return;
      begun.report.deadline =
          deadline_of(options_.deadline, rtt_ms, question->samples, question->answer_bytes);
      if (callbacks_.on_transcript) begun.lines += format::write_deadline_line(*begun.report.deadline);
    }
    sections_[index].lines = std::move(begun.lines);
    while (question && !fatal_) {
      note(index, [&] { return format::write_request_line(question->body); });
      // After silence, the rest stays unanswered: asking on would only wait for as long again.
      if (!co_await ask_question(index, *begun.questions, *question, begun.report)) break;
      question = begun.questions->open();
    }
    sections_[index].report = std::move(begun.report);
  }

  /// None when the Host does not answer; rounded up.
  Awaitable<std::optional<std::uint64_t>> round_trip_ms(const transfer::HostAddress& host) {
    Result<std::chrono::nanoseconds> time = co_await net_.service.round_trip(host);
    if (!time) co_return std::nullopt;
    co_return static_cast<std::uint64_t>(std::chrono::ceil<milliseconds>(*time).count());
  }

  /// False when there was no answer that counts.
  Awaitable<bool> ask_question(std::size_t index, AuditQuestions& questions, const AuditQuestion& question,
                               HostReport& report) {
    const auto& target = targets_[index];
    // The Host knows the question from the first try on: whatever comes later is timed from there.
    const auto begun_ms = net_.clock.steady_ms();
    for (unsigned number = 1; number <= format::kAuditTriesMax; ++number) {
      format::TestimonyLine testimony;
      testimony.number = number;
      testimony.time_unix_s = net_.clock.unix_s();
      Result<std::string> answer = co_await ask(target, question.body);
      if (fatal_) co_return false;
      testimony.elapsed_ms = static_cast<std::uint64_t>(net_.clock.steady_ms() - begun_ms);
      if (!answer) {
        testimony.outcome =
            answer.error().code == Code::integrity ? format::TryOutcome::invalid : format::TryOutcome::silent;
        testimony.reason = format::fit_reason(answer.error().what);
        note(index, [&] { return format::write_testimony(testimony); });
        add_testimony(report, testimony, question.samples);
        if (answer.error().code != Code::try_again || number == format::kAuditTriesMax) co_return false;
        co_await net::sleep_for(milliseconds(options_.retry_pause_ms));
        if (fatal_) co_return false;
        continue;
      }
      if (callbacks_.on_progress) callbacks_.on_progress(answer->size(), running_);
      Result<void> taken = co_await net_.workers.run([&] { return questions.take_answer(*answer, format::received_unix_s(testimony), report); });
      if (!taken) {
        testimony.outcome = format::TryOutcome::invalid;
        testimony.reason = format::fit_reason(taken.error().what);
      } else if (testimony.elapsed_ms > report.deadline->request_ms) {
        testimony.outcome = format::TryOutcome::late;
      }
      note(index, [&] { return format::write_testimony(testimony); });
      add_testimony(report, testimony, question.samples);
      if (!taken) co_return false;
      note(index, [&] { return std::move(*answer) + (answer->ends_with('\n') ? "" : "\n"); });
      event_.notify();
      co_return true;
    }
    co_return false;
  }

  Awaitable<void> send(const AuditTarget& target, std::string_view body, Asked& asked) {
    struct End {
      Audit& audit;
      Asked& asked;
      ~End() {
        asked.ended = true;
        audit.event_.notify();
      }
    } const end{*this, asked};
    if (target.kind() == format::AuditKind::set) {
      Result<std::string> answer = co_await net_.service.audit(target.host, body);
      asked.answer = std::move(answer);
    } else {
      Result<std::string> answer = co_await net_.service.audit_inventory(target.host, body);
      asked.answer = std::move(answer);
    }
  }

  /// Errors: try_again after silence_ms; the service's.
  Awaitable<Result<std::string>> ask(const AuditTarget& target, std::string_view body) {
    Asked asked;
    const auto deadline_ms = net_.clock.steady_ms() + static_cast<std::int64_t>(options_.silence_ms);
    auto task = net::Task::start(net_.executor, send(target, body, asked));
    bool late = false;
    while (!asked.ended && !late && !fatal_) {
      const auto left_ms = deadline_ms - net_.clock.steady_ms();
      late = left_ms <= 0;
      if (!late) co_await event_.wait_for(milliseconds(left_ms));
    }
    if (!asked.ended) task.cancel();
    while (!asked.ended) co_await event_.wait();  // it writes to this frame
    if (asked.answer && !late) co_return *std::move(asked.answer);
    co_return fail(Code::try_again, fmt::format("no whole answer within {} ms", options_.silence_ms));
  }

  template <class MakeLine>
  void note(std::size_t index, MakeLine line) {
    if (callbacks_.on_transcript) sections_[index].lines += line();
  }

  std::string section_begin(const AuditTarget& target, std::uint64_t samples, const Commit& commit) const {
    auto lines = format::write_audit_line({.host = target.host.id,
                                           .kind = target.kind(),
                                           .commitment = target.commitment(),
                                           .samples = static_cast<std::uint32_t>(samples),
                                           .confidence_ppm = options_.confidence_ppm});
    if (const auto* head = std::get_if<AuditHead>(&target.what))
      lines += head->line + '\n';
    else
      for (const auto& piece : target.set().pieces())
        lines +=
            format::write_set_line({.piece = piece.id, .size = static_cast<std::uint32_t>(piece.size_bytes)});
    if (target.evidence)
      lines += format::write_evidence_line(target.evidence->finding) + target.evidence->first + '\n' +
               target.evidence->second + '\n';
    lines += format::write_commit_line({commit.time_unix_s});
    for (const auto& witness : commit.witness_lines) lines += witness + '\n';
    return lines + format::write_beacon_line(beacon_);
  }

  /// On a worker thread; one at a time, in order.
  Result<void> give(const Section& ready) {
    if (!ready.lines.empty()) {
      lines_ += static_cast<std::uint64_t>(std::ranges::count(ready.lines, '\n'));
      hash_.update(view_of(ready.lines));
      TRY(callbacks_.on_transcript(ready.lines));
    }
    if (!ready.report) return {};
    total_.add(*ready.report);
    if (callbacks_.on_host) TRY(callbacks_.on_host(*ready.report));
    return {};
  }

  Result<void> end_transcript() {
    return callbacks_.on_transcript(
        format::write_end_line({.hosts = targets_.size(), .lines = lines_, .hash = hash_.digest()}));
  }

  Network net_;
  const std::vector<AuditTarget>& targets_;
  AuditOptions options_;
  AuditCallbacks callbacks_;
  format::Beacon beacon_;
  std::int64_t begun_unix_s_;
  std::vector<Section> sections_;
  net::Event event_;
  unsigned running_ = 0;
  std::optional<Error> fatal_;
  AuditTotal total_;
  std::uint64_t lines_ = 0;
  crypto::Sha256 hash_;
};

}  // namespace

Result<std::uint64_t> samples_for(const AuditGoal& goal, std::uint64_t blocks, std::uint32_t confidence_ppm,
                                  bool chained) {
  if (!goal.detect_ppm || blocks == 0) return std::min(goal.samples, blocks);
  const auto parts = std::uint64_t{format::kPartsPerMillion};
  // blocks < 2^40, so that the product stays below 2^60.
  const auto blocks_bad = std::max<std::uint64_t>((blocks * *goal.detect_ppm + parts - 1) / parts, 1);
  // A chain draws with replacement, as if there were endlessly many blocks of which the same part is bad.
  const auto many = chained ? proof::kBoundBlocksMax / blocks : 1;
  const auto samples = proof::samples_to_detect(
      blocks * many, blocks_bad * many, confidence_ppm / static_cast<double>(parts), proof::kSamplesMax);
  if (!samples)
    return fail(Code::usage, fmt::format("to find {} of {} blocks takes more than {} samples (kSamplesMax)",
                                         blocks_bad, blocks, proof::kSamplesMax));
  return std::min(*samples, blocks);
}

Awaitable<Result<AuditTotal>> audit(Network network, const std::vector<AuditTarget>& targets,
                                    AuditOptions options, AuditCallbacks callbacks) {
  if (targets.empty()) co_return fail(Code::usage, "there is no Host to audit");
  if (options.goal.samples == 0 || options.goal.samples > proof::kSamplesMax)
    co_return fail(Code::usage, fmt::format("samples are 1 to {} (kSamplesMax)", proof::kSamplesMax));
  if (options.goal.detect_ppm &&
      (*options.goal.detect_ppm == 0 || *options.goal.detect_ppm > format::kPartsPerMillion))
    co_return fail(Code::usage, "the damage to detect is more than 0 and at most all");
  if (options.confidence_ppm == 0 || options.confidence_ppm >= format::kPartsPerMillion)
    co_return fail(Code::usage, "a confidence is more than 0 and less than 1");
  if (options.deadline.bytes_per_s == 0) co_return fail(Code::usage, "the rate of an answer is more than 0");
  for (const auto& target : targets)
    if (target.commit && target.commit->witness_lines.size() > proof::kWitnessesMax)
      co_return fail(Code::usage,
                     fmt::format("more than {} witnesses (kWitnessesMax)", proof::kWitnessesMax));
  options.jobs = std::max(options.jobs, 1U);
  Audit engine(network, targets, std::move(options), std::move(callbacks));
  co_return co_await engine.run();
}

}  // namespace inxt::client
