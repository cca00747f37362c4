// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/audit_records.h"

#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "format/json.h"

namespace inxt::host {

namespace {

std::string text(std::string_view value) {
  return std::string(format::is_utf8(value) ? value : "text that is not UTF-8");
}

}  // namespace

std::string_view outcome_name(SampleOutcome outcome) {
  switch (outcome) {
    case SampleOutcome::proved:
      return "proved";
    case SampleOutcome::released:
      return "released";
    case SampleOutcome::not_here:
      return "not_here";
    case SampleOutcome::damaged:
      return "damaged";
    case SampleOutcome::unreadable:
      return "unreadable";
    case SampleOutcome::listed:
      return "listed";
    case SampleOutcome::not_listed:
      return "not_listed";
  }
  return "unreadable";
}

std::string audit_record_line(const AuditRecord& record) {
  const AuditEntry& entry = record.entry;
  format::Json json;
  json["type"] = "audit-record";
  json["time"] = entry.time_unix_s;
  json["request_id"] = record.request_id;
  json["address"] = text(entry.address);
  if (entry.key) json["key"] = entry.key->hex();
  json["known"] = record.is_known;
  json["kind"] = entry.kind;
  if (record.commitment) json["commitment"] = to_hex(*record.commitment);
  json["samples"] = entry.samples;
  json["not_here"] = entry.not_here;
  json["damaged"] = entry.damaged;
  json["unreadable"] = entry.unreadable;
  json["released"] = entry.released;
  if (entry.piece) json["piece"] = entry.piece->hex();
  if (!entry.reason.empty()) json["reason"] = text(entry.reason);
  json["took_ms"] = record.took_ms;
  json["answer_bytes"] = record.answer_bytes;
  json["outcomes"] = format::Json::array();
  for (const SampleOutcome outcome : record.outcomes) json["outcomes"].push_back(outcome_name(outcome));
  json["request"] = text(record.request);
  json["answer"] = text(record.answer);
  return format::write_compact(json) + '\n';
}

void AuditRecords::add(const AuditRecord& record) {
  (record.is_known ? known_ : others_).add(audit_record_line(record));
}

void AuditRecords::refused(const std::string& peer, bool is_known, std::string_view limit,
                           std::int64_t time_unix_s, std::int64_t now_ms) {
  if (refused_.empty()) refused_since_ms_ = now_ms;
  const bool is_told_apart = refused_.contains(peer) || refused_.size() < kRefusedPeersMax;
  Refused& refused = refused_[is_told_apart ? peer : std::string(kOthersSeries)];
  if (refused.count++ == 0) {
    refused.is_known = is_known && is_told_apart;
    refused.first_unix_s = time_unix_s;
  }
  refused.limit = limit;
  refused.last_unix_s = time_unix_s;
}

void AuditRecords::settle(std::int64_t now_ms, bool at_end) {
  if (refused_.empty() || (!at_end && now_ms - refused_since_ms_ < kRefusedEveryMs)) return;
  for (const auto& [peer, refused] : refused_) {
    format::Json json;
    json["type"] = "audits-refused";
    json["time"] = refused.last_unix_s;
    json["since"] = refused.first_unix_s;
    json["peer"] = text(peer);
    json["known"] = refused.is_known;
    json["limit"] = refused.limit;
    json["count"] = refused.count;
    (refused.is_known ? known_ : others_).add(format::write_compact(json) + '\n');
  }
  refused_.clear();
}

}  // namespace inxt::host
