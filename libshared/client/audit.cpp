// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/audit.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/transcript_lines.h"
#include "net/event.h"
#include "net/task.h"

namespace inxt::client {
namespace {

using net::Awaitable;
using std::chrono::milliseconds;

constexpr std::uint64_t kProofLineBytes = 6400;  // of a whole block with the longest path, about
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
  Audit(Network network, const std::vector<AuditTarget>& targets, AuditOptions options, AuditCallbacks callbacks)
      : net_(network),
        targets_(targets),
        options_(options),
        callbacks_(std::move(callbacks)),
        beacon_(options.beacon ? *options.beacon : net_.random.bytes<32>()),
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
  /// How many Hosts may be asked before the first of them is done with.
  std::size_t hosts_ahead() const {
    if (!callbacks_.on_transcript) return targets_.size();
    std::uint64_t largest = 1;
    for (const auto& target : targets_)
      largest = std::max(largest, std::min(options_.samples, target.set.blocks()) * kProofLineBytes +
                                      target.set.pieces().size() * kSetLineBytes);
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

  Awaitable<void> audit_host(std::size_t index) {
    const EndOfHost end{*this};
    const auto& target = targets_[index];
    Result<proof::Challenge> challenge =
        co_await net_.workers.run([&] { return derive_challenge(beacon_, target.host.id, target.set, options_.samples); });
    if (!challenge) {
      fatal_ = std::move(challenge).error();
      co_return;
    }
    HostReport report = report_of(target.host.id, target.set, challenge->samples.size(), options_.beacon.has_value(),
                                  options_.confidence_ppm / double{format::kPartsPerMillion});
    if (callbacks_.on_transcript) {
      Result<std::string> begun = co_await net_.workers.run([&] { return section_begin(target, *challenge); });
      if (!begun)
        fatal_ = std::move(begun).error();
      else
        sections_[index].lines = *std::move(begun);
    }
    for (std::uint64_t number = 0; number < parts_of(*challenge) && !fatal_; ++number) {
      const AuditPart part = audit_part(*challenge, target.set, number);
      note(index, [&] { return format::write_request_line(part.body); });
      // After silence, the rest stays unanswered: asking on would only wait for as long again.
      if (!co_await ask_part(index, *challenge, part, report)) break;
    }
    sections_[index].report = std::move(report);
  }

  /// False when there was no answer that counts.
  Awaitable<bool> ask_part(std::size_t index, const proof::Challenge& challenge, const AuditPart& part,
                           HostReport& report) {
    const auto& target = targets_[index];
    for (unsigned number = 1; number <= format::kAuditTriesMax; ++number) {
      format::TestimonyLine testimony;
      testimony.number = number;
      testimony.time_unix_s = net_.clock.unix_s();
      const auto begun_ms = net_.clock.steady_ms();
      Result<std::string> answer = co_await ask(target.host, part.body);
      if (fatal_) co_return false;
      testimony.elapsed_ms = static_cast<std::uint64_t>(net_.clock.steady_ms() - begun_ms);
      if (!answer) {
        testimony.outcome =
            answer.error().code == Code::integrity ? format::TryOutcome::invalid : format::TryOutcome::silent;
        testimony.reason = format::fit_reason(answer.error().what);
        note(index, [&] { return format::write_testimony(testimony); });
        add_testimony(report, testimony);
        if (answer.error().code != Code::try_again || number == format::kAuditTriesMax) co_return false;
        co_await net::sleep_for(milliseconds(options_.retry_pause_ms));
        if (fatal_) co_return false;
        continue;
      }
      if (callbacks_.on_progress) callbacks_.on_progress(answer->size(), running_);
      Result<AuditAnswer> checked = co_await net_.workers.run(
          [&] { return check_answer(target.host.id, challenge, target.set, part, *answer); });
      if (!checked) {
        testimony.outcome = format::TryOutcome::invalid;
        testimony.reason = format::fit_reason(checked.error().what);
      }
      note(index, [&] { return format::write_testimony(testimony); });
      add_testimony(report, testimony);
      if (!checked) co_return false;
      add_answer(report, target.set, part, *checked);
      note(index, [&] { return std::move(*answer) + (answer->ends_with('\n') ? "" : "\n"); });
      event_.notify();
      co_return true;
    }
    co_return false;
  }

  Awaitable<void> send(transfer::HostAddress host, std::string_view body, Asked& asked) {
    struct End {
      Audit& audit;
      Asked& asked;
      ~End() {
        asked.ended = true;
        audit.event_.notify();
      }
    } const end{*this, asked};
    Result<std::string> answer = co_await net_.service.audit(host, body);
    asked.answer = std::move(answer);
  }

  /// Errors: try_again when the deadline passed; the service's.
  Awaitable<Result<std::string>> ask(const transfer::HostAddress& host, std::string_view body) {
    Asked asked;
    const auto deadline_ms = net_.clock.steady_ms() + options_.deadline_ms;
    auto task = net::Task::start(net_.executor, send(host, body, asked));
    bool late = false;
    while (!asked.ended && !late && !fatal_) {
      const auto left_ms = deadline_ms - net_.clock.steady_ms();
      late = left_ms <= 0;
      if (!late) co_await event_.wait_for(milliseconds(left_ms));
    }
    if (!asked.ended) task.cancel();
    while (!asked.ended) co_await event_.wait();  // it writes to this frame
    if (asked.answer && !late) co_return *std::move(asked.answer);
    co_return fail(Code::try_again, fmt::format("no whole answer within {} ms", options_.deadline_ms));
  }

  template <class MakeLine>
  void note(std::size_t index, MakeLine line) {
    if (callbacks_.on_transcript) sections_[index].lines += line();
  }

  /// On a worker thread, so it leaves sections_ to the event loop.
  std::string section_begin(const AuditTarget& target, const proof::Challenge& challenge) const {
    auto lines = format::write_audit_line({.beacon = beacon_,
                                           .host = target.host.id,
                                           .samples = static_cast<std::uint32_t>(challenge.samples.size()),
                                           .set_hash = target.set.hash(),
                                           .anchored = options_.beacon.has_value(),
                                           .confidence_ppm = options_.confidence_ppm});
    for (const auto& piece : target.set.pieces())
      lines += format::write_set_line({.piece = piece.id, .size = static_cast<std::uint32_t>(piece.size_bytes)});
    return lines;
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
  proof::Beacon beacon_;
  std::vector<Section> sections_;
  net::Event event_;
  unsigned running_ = 0;
  std::optional<Error> fatal_;
  AuditTotal total_;
  std::uint64_t lines_ = 0;
  crypto::Sha256 hash_;
};

}  // namespace

Awaitable<Result<AuditTotal>> audit(Network network, const std::vector<AuditTarget>& targets, AuditOptions options,
                                    AuditCallbacks callbacks) {
  if (targets.empty()) co_return fail(Code::usage, "there is no Host to audit");
  if (options.samples == 0 || options.samples > proof::kSamplesMax)
    co_return fail(Code::usage, fmt::format("samples are 1 to {} (kSamplesMax)", proof::kSamplesMax));
  if (options.confidence_ppm == 0 || options.confidence_ppm >= format::kPartsPerMillion)
    co_return fail(Code::usage, "a confidence is more than 0 and less than 1");
  options.jobs = std::max(options.jobs, 1U);
  Audit engine(network, targets, options, std::move(callbacks));
  co_return co_await engine.run();
}

}  // namespace inxt::client
