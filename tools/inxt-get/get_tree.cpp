// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include "cli/disputes.h"
#include "cli/escape.h"
#include "cli/output_folder.h"
#include "client/file_stream.h"
#include "client/tree_files.h"
#include "get_tool.h"

namespace inxt::get_tool {
namespace {

struct Opened {
  keys::Key key;
  format::KnownHosts hosts;
  std::unique_ptr<client::TreeSession> tree;
};

Result<std::unique_ptr<Opened>> open(cli::World& world, const Options& options) {
  const auto bridge = TRY(cli::need_bridge_file(options.bridge));
  auto hosts = TRY(client::read_hosts_file(options.hosts, world.stop().fd()));
  cli::warn_of_disputes(world, hosts);
  auto key = TRY(world.key(options.key));
  auto out = std::make_unique<Opened>(std::move(key), std::move(hosts), nullptr);
  out->tree = TRY(client::TreeSession::open(bridge, out->key, world.clock(), world.random()));
  if (!out->tree->view().readable())
    return fail(Code::denied, "a delegated machine's key reads no names", "use the owner's key file");
  return out;
}

struct Tally {
  std::uint64_t files = 0, bytes = 0, failed = 0;
  cli::Exit worst = cli::Exit::ok;
};

Result<void> get_one(const cli::OutputFolder& below, Fetcher& fetcher, client::TreeSession& tree,
                     const std::string& path, const tree::Version& version, const std::string& relative,
                     bool force) {
  auto file = TRY(below.file(relative, version.mode, force));
  const auto object = TRY(tree.object(path, version, false));
  client::OutputSink sink(file.output);
  TRY(fetcher.fetch(object, sink, std::nullopt));
  return file.commit(version.mtime_unix_s);
}

}  // namespace

Result<cli::Exit> get_named(cli::World& world, const Options& options) {
  std::optional<client::PlainRange> range;
  if (options.range) range = TRY_IN("--range", client::parse_range(*options.range));
  if (options.force) return fail(Code::usage, "--force goes with -R");
  const auto path = TRY_IN(cli::escape(*options.manifest), client::parse_tree_path(*options.manifest));
  const auto opened = TRY(open(world, options));
  const auto object = TRY(opened->tree->object(path.path, options.kept));
  auto output = TRY(world.output(options.output, cli::World::Kind::binary));
  world.progress().begin("getting", object.record.bytes);
  Fetcher fetcher(world, options, opened->key, opened->hosts);
  client::OutputSink sink(output);
  const auto got = fetcher.fetch(object, sink, range);
  const Result<void> committed = got ? output.commit() : got;
  if (committed && fetcher.has_receipts() && output.is_written_through()) end_standard_output();
  fetcher.end(committed.has_value());
  TRY(committed);
  world.progress().finish();
  say_verified(world, fetcher);
  return cli::Exit::ok;
}

Result<cli::Exit> get_folder(cli::World& world, const Options& options) {
  if (!options.output || *options.output == "-")
    return fail(Code::usage, "-R needs a folder to write to", "-o DIR");
  if (options.range || options.kept) return fail(Code::usage, "--range and --kept are for one file");
  const auto path = TRY_IN(cli::escape(*options.manifest), client::parse_tree_path(*options.manifest));
  const auto opened = TRY(open(world, options));
  const auto& tree = opened->tree->tree();
  const auto item = tree.find(path.path);
  if (!item)
    return fail(Code::not_found, fmt::format("{}: there is no such folder", cli::escape(path.said())),
                "inxt-ls shows what there is");
  if (!item->is_folder)
    return fail(Code::usage, fmt::format("{} is a file", cli::escape(path.said())), "leave out -R");
  const auto below = TRY(cli::OutputFolder::open(*options.output));
  const auto skip = path.path == "/" ? 0 : path.path.size();
  const auto files = client::files_named_below(tree, *item);
  std::vector<std::string> folders;
  std::uint64_t bytes = 0;
  tree.walk(item->node, [&](const tree::Item& one) {
    if (one.node != item->node && one.version == nullptr) folders.push_back(tree.path_of(one.node));
    if (one.version != nullptr) bytes += one.version->bytes;
    return true;
  });
  world.progress().begin("getting", bytes);
  Fetcher fetcher(world, options, opened->key, opened->hosts);
  Tally tally;
  std::optional<Error> first;
  const auto leave_out = [&](const std::string& from, const Error& error) {
    ++tally.failed;
    tally.worst = cli::worse(tally.worst, static_cast<cli::Exit>(error.code));
    world.warn(fmt::format("inxt:{}: {}", cli::escape(from), cli::escape(error.what)));
    if (!first) first = error;
  };
  for (const auto& from : folders)
    if (const auto made = below.folder(from.substr(skip)); !made) leave_out(from, made.error());
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (world.stop().requested()) return fail(Code::failure, "stopped", "the files that are whole are there");
    const auto& [from, version] = files[i];
    client::fetch_records_ahead(*opened->tree, files, i);
    const auto done = get_one(below, fetcher, *opened->tree, from, version, from.substr(skip), options.force);
    if (done)
      ++tally.files, tally.bytes += version.bytes;
    else
      leave_out(from, done.error());
  }
  fetcher.end(true);
  world.progress().finish();
  if (tally.failed > 0 && tally.files == 0) return std::unexpected(*first);
  world.say(fmt::format("{} files, {} left out", tally.files, tally.failed));
  say_verified(world, fetcher);
  return tally.failed == 0 ? cli::Exit::ok : cli::worse(tally.worst, cli::Exit::partial);
}

}  // namespace inxt::get_tool
