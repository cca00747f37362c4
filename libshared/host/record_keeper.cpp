// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/record_keeper.h"

namespace inxt::host {

RecordKeeper::RecordKeeper(Host& host, sys::Directory& directory, std::function<bool()> is_moving)
    : host_(host),
      is_moving_(std::move(is_moving)),
      known_(directory, std::string(kAuditsFolder), std::string(kKnownSeries)),
      others_(directory, std::string(kAuditsFolder), std::string(kOthersSeries)),
      transfers_(directory, std::string(kTransfersFolder), std::string(kTransfersSeries)) {}

RecordKeeper::Work RecordKeeper::take(bool at_end) {
  AuditRecords& audits = host_.audit_records();
  audits.settle(host_.parts().clock.steady_ms(), at_end);
  return {.known = audits.known().take(),
          .others = audits.others().take(),
          .transfers = host_.transfer_records().take(),
          .limits = host_.options().records};
}

bool RecordKeeper::is_due(const Work& work) const {
  const bool limits_changed = !has_written_ ||
                              work.limits.audit_bytes_max != written_limits_.audit_bytes_max ||
                              work.limits.transfer_bytes_max != written_limits_.transfer_bytes_max;
  return limits_changed || !work.known.empty() || !work.others.empty() || !work.transfers.empty();
}

RecordKeeper::Done RecordKeeper::write(const Work& work) {
  const auto write_all = [&] {
    Done done;
    done.audits = known_.append(work.known, work.limits.audit_bytes_max / 2);
    if (done.audits) done.audits = others_.append(work.others, work.limits.audit_bytes_max / 2);
    done.transfers = transfers_.append(work.transfers, work.limits.transfer_bytes_max);
    return done;
  };
  const auto close_all = [&] {
    known_.close();
    others_.close();
    transfers_.close();
  };
  const bool is_moving = is_moving_();
  if (is_moving != was_moving_) close_all();
  was_moving_ = is_moving;
  Done done = write_all();
  if (is_moving_() == is_moving) return done;
  // A move has begun meanwhile: what was written behind its back is written again where it does not pass by.
  close_all();
  was_moving_ = !is_moving;
  return write_all();
}

void RecordKeeper::report(const Done& done) {
  const Error* error = !done.audits      ? &done.audits.error()
                       : !done.transfers ? &done.transfers.error()
                                         : nullptr;
  const std::string trouble = error ? error->what : std::string();
  if (error) host_.audit_records().known().count_lost(1);
  if (error && trouble != trouble_)  // a disk that is full says so once
    host_.parts().log.write(LogLevel::error, "records-lost", {{"reason", trouble}});
  trouble_ = trouble;
}

net::Awaitable<void> RecordKeeper::run() {
  for (;;) {
    co_await net::sleep_for(std::chrono::milliseconds(kWriteRecordsEveryMs));
    const Work work = take(false);
    if (!is_due(work)) continue;
    const Result<Done> done = co_await host_.parts().workers.run([&] { return write(work); });
    if (!done) {
      Done none;
      none.audits = std::unexpected(done.error());
      report(none);
      continue;
    }
    written_limits_ = work.limits;
    has_written_ = true;
    report(*done);
  }
}

void RecordKeeper::finish() {
  const Work work = take(true);
  if (is_due(work)) report(write(work));
}

}  // namespace inxt::host
