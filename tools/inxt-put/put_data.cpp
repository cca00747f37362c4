// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/content_stream.h"
#include "client/data_batches.h"
#include "client/file_stream.h"
#include "put_tool.h"
#include "sys/files.h"

namespace inxt::put_tool {

Result<cli::Exit> put_data(cli::World& world, const Options& options, cli::Input input) {
  const auto layout = TRY(cli::layout_of(options.layout, world.random()));
  const auto recipients = TRY(cli::recipients_of(options.content));
  const client::Content content{.zstd_level = TRY(cli::zstd_level_of(options.content)), .pad = options.content.pad};
  auto hosts = TRY(hosts_for(options, layout));
  const auto facts = client::facts_of(input.fd, input.is_standard_input() ? "-" : *options.input);
  if (options.dry_run) return say_plan(world, layout, facts.plain_bytes, hosts);

  const auto key = TRY(world.key(options.key));
  auto head = TRY(client::begin_manifest(key, facts, content, recipients, world.random()));
  if (head.name_left_out) world.warn("the file's name is too long for a manifest and is left out");
  world.progress().begin("putting", facts.plain_bytes);
  auto plain = std::make_unique<client::FdSource>(input.fd, input.name);
  auto ciphertext = TRY(client::encrypting_source(std::move(plain), head.generation, head.part,
                                                  content.zstd_level.value_or(client::kZstdLevelDefault)));
  const auto source = TRY(client::DataBatches::make(std::move(head), layout, std::move(ciphertext)));
  return put_from(world, options, key, std::move(hosts), *source, input.name);
}

}  // namespace inxt::put_tool
