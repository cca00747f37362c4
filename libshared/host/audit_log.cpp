// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/audit_log.h"

#include <fmt/format.h>

#include <algorithm>

namespace inxt::host {

namespace {

void keep(std::deque<AuditEntry>& entries, AuditEntry entry, std::size_t limit) {
  if (entries.size() >= limit) entries.pop_front();
  entries.push_back(std::move(entry));
}

std::vector<AuditEntry> last_of(const std::deque<AuditEntry>& entries, std::size_t limit) {
  return {entries.rbegin(), entries.rbegin() + static_cast<std::ptrdiff_t>(std::min(limit, entries.size()))};
}

}  // namespace

std::string audit_result(const AuditEntry& entry) {
  if (entry.passed()) return "passed";
  std::string text;
  const auto say = [&](std::uint32_t count, std::string_view what) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "failed: " : ", ", count, what);
  };
  say(entry.damaged, "damaged");
  say(entry.unreadable, "unreadable");
  say(entry.not_here, "not here");
  return text + fmt::format(" of {} sample{}", entry.samples, entry.samples == 1 ? "" : "s");
}

void AuditLog::add(AuditEntry entry) {
  if (entry.reason.size() > kAuditReasonBytesMax) entry.reason.resize(kAuditReasonBytesMax);
  if (entry.is_troubled()) keep(troubled_, entry, kTroubledAuditsKept);
  keep(all_, std::move(entry), kAuditsKept);
}

std::vector<AuditEntry> AuditLog::latest(std::size_t limit) const {
  return last_of(all_, limit);
}

std::vector<AuditEntry> AuditLog::troubled(std::size_t limit) const {
  return last_of(troubled_, limit);
}

}  // namespace inxt::host
