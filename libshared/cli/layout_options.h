// SPDX-License-Identifier: LGPL-3.0-or-later
// How a file is protected and written, on the command line of the tools that make pieces: -e K+M, -m N, -s
// SIZE; and of those that encrypt: -r RECIPIENT, -z[=LEVEL], --pad.
#pragma once

#include "cli/command.h"
#include "crypto/random.h"
#include "format/layout.h"
#include "keys/bech32.h"

namespace inxt::cli {

struct LayoutOptions {
  std::optional<std::string> redundancy;  // K+M
  std::optional<std::uint32_t> mirrors;
  std::optional<std::uint64_t> shard_bytes;
  bool given() const { return redundancy || mirrors || shard_bytes; }
};

void declare_layout_options(Command& command, LayoutOptions& to);

/// 4+2 where nothing was said, with a fresh seal key.  Errors: usage, naming the limit.
Result<format::Layout> layout_of(const LayoutOptions& options, crypto::Random& random);

struct ContentOptions {
  std::vector<std::string> recipients;
  std::optional<std::string> zstd;  // level
  bool pad = false;
  bool given() const { return !recipients.empty() || zstd || pad; }
};

void declare_content_options(Command& command, ContentOptions& to);

/// Errors: usage, saying which recipient is wrong and why.
Result<std::vector<keys::Recipient>> recipients_of(const ContentOptions& options);
/// Nothing where -z was not given.  Errors: usage unless it is 1 to 19.
Result<std::optional<int>> zstd_level_of(const ContentOptions& options);

}  // namespace inxt::cli
