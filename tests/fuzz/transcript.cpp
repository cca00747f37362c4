// SPDX-License-Identifier: AGPL-3.0-or-later
// Saved audits: the whole, with the last line's hash made true; and each kind of line, read and written again.
#include "base/encoding.h"
#include "client/transcript.h"
#include "crypto/hash.h"
#include "format/transcript_lines.h"
#include "fuzz/support/fuzz.h"

namespace inxt::fuzz {
namespace {

/// What reads once is written as something that reads as the same.
template <class Read, class Write>
void again(std::string_view line, Read read, Write write) {
  const auto value = read(line, "line");
  if (!value) return;
  std::string text = write(*value);
  CHECK_BUG(text.ends_with('\n'));
  text.pop_back();
  const auto back = read(text, "line");
  CHECK_BUG(back && write(*back) == text + '\n');
}

void verify(std::string_view text) {
  const sys::Fd fd = fd_of(text);
  client::LineReader lines(fd.number(), "input", format::kRequestLineBytesMax);
  (void)client::verify_transcript(lines, [](const client::HostReport&) -> Result<void> { return {}; });
}

}  // namespace

void fuzz(ByteView input) {
  const auto text = text_of(input);
  for (const auto line : lines_of(text)) {
    again(line, format::read_audit_line, format::write_audit_line);
    again(line, format::read_set_line, format::write_set_line);
    again(line, format::read_request_line, format::write_request_line);
    again(line, format::read_commit_line, format::write_commit_line);
    again(line, format::read_beacon_line, format::write_beacon_line);
    again(line, format::read_deadline_line, format::write_deadline_line);
    again(line, format::read_evidence_line, format::write_evidence_line);
    again(line, format::read_testimony, format::write_testimony);
    again(line, format::read_end_line, format::write_end_line);
    again(line, format::read_extract_line, format::write_extract_line);
    again(line, format::read_commitment_line, format::write_commitment_line);
  }
  verify(text);
  const auto last = text.rfind('\n', text.size() < 2 ? 0 : text.size() - 2);
  if (last == text.npos) return;
  const auto before = text.substr(0, last + 1);
  verify(std::string(before) +
         with_hex_member(std::string(text.substr(last + 1)), "hash", to_hex(crypto::sha256(view_of(before)))));
}

}  // namespace inxt::fuzz
