// SPDX-License-Identifier: AGPL-3.0-or-later
// What a Bridge is sent about logs and shares.  First byte: an append, whose lines are signed again and hung
// on one another; a share; a request for a lease; a line about a share.
#include "bridge/log_append.h"
#include "bridge/log_limits.h"
#include "crypto/labels.h"
#include "format/lease.h"
#include "format/share_requests.h"
#include "fuzz/support/fuzz.h"

namespace inxt::fuzz {
namespace {

using namespace format;

/// The log of the first line that has one.
LogId log_in(std::string_view text) {
  constexpr std::string_view kMember = R"("log":")";
  const auto at = text.find(kMember);
  if (at == text.npos) return {};
  return LogId::parse(text.substr(at + kMember.size()).substr(0, 2 * LogId::kBytes)).value_or(LogId{});
}

std::string signed_lines(std::string_view text) {
  std::string out, before(64, '0');
  for (const std::string_view line : lines_of(text)) {
    const bool is_entry = line.starts_with(R"({"type":"entry")");
    std::string again = with_hex_member(std::string(line), "writer", signer_hex());
    // Every other body begins in the middle of a log.
    if (is_entry && !out.empty()) again = with_hex_member(again, "prev", before);
    again = sign_again(again, is_entry ? crypto::label::kEntryLine : crypto::label::kRecordLine, {});
    if (is_entry) before = to_hex(entry_hash(again));
    (out += again) += '\n';
  }
  return out;
}

void append(std::string_view text) {
  const std::string body = signed_lines(text);
  const auto read = bridge::read_append(body, log_in(body));
  if (!read) {
    CHECK_BUG(read.error().code == Code::usage || read.error().code == Code::integrity);
    return;
  }
  CHECK_BUG(read->entries.size() <= bridge::kAppendEntriesMax &&
            read->records.size() <= bridge::kAppendRecordsMax);
  CHECK_BUG(read->entries.size() + read->records.size() == lines_of(body).size());
  for (std::size_t i = 0; i < read->entries.size(); ++i) {
    const auto& entry = read->entries[i];
    CHECK_BUG(entry.hash == entry_hash(entry.line) && entry.seq >= 1 && entry.seq <= bridge::kLogSeqMax);
    if (i > 0)
      CHECK_BUG(entry.seq == read->entries[i - 1].seq + 1 && entry.previous == read->entries[i - 1].hash);
  }
  for (const auto& record : read->records) CHECK_BUG(record.id == record_id(record.line));
}

void share(std::string_view text) {
  const auto read = read_share_request(text);
  if (!read) return;
  CHECK_BUG(pieces_of(*read) <= kSharePiecesMax && read->bundle.size() <= kShareBundleBytesMax);
  const auto written = write_share_request(*read);
  CHECK_BUG(written);
  const auto back = read_share_request(*written);
  CHECK_BUG(back && back->share == read->share && back->client == read->client &&
            back->places == read->places);
  CHECK_BUG(back->bundle == read->bundle && back->object == read->object &&
            back->expires_unix_s == read->expires_unix_s);
}

}  // namespace

void fuzz(ByteView input) {
  const auto selector = take_byte(input) % 4;
  const auto text = text_of(input);
  if (selector == 0) {
    append(text);
    (void)bridge::read_append(text, log_in(text));
  } else if (selector == 1) {
    share(text);
  } else if (selector == 2) {
    const auto read = read_lease_request(text);
    if (!read) return;
    CHECK_BUG(!read->pieces.empty() && read->pieces.size() <= kLeasePiecesMax);
    CHECK_BUG(read_lease_request(write_lease_request(*read)) == *read);
  } else {
    const auto read = read_share_info(text, "line");
    if (!read) return;
    std::string line = write_share_info(*read);
    line.pop_back();
    CHECK_BUG(read_share_info(line, "line") == *read);
  }
}

}  // namespace inxt::fuzz
