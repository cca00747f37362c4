// SPDX-License-Identifier: AGPL-3.0-or-later
#include "shared.h"

#include <fmt/format.h>

#include "cli/disputes.h"
#include "cli/escape.h"
#include "cli/output_folder.h"
#include "client/file_stream.h"
#include "client/share_reader.h"

namespace inxt::get_tool {
namespace {

class SharedGet {
 public:
  SharedGet(cli::World& world, const Options& options) : world_(world), options_(options) {}

  Result<void> open() {
    const auto hosts = TRY(client::read_hosts_file(options_.hosts, world_.stop().fd()));
    cli::warn_of_disputes(world_, hosts);
    hosts_ = client::addresses_of(hosts);
    auto access = TRY(cli::open_share_access(world_, options_.share, options_.key, options_.signers));
    reader_ = TRY(client::ShareReader::open(std::move(access), world_.clock(), world_.random()));
    return {};
  }

  Result<cli::Exit> one(std::optional<client::PlainRange> range);
  Result<cli::Exit> folder();

 private:
  Result<void> fetch(const format::SharedFile& file, sys::OutputFile& output,
                     std::optional<client::PlainRange> range);
  Result<void> into(const cli::OutputFolder& below, const client::SharedItem& item, std::string_view path);
  std::string verified() const {
    return hosts_replaced_ == 0 ? std::string("verified")
                                : fmt::format("verified; {} Hosts replaced", hosts_replaced_);
  }

  cli::World& world_;
  const Options& options_;
  std::vector<transfer::HostAddress> hosts_;
  std::unique_ptr<client::ShareReader> reader_;
  unsigned hosts_replaced_ = 0;
};

Result<void> SharedGet::fetch(const format::SharedFile& file, sys::OutputFile& output,
                              std::optional<client::PlainRange> range) {
  client::GetOptions options;
  options.jobs = options_.jobs;
  client::GetCallbacks callbacks;
  callbacks.on_progress = [this](std::uint64_t bytes, unsigned in_use) {
    world_.progress().set_hosts(in_use);
    world_.progress().add_bytes(bytes);
  };
  callbacks.stopped = [this] { return world_.stop().requested(); };
  const auto report = TRY(reader_->get(file, hosts_, std::make_unique<client::OutputSink>(output), range,
                                       options, std::move(callbacks)));
  for (const auto& trouble : report.troubles) world_.detail(cli::escape(trouble));
  hosts_replaced_ += report.hosts_replaced;
  return {};
}

Result<cli::Exit> SharedGet::one(std::optional<client::PlainRange> range) {
  const auto* file = TRY(client::find_in(reader_->bundle(), options_.manifest));
  auto output = TRY(world_.output(options_.output, cli::World::Kind::binary));
  world_.progress().begin("getting", file->bytes.value_or(0));
  TRY(fetch(*file, output, range));
  TRY(output.commit());
  world_.progress().finish();
  world_.say(verified());
  return cli::Exit::ok;
}

Result<void> SharedGet::into(const cli::OutputFolder& below, const client::SharedItem& item,
                             std::string_view path) {
  if (item.file == nullptr) {
    TRY(below.folder(path));
    return {};
  }
  auto file = TRY(below.file(path, item.file->mode, options_.force));
  TRY(fetch(*item.file, file.output, std::nullopt));
  return file.commit(item.file->mtime_unix_s);
}

Result<cli::Exit> SharedGet::folder() {
  const auto& names = reader_->names();
  const auto wanted = options_.manifest.value_or("");
  const auto found = names.find(wanted);
  if (!found)
    return fail(Code::not_found, fmt::format("the share has no folder {}", cli::escape(wanted)),
                "inxt-ls with the same share shows what there is");
  if (found->file != nullptr)
    return fail(Code::usage, fmt::format("{} is a file", cli::escape(found->path)), "leave out -R");
  const auto below = TRY(cli::OutputFolder::open(*options_.output));
  const auto items = names.walk(found->path);
  const auto skip = found->path.empty() ? 0 : found->path.size() + 1;
  reader_->expect(items);
  std::uint64_t bytes = 0;
  for (const auto& item : items) bytes += item.file != nullptr ? item.file->bytes.value_or(0) : 0;
  world_.progress().begin("getting", bytes);
  std::uint64_t files = 0, failed = 0;
  auto worst = cli::Exit::ok;
  std::optional<Error> first;
  for (const auto& item : items) {
    if (world_.stop().requested())
      return fail(Code::failure, "stopped", "the files that are whole are there");
    std::string path = "/";
    path += item.path.substr(skip);
    const auto done = into(below, item, path);
    if (done) {
      if (item.file != nullptr) ++files;
      continue;
    }
    ++failed;
    worst = cli::worse(worst, static_cast<cli::Exit>(done.error().code));
    world_.warn(fmt::format("{}: {}", cli::escape(item.path), cli::escape(done.error().what)));
    if (!first) first = done.error();
    if (reader_->has_ended()) break;
  }
  world_.progress().finish();
  if (failed > 0 && files == 0) return std::unexpected(*first);
  world_.say(reader_->has_ended() ? fmt::format("{} files; the share has ended", files)
                                  : fmt::format("{} files, {} left out", files, failed));
  world_.say(verified());
  return failed == 0 ? cli::Exit::ok : cli::worse(worst, cli::Exit::partial);
}

}  // namespace

Result<cli::Exit> get_shared(cli::World& world, const Options& options) {
  if (!options.folders.empty()) return fail(Code::usage, "--dir is for manifests, not for shares");
  if (options.kept) return fail(Code::usage, "--kept is for names in your tree, not for shares");
  if (options.manifest && client::is_tree_path(*options.manifest))
    return fail(Code::usage, "a share's names are not those of your tree",
                "say the path in the share: a/b.tar");
  if (options.force && !options.recursive) return fail(Code::usage, "--force goes with -R");
  if (options.recursive && (!options.output || *options.output == "-"))
    return fail(Code::usage, "-R needs a folder to write to", "-o DIR");
  if (options.recursive && options.range) return fail(Code::usage, "--range is for one file");
  std::optional<client::PlainRange> range;
  if (options.range) range = TRY_IN("--range", client::parse_range(*options.range));
  SharedGet get(world, options);
  TRY(get.open());
  return options.recursive ? get.folder() : get.one(range);
}

}  // namespace inxt::get_tool
