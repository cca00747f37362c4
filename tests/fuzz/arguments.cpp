// SPDX-License-Identifier: AGPL-3.0-or-later
// What people and other programs write on command lines and in headers: sizes, durations, times, redundancy, ranges,
// addresses; and text of any kind made fit for a terminal.
#include "cli/command.h"
#include "cli/escape.h"
#include "cli/units.h"
#include "client/get_file.h"
#include "format/descriptor.h"
#include "format/json.h"
#include "fuzz/support/fuzz.h"
#include "net/http.h"

namespace inxt::fuzz {

void fuzz(ByteView input) {
  const auto text = text_of(input);
  if (const auto size = cli::parse_size(text)) {
    CHECK_BUG(*size <= (std::uint64_t{1} << 63) - 1);
    CHECK_BUG(!cli::show_size(*size).empty());
  }
  if (const auto duration = cli::parse_duration_s(text)) CHECK_BUG(!cli::show_duration(*duration).empty());
  (void)cli::parse_time_unix_s(text, 1'800'000'000);
  (void)cli::parse_integer(text, -5, 5);
  if (const auto redundancy = cli::parse_redundancy(text))
    CHECK_BUG(redundancy->data >= 1 && redundancy->data <= 64 && redundancy->parity <= 64);
  if (const auto range = client::parse_range(text)) CHECK_BUG(!range->last || *range->last >= range->first);
  const auto address = net::parse_address(text);
  if (address) {
    const auto back = net::parse_address(net::to_address(address->host, address->port));
    CHECK_BUG(back && back->host == address->host && back->port == address->port);
  }
  if (format::is_address(text)) CHECK_BUG(address.has_value());

  for (const bool keep_newlines : {false, true}) {
    const auto shown = cli::escape(text, keep_newlines);
    CHECK_BUG(format::is_utf8(shown));
    for (const char c : shown)
      CHECK_BUG((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || (keep_newlines && (c == '\n' || c == '\t')));
  }
}

}  // namespace inxt::fuzz
