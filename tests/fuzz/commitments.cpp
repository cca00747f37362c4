// SPDX-License-Identifier: AGPL-3.0-or-later
// What an auditor saved before the beacon, and the beacon: a file of commitments that reads is written as it stands, and
// the first byte says whether the rest is a beacon's file instead.
#include "client/commitments.h"
#include "format/beacon.h"
#include "fuzz/support/fuzz.h"

namespace inxt::fuzz {
namespace {

void commitments(std::string_view text) {
  const sys::Fd fd = fd_of(text);
  client::LineReader lines(fd.number(), "input");
  const auto read = client::read_commitments(lines, "input");
  if (!read) return;
  std::string written;
  CHECK_BUG(client::write_commitments(read->hosts, [&](std::string_view line) -> Result<void> {
    written += line;
    return {};
  }));
  const sys::Fd again_fd = fd_of(written);
  client::LineReader again_lines(again_fd.number(), "written");
  const auto again = client::read_commitments(again_lines, "written");
  CHECK_BUG(again && again->hosts.size() == read->hosts.size());
  for (std::size_t i = 0; i < read->hosts.size(); ++i)
    CHECK_BUG(again->hosts[i].commitment() == read->hosts[i].commitment());
  (void)client::committed_by(read->hosts);
}

void beacon(std::string_view text) {
  const auto read = format::read_beacon_file(text, "beacon");
  if (!read) return;
  CHECK_BUG(read->time_unix_s && format::check_beacon(*read, "beacon"));
  if (read->source != format::BeaconSource::drand) return;
  CHECK_BUG(format::first_round_at(read->chain, *read->time_unix_s) == read->round);
}

}  // namespace

void fuzz(ByteView input) {
  if (input.empty()) return;
  const auto text = text_of(input.subspan(1));
  if (input[0] == std::byte{'b'})
    beacon(text);
  else
    commitments(text);
}

}  // namespace inxt::fuzz
