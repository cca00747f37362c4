// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/layout_options.h"

#include <fmt/format.h>

#include "cli/escape.h"
#include "cli/units.h"

namespace inxt::cli {
namespace {

constexpr std::uint32_t kDefaultData = 4;
constexpr std::uint32_t kDefaultParity = 2;

}  // namespace

void declare_layout_options(Command& command, LayoutOptions& to) {
  command
      .text("-e,--erasure", "K+M", to.redundancy,
            "K data and M parity shards a segment: any K of K+M Hosts give the file back (default 4+2)")
      .setting()
      .not_with("mirrors")
      .in_group("Redundancy");
  command
      .number("-m,--mirrors", "N", to.mirrors, 1, format::kMirrorsMax,
              "N mirrors instead, each sealed differently")
      .setting()
      .in_group("Redundancy");
  command
      .size("-s,--shard-size", "SIZE", to.shard_bytes, "bytes of a shard, a multiple of 4 KiB, at most 2 MiB")
      .setting()
      .in_group("Redundancy");
}

Result<format::Layout> layout_of(const LayoutOptions& options, crypto::Random& random) {
  format::Layout layout;
  layout.k = kDefaultData;
  layout.m = kDefaultParity;
  if (options.mirrors) {
    layout.k = 1;
    layout.m = 0;
    layout.mirrors = *options.mirrors;
  } else if (options.redundancy) {
    const auto asked = TRY(parse_redundancy(*options.redundancy));
    layout.k = asked.data;
    layout.m = asked.parity;
  }
  layout.shard_bytes = format::default_shard_bytes(layout.k, layout.m);
  if (options.shard_bytes) {
    if (*options.shard_bytes > format::kShardBytesMax)
      return fail(Code::usage,
                  fmt::format("a shard has at most {} bytes (kShardBytesMax)", format::kShardBytesMax));
    layout.shard_bytes = static_cast<std::uint32_t>(*options.shard_bytes);
    const auto segment = std::uint64_t{layout.shard_bytes} * layout.shards();
    if (segment > format::kSegmentMemoryBytes)
      return fail(Code::usage,
                  fmt::format("a segment would take {} bytes of memory, more than {} (kSegmentMemoryBytes)",
                              segment, format::kSegmentMemoryBytes),
                  fmt::format("with {}+{} a shard has at most {} bytes", layout.k, layout.m,
                              format::default_shard_bytes(layout.k, layout.m)));
  }
  random.fill(layout.seal_key);
  TRY(format::check_layout(layout));
  return layout;
}

void declare_content_options(Command& command, ContentOptions& to) {
  command
      .texts("-r,--recipient", "RECIPIENT", to.recipients,
             "someone else who can read it (inxtr1...); may be given often")
      .in_group("Content");
  command
      .attached("-z,--compress", "LEVEL", to.zstd, "3",
                "compress with zstd, in its seekable format; LEVEL is 1 to 19")
      .setting()
      .in_group("Content");
  command.flag("--pad", to.pad, "hide the exact length (Padme: at most 12 % more)")
      .setting()
      .in_group("Content");
}

Result<std::vector<keys::Recipient>> recipients_of(const ContentOptions& options) {
  std::vector<keys::Recipient> out;
  for (const auto& text : options.recipients)
    out.push_back(TRY_IN(fmt::format("-r {}", escape(text)), keys::recipient_from_text(text)));
  return out;
}

Result<std::optional<int>> zstd_level_of(const ContentOptions& options) {
  if (!options.zstd) return std::optional<int>{};
  return std::optional<int>(static_cast<int>(TRY_IN("-z", parse_integer(*options.zstd, 1, 19))));
}

}  // namespace inxt::cli
