// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include <ctime>

#include "cli/escape.h"
#include "format/share_file.h"
#include "format/share_link.h"
#include "share_tool.h"

namespace inxt::share_tool {
namespace {

constexpr std::size_t kManifestFileBytesMax = format::kShareManifestBytesMax;

std::string last_name(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path.substr(path.rfind('/') + 1));
}

std::string day_of(std::int64_t unix_s) {
  const std::time_t time = unix_s;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts)};
}

Result<client::ShareWanted> wanted_of(cli::World& world, const Options& options) {
  client::ShareWanted wanted;
  wanted.expires_unix_s = world.clock().unix_s() + options.term_s.value_or(kTermDefaultS);
  if (!options.recipients.empty())
    wanted.recipient =
        keys::recipient_text(TRY_IN("-r", keys::recipient_from_text(options.recipients.front())));
  if (options.what && client::is_tree_path(*options.what)) {
    wanted.what = TRY(client::parse_tree_path(*options.what)).path;
    return wanted;
  }
  auto input = TRY(world.input(options.what, "a manifest"));
  wanted.manifest = text_of(TRY(sys::read_all(input.fd, kManifestFileBytesMax, input.name)));
  wanted.what = input.is_standard_input() ? "manifest" : last_name(*options.what);
  return wanted;
}

}  // namespace

Result<cli::Exit> share(cli::World& world, const Options& options) {
  if (options.link != options.recipients.empty())
    return fail(Code::usage, "say either -r RECIPIENT or --link");
  if (options.recipients.size() > 1)
    return fail(Code::usage, "a share is for one recipient",
                "make one for each: then each can be ended by itself");
  if (options.link && !options.output && sys::is_terminal(sys::kStandardOutput))
    world.detail("the link goes to standard output: whoever has it reads the share");
  auto wanted = TRY(wanted_of(world, options));
  const auto expires = wanted.expires_unix_s;
  auto out = TRY(world.output(options.output, cli::World::Kind::text));
  const auto owner = TRY(open_owner(world, options));
  auto made = TRY(owner->session().run(client::make_share(owner->world(), owner->view(), std::move(wanted))));
  const auto id = made.keys.id();
  const format::ShareAccess access{.keys = std::move(made.keys),
                                   .bridge = owner->file.bridge.bridge,
                                   .addresses = owner->file.bridge.addresses,
                                   .writer = owner->key.uploader().writer_id()};
  if (options.link) {
    auto text = format::write_share_link(access);
    text.append(view_of("\n"));
    TRY(out.write(text.view()));
  } else {
    const auto recipient = TRY(keys::recipient_from_text(options.recipients.front()));
    const auto line = TRY(format::write_share_file(
        access, expires, recipient, keys::recipient_text(recipient), owner->key.uploader().writer()));
    TRY(out.write(view_of(line)));
  }
  TRY(out.commit());
  tell_left_out(world, made.left_out);
  if (options.output) TRY(print_left_out(world, id, made.left_out));
  TRY(store_log(world, *owner));
  world.say(fmt::format("shared until {}; inxt-share --revoke {} ends it", day_of(expires), id.hex()));
  return made.left_out.count == 0 ? cli::Exit::ok : cli::Exit::partial;
}

}  // namespace inxt::share_tool
