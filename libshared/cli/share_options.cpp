// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/share_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/escape.h"
#include "format/share_file.h"
#include "format/share_link.h"

namespace inxt::cli {
namespace {

Result<void> check_signer(const std::string& where, const WriterId& writer,
                          const std::vector<std::string>& signers) {
  if (signers.empty() || std::ranges::find(signers, writer.hex()) != signers.end()) return {};
  return fail(Code::denied,
              fmt::format("{}: the share is signed by {}, which no --signer names", where, writer.hex()));
}

Result<format::ShareAccess> by_link(World& world, const std::string& path,
                                    const std::vector<std::string>& signers) {
  auto input = TRY(world.input(path, "a share's link"));
  auto text = TRY(sys::read_all(input.fd, format::kShareLinkBytesMax, input.name));
  auto access = format::read_share_link(text_of(text));
  crypto::wipe(text);
  if (!access) return std::unexpected(std::move(access).error().in(input.name));
  TRY(check_signer(input.name, access->writer, signers));
  return access;
}

Result<format::ShareAccess> by_file(World& world, const std::string& path, const KeyOptions& key_options,
                                    const std::vector<std::string>& signers) {
  auto input = TRY(world.input(path, "a share file"));
  const auto text = TRY(sys::read_all(input.fd, format::kShareFileBytesMax, input.name));
  const auto file = TRY_IN(input.name, format::read_share_file(text_of(text)));
  TRY(check_signer(input.name, file.writer, signers));
  if (file.expires_unix_s <= world.clock().unix_s())
    return fail(Code::denied, fmt::format("{}: the share has ended", input.name),
                "ask whoever shared it for a new one");
  const auto key = TRY(world.key(key_options));
  const auto secret = key.recipient_secret();
  if (!secret)
    return fail(Code::denied, "this key file is a delegated machine's: it reads nothing",
                "use the owner's key file");
  auto access = TRY_IN(input.name, format::open_share_file(file, *secret));
  if (signers.empty()) world.detail(fmt::format("shared by {}", file.writer.hex()));
  return access;
}

}  // namespace

void declare_share_options(Command& command, ShareOptions& to) {
  const std::string group = "Shares";
  command
      .text("--share", "FILE", to.share, "read what this share file, from inxt-share -r, lets your key read")
      .in_group(group)
      .not_with("link");
  command.text("--link", "FILE", to.link, "read what the link in this file shares; - for standard input")
      .in_group(group);
}

Result<format::ShareAccess> open_share_access(World& world, const ShareOptions& options,
                                              const KeyOptions& key,
                                              const std::vector<std::string>& signers) {
  return options.link ? by_link(world, *options.link, signers) : by_file(world, *options.share, key, signers);
}

}  // namespace inxt::cli
