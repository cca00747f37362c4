// SPDX-License-Identifier: LGPL-3.0-or-later
// A file's plaintext, or a range of it, out of its segments.  Tool: inxt-get(1).
#pragma once

#include "client/get.h"
#include "format/generation.h"

namespace inxt::client {

/// Bytes of the plaintext, both ends counted, as in HTTP.
struct PlainRange {
  std::uint64_t first = 0;
  std::optional<std::uint64_t> last;
};

/// "100-199", "100-".  Errors: usage.
Result<PlainRange> parse_range(std::string_view text);

/// Gets what is asked for and finishes `plain`.  A range costs only its own segments, and where the file is compressed
/// those of its frames and of the table at the end; of a padded file, all segments up to its end.
/// Errors: get()'s; usage when the range begins behind the file's end; integrity when the plaintext is not what the
/// manifest's private part says.
net::Awaitable<Result<GetReport>> get_file(Network network, const ManifestTable& manifest,
                                           const format::Generation& generation, const format::PrivatePart& part,
                                           std::vector<transfer::HostAddress> hosts, std::unique_ptr<ByteSink> plain,
                                           std::optional<PlainRange> range, GetOptions options, GetCallbacks callbacks);

}  // namespace inxt::client
