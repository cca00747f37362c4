// SPDX-License-Identifier: AGPL-3.0-or-later
// What a Host reads of its Bridges.  First byte: 0 an answer to a heartbeat, 1 the file of those whom they vouched for.
#include "fuzz/support/fuzz.h"
#include "host/vouched_text.h"
#include "transfer/host_bridge.h"

namespace inxt::fuzz {
namespace {

constexpr std::int64_t kNow = 1000;

void check_answer(std::string_view line) {
  for (const int status : {200, 404, 409}) {
    const auto answer = transfer::read_beat_answer(status, line);
    if (answer) CHECK_BUG(answer->reason.size() <= transfer::kReachReasonBytesMax);
  }
}

/// What was read is written and read again the same.
void check_vouched(std::string_view text) {
  const std::vector<crypto::PublicKey> bridges{crypto::PublicKey{}, signing_key().public_key()};
  struct Known {
    host::VouchedAccounts accounts;
    host::ShownVouchers shown;
  };
  const auto read = [&](std::string_view from, Known& known) {
    known.accounts.set_bridges(bridges);
    return host::read_vouched(from, known.accounts, known.shown, kNow).has_value();
  };
  Known first, again;
  (void)read(text, first);
  const std::string written = host::vouched_text(first.accounts, first.shown, kNow);
  CHECK_BUG(read(written, again) && host::vouched_text(again.accounts, again.shown, kNow) == written &&
            again.accounts.size() == first.accounts.size());
}

}  // namespace

void fuzz(ByteView input) {
  const auto selector = take_byte(input);
  if ((selector & 1U) == 0) return check_answer(text_of(input));
  check_vouched(text_of(input));
}

}  // namespace inxt::fuzz
