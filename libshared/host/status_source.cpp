// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/status_source.h"

#include "host/inventory.h"

namespace inxt::host {

StatusSource::StatusSource(Host& host, const net::HttpServer& server, std::vector<std::string> listening)
    : host_(host), service_(host.parts().clock, server, host.parts().workers, std::move(listening)) {}

net::Awaitable<Result<Status>> StatusSource::collect() const {
  const Parts& parts = host_.parts();
  Status status;
  status.host = host_.id();
  service_.fill(status);
  status.addresses = host_.options().addresses;
  status.is_draining = host_.is_draining();
  status.absence = host_.planned_absence();
  const plan::MonthlyTraffic& traffic = host_.traffic();
  if (traffic.month() != plan::Month())  // something has been counted
    status.month = MonthOfTraffic{traffic.month().text(), traffic.in_bytes(), traffic.out_bytes(),
                                  host_.options().traffic_bytes_per_month};
  const ScrubOptions& scrub = host_.options().scrub;
  const ScrubReport& scrubbing = host_.scrub_report();
  status.scrub = ScrubProgress{.period_s = scrub.period_s,
                               .began_unix_s = scrubbing.pass.began_unix_s,
                               .done_permille = scrubbing.done_permille,
                               .due_permille = scrubbing.due_permille};
  if (Inventory* const inventory = host_.inventory()) {
    if (const Inventory::State latest = inventory->latest()) {
      const format::InventoryHead& head = latest->head().head;
      status.inventory = InventoryStatus{.head = to_hex(latest->head().hash),
                                         .epoch = head.epoch(),
                                         .time_unix_s = head.time_unix_s,
                                         .pieces = head.pieces,
                                         .bytes = head.root.bytes,
                                         .made = inventory->heads_made(),
                                         .released = inventory->releases().size()};
    }
  }
  status.counters = host_.counters();
  status.audits = host_.audits().latest(kAuditsShownMax);
  status.troubled_audits = host_.audits().troubled(kAuditsShownMax);
  status.audit_bytes_left = host_.audit_rates().bytes_left(parts.clock.steady_ms());
  status.records_lost = host_.audit_records().lost() + host_.transfer_records().lost();
  status.buffers_used_bytes = host_.buffers().used_bytes();
  status.buffers_max_bytes = host_.buffers().bytes_max();
  for (const auto& add : also_) add(status);
  const auto look = [&] {
    status.store = parts.store.stats();
    std::array<std::int64_t, kEndingDays.size()> before{};
    for (std::size_t i = 0; i < before.size(); ++i) before[i] = status.time_unix_s + kEndingDays[i] * 86400;
    const std::vector<store::EndingTerms> ending = parts.store.ending(before);
    for (std::size_t i = 0; i < ending.size(); ++i)
      status.ending.push_back({kEndingDays[i], ending[i].pieces, ending[i].bytes});
    status.process_use = sys::process_use();
  };
  CO_CHECK(co_await parts.workers.run(look));
  co_return status;
}

}  // namespace inxt::host
