// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include "client/content_stream.h"
#include "client/data_batches.h"
#include "client/file_stream.h"
#include "client/padding.h"
#include "put_tool.h"
#include "sys/files.h"

namespace inxt::put_tool {
namespace {

/// Reads as much of the file as was journaled, and goes back to where it began.
Result<bool> is_unchanged(const client::UnfinishedPut& unfinished, std::unique_ptr<client::ByteSource> ciphertext,
                          const cli::Input& input) {
  const auto begin = ::lseek(input.fd, 0, SEEK_CUR);
  const bool same = TRY(client::same_as_journaled(unfinished, std::move(ciphertext)));
  if (::lseek(input.fd, begin, SEEK_SET) != begin) return fail_errno(errno, input.name);
  return same;
}

}  // namespace


namespace {

/// Of the ciphertext, where it is known before it is made: what zstd makes of a file is not.
std::optional<std::uint64_t> ciphertext_bytes(const client::SourceFacts& facts, const client::Content& content) {
  if (!facts.plain_bytes || content.zstd_level) return std::nullopt;
  return content.pad ? client::padme(*facts.plain_bytes + 1) : *facts.plain_bytes;
}

/// With the Bridge's placement: what it gave, or the layout that an earlier put was begun with.
Result<format::Layout> placed_layout(cli::World& world, Destination& to, const FileId& file,
                                     const std::optional<format::Layout>& wanted) {
  auto layout = TRY(to.session.run(to.placed->begin(file, wanted)));
  if (wanted)
    layout.seal_key = wanted->seal_key;
  else
    world.random().fill(layout.seal_key);
  return layout;
}

}  // namespace

Result<cli::Exit> put_data(cli::World& world, const Options& options, cli::Input input) {
  const auto bridge = TRY(bridge_for(options));
  // Where nothing is said of it, a Bridge decides.
  std::optional<format::Layout> layout;
  if (!bridge || options.layout.given()) layout = TRY(cli::layout_of(options.layout, world.random()));
  const auto recipients = TRY(cli::recipients_of(options.content));
  const client::Content content{.zstd_level = TRY(cli::zstd_level_of(options.content)), .pad = options.content.pad};
  std::vector<format::Descriptor> hosts;
  if (!bridge) hosts = TRY(hosts_for(world, options, *layout));
  const auto facts = client::facts_of(input.fd, input.is_standard_input() ? "-" : *options.input);
  if (options.dry_run && bridge) return say_placement(world, options, *bridge, layout, ciphertext_bytes(facts, content));
  if (options.dry_run) return say_plan(world, *layout, facts.plain_bytes, hosts);

  const auto key = TRY(world.key(options.key));
  const auto to = bridge ? TRY(destination_by(world, options, key, *bridge, ciphertext_bytes(facts, content)))
                         : TRY(destination_among(world, key, std::move(hosts)));
  const auto folder = TRY(client::PutJournal::folder());
  const client::WantedPut wanted{.facts = facts, .content = content, .recipients = recipients, .layout = layout};
  const auto ciphertext_of = [&](const format::Generation& generation, const format::PrivatePart& part) {
    auto plain = std::make_unique<client::FdSource>(input.fd, input.name);
    plain->stop_on(world.stop().fd());
    plain->begin_with(input.begin);
    return client::encrypting_source(std::move(plain), generation, part,
                                     content.zstd_level.value_or(client::kZstdLevelDefault));
  };
  if (facts.plain_bytes && !input.is_standard_input()) {
    auto unfinished = TRY(client::find_unfinished(folder, key, wanted));
    bool same = false;
    if (unfinished) {
      auto earlier = TRY(ciphertext_of(unfinished->generation, unfinished->part));
      same = TRY(is_unchanged(*unfinished, std::move(earlier), input));
    }
    if (same) {
      if (to->placed) TRY(placed_layout(world, *to, unfinished->writer.chain().header->file, unfinished->layout));
      world.say(fmt::format("going on with a put that was cut off: {} pieces are stored already", unfinished->pieces.places.size()));
      world.progress().begin("putting", facts.plain_bytes);
      auto journal = std::move(unfinished->journal);
      auto again = TRY(ciphertext_of(unfinished->generation, unfinished->part));
      const auto source = TRY(client::DataBatches::resume(*unfinished, std::move(again)));
      return put_from(world, options, key, *to, *source, std::move(journal), input.name);
    }
  }
  auto head = TRY(client::begin_manifest(key, facts, content, recipients, world.random()));
  if (head.name_left_out) world.warn("the file's name is too long for a manifest and is left out");
  if (to->placed) layout = TRY(placed_layout(world, *to, head.writer.chain().header->file, layout));
  world.progress().begin("putting", facts.plain_bytes);
  auto ciphertext = TRY(ciphertext_of(head.generation, head.part));
  const auto source = TRY(client::DataBatches::make(std::move(head), *layout, std::move(ciphertext)));
  return put_from(world, options, key, *to, *source, client::PutJournal(folder, client::PutJournal::Of::data), input.name);
}

}  // namespace inxt::put_tool
