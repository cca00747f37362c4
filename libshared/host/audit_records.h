// SPDX-License-Identifier: LGPL-3.0-or-later
// A Host's own transcripts: what was asked, what was answered, what came of it.  Lines by schema
// host-audit.json, on their way to the folder audits/ of the store.  Manual: inxt-host(8), "Audits".
//
// Peers that the Host knows by name, and strangers, have a series of files each, with half of --keep-audits:
// a stranger who asks all day pushes out what strangers asked.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "crypto/hash.h"
#include "host/audit_log.h"
#include "host/record_files.h"
#include "host/record_queue.h"

namespace inxt::host {

inline constexpr std::size_t kRefusedPeersMax =
    256;  // told apart in one line's time; the others are "others"
inline constexpr std::int64_t kRefusedEveryMs = 60'000;

enum class SampleOutcome { proved, released, not_here, damaged, unreadable, listed, not_listed };
std::string_view outcome_name(SampleOutcome outcome);

struct AuditRecord {
  AuditEntry entry;
  bool is_known = false;  // who asked, by name
  std::string request_id;
  std::optional<crypto::Hash> commitment = {};
  std::vector<SampleOutcome> outcomes = {};
  std::uint64_t answer_bytes = 0;
  std::int64_t took_ms = 0;
  std::string request = {};  // the body as it came: UTF-8
  std::string answer = {};   // the signed line, without newline
};
std::string audit_record_line(const AuditRecord& record);  // with newline

/// One thread.
class AuditRecords {
 public:
  void add(const AuditRecord& record);
  /// A refusal: counted, and told once a minute for each peer.  `limit`: a literal.
  void refused(const std::string& peer, bool is_known, std::string_view limit, std::int64_t time_unix_s,
               std::int64_t now_ms);
  /// Puts the counted refusals in line when they are due; all of them at the end.
  void settle(std::int64_t now_ms, bool at_end = false);

  RecordQueue& known() { return known_; }
  RecordQueue& others() { return others_; }
  std::uint64_t lost() const { return known_.lost() + others_.lost(); }

 private:
  struct Refused {
    bool is_known = false;
    std::string_view limit;
    std::int64_t first_unix_s = 0, last_unix_s = 0;
    std::uint64_t count = 0;
  };
  RecordQueue known_, others_;
  std::map<std::string, Refused> refused_;  // by peer
  std::int64_t refused_since_ms_ = 0;
};

}  // namespace inxt::host
