// SPDX-License-Identifier: AGPL-3.0-or-later
// Files and manifests, under their names and without one.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "client/file_stream.h"
#include "client/get_file.h"
#include "client/object_manifest.h"
#include "client/reader_keys.h"
#include "client/recover_line.h"
#include "recover_tool.h"

namespace inxt::recover_tool {
namespace {

constexpr std::string_view kManifestEnds = ".inxt";
constexpr std::size_t kKeptIdDigits = 8;

Result<std::string> whole(const client::ManifestText& text) {
  if (const auto there = text.in_memory()) return std::string(*there);
  const auto source = TRY(text.source());
  std::string out(text.bytes(), '\0');
  const auto got = TRY(source->read(std::as_writable_bytes(std::span(out))));
  if (got != out.size()) return fail(Code::failure, "a manifest has become shorter");
  return out;
}

/// A name from a file's private part as one of a folder.
std::string file_name(const std::string& name, const FileId& file) {
  std::string out = name;
  for (auto& letter : out)
    if (letter == '/' || letter == '\0') letter = '_';
  const bool fits = !out.empty() && out != "." && out != ".." && format::is_utf8(out) &&
                    out.size() + kManifestEnds.size() + 10 <= format::kTreeNameBytesMax;
  return fits ? out : file.hex();
}

}  // namespace

Result<void> Recovery::lost(std::string_view type, const std::string& name, const Error& error) {
  if (stopped()) return std::unexpected(error);
  ++tally_.lost;
  tally_.worst = cli::worse(tally_.worst, static_cast<cli::Exit>(error.code));
  world_.warn(fmt::format("{}: {}", cli::escape(name), cli::escape(error.what)));
  if (!world_.common().json) return {};
  format::Json line;
  line["type"] = type;
  line["name"] = cli::escape(name);
  line["error"] = code_name(error.code);
  line["message"] = cli::escape(error.what);
  return world_.print_json(line);
}

Result<client::ManifestText> Recovery::text_of(const format::ManifestRef& manifest, const std::string& name) {
  const auto now = world_.clock().unix_s();
  const auto with_places = [&](std::string_view lines) -> Result<client::ManifestText> {
    client::ManifestText out;
    auto check = TRY(client::writers_known_to(key_, {}, now));
    const auto table = TRY(client::table_of(lines, std::move(check)));
    TRY(out.write(lines));
    TRY(client::add_places(recover_, table, out));
    return out;
  };
  if (const auto* whole_manifest = std::get_if<format::InlineManifest>(&manifest))
    return with_places(whole_manifest->lines);
  // A long one lies in a file itself, and its pieces may have moved too.
  format::StoredManifest stored = std::get<format::StoredManifest>(manifest);
  const auto uploader = TRY(client::uploader_of(manifest));
  const auto places = TRY(with_places(stored.manifest));
  stored.manifest = TRY(whole(places));
  client::ManifestText out;
  TRY(session_.run(client::load_manifest(network_as(uploader), key_, stored, recover_.hosts,
                                         std::make_unique<client::ManifestTextSink>(out))));
  auto check = TRY(client::writers_known_to(key_, {}, now));
  const auto table = TRY(out.table(name, std::move(check), client::ManifestTable::Seal::required));
  TRY(client::add_places(recover_, table, out));
  return out;
}

Result<void> Recovery::write_text(const cli::OutputFolder& to, const std::string& path,
                                  std::int64_t mtime_unix_s, const client::ManifestText& text) {
  auto file = TRY(to.file(path, 0600, options_.force));
  const auto lines = TRY(whole(text));
  TRY(file.output.write(view_of(lines)));
  return file.commit(mtime_unix_s);
}

Result<void> Recovery::write_version(const cli::OutputFolder& to, const std::string& path,
                                     const tree::Version& version) {
  auto record = TRY(log_->record(version));
  std::vector<client::ManifestText> texts;
  for (const auto& manifest : record.manifests) {
    auto text = TRY(text_of(manifest, path));
    auto check = TRY(client::writers_known_to(key_, {}, world_.clock().unix_s()));
    claim(TRY(text.table(path, std::move(check), client::ManifestTable::Seal::required)));
    texts.push_back(std::move(text));
  }
  if (!options_.files) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto name =
          texts.size() == 1 ? std::string(kManifestEnds) : fmt::format(".{}{}", i, kManifestEnds);
      TRY(write_text(to, path + name, version.mtime_unix_s, texts[i]));
    }
    return {};
  }
  for (std::size_t i = 0; i < texts.size(); ++i)
    record.manifests[i] = format::InlineManifest{.lines = TRY(whole(texts[i]))};
  auto file = TRY(to.file(path, version.mode, options_.force));
  client::ObjectReadOptions reading;
  reading.hosts = recover_.hosts;
  reading.as = [this](std::uint32_t uploader) {
    return client::GetAs{.network = network_as(uploader), .receipts = nullptr};
  };
  client::GetCallbacks callbacks;
  callbacks.stopped = [this] { return stopped(); };
  callbacks.on_progress = [this](std::uint64_t bytes, unsigned hosts) {
    world_.progress().set_hosts(hosts);
    world_.progress().add_bytes(bytes);
  };
  TRY(session_.run(client::read_object(network_as(0), key_, record,
                                       std::make_unique<client::OutputSink>(file.output), std::nullopt,
                                       std::move(reading), std::move(callbacks))));
  return file.commit(version.mtime_unix_s);
}

void Recovery::claim(const client::ManifestTable& manifest) {
  const auto& chain = manifest.chain();
  if (const auto number = state_.find(chain.header_line, chain.layout_line)) claimed_.insert(*number);
}

Result<void> Recovery::claim(const tree::Version& version) {
  const auto record = TRY(log_->record(version));
  for (const auto& manifest : record.manifests) {
    const auto text = TRY(text_of(manifest, version.record.hex()));
    auto check = TRY(client::writers_known_to(key_, {}, world_.clock().unix_s()));
    claim(TRY(text.table("manifest", std::move(check), client::ManifestTable::Seal::required)));
  }
  return {};
}

Result<void> Recovery::write_tree(const std::string& folder) {
  const auto& tree = log_->tree();
  if (tree.names() == 0 && tree.kept().empty()) return {};
  const auto top = TRY(cli::OutputFolder::open(folder));
  const auto to = TRY(cli::OutputFolder::open(folder + "/tree"));
  struct Wanted {
    std::string path;
    const tree::Version* version;
  };
  std::vector<Wanted> wanted;
  std::uint64_t bytes = 0;
  tree.walk(tree::Names::kRoot, [&](const tree::Item& one) {
    if (one.node != tree::Names::kRoot) wanted.push_back({tree.path_of(one.node), one.version});
    if (one.version != nullptr) bytes += one.version->bytes;
    return true;
  });
  for (const auto& [object, version] : tree.unnamed()) {
    wanted.push_back({"/" + object.hex(), version.get()});
    bytes += version->bytes;
  }
  world_.progress().begin("recovering", options_.files ? std::optional(bytes) : std::nullopt);
  for (const auto& [path, version] : wanted) {
    if (stopped()) return fail(Code::failure, "stopped", "the same command with --force goes on");
    if (version == nullptr) {
      if (const auto made = to.folder(path); !made) TRY(lost("lost", path, made.error()));
      continue;
    }
    if (const auto written = write_version(to, path, *version); !written) {
      TRY(lost("lost", path, written.error()));
      continue;
    }
    ++tally_.files;
    tally_.bytes += version->bytes;
    if (!world_.common().json) continue;
    format::Json line;
    line["type"] = "file";
    line["path"] = cli::escape(path);
    line["bytes"] = version->bytes;
    line["uploader"] = version->uploader;
    line["record"] = version->record.hex();
    TRY(world_.print_json(line));
  }
  if (!options_.versions) {
    for (const auto& kept : tree.kept())
      if (const auto claimed = claim(*kept.version); !claimed)
        world_.detail(cli::escape(claimed.error().what));
    return {};
  }
  const auto kept_to = TRY(cli::OutputFolder::open(folder + "/kept"));
  for (const auto& kept : tree.kept()) {
    const auto id = kept.version->record.hex().substr(0, kKeptIdDigits);
    const auto path =
        fmt::format("{}.{}", kept.path.empty() ? "/" + kept.version->object.hex() : kept.path, id);
    if (const auto written = write_version(kept_to, path, *kept.version); !written)
      TRY(lost("lost-version", path, written.error()));
    else
      ++tally_.versions;
  }
  return {};
}

Result<void> Recovery::write_unnamed(const cli::OutputFolder& to, std::size_t number) {
  const auto opened = TRY(client::open_found_file(state_, number, key_));
  const auto& part = opened.second;
  const auto rebuilt = TRY(session_.run(client::rebuild_manifest(recover_, number)));
  tally_.remade_lines += rebuilt.remade_lines;
  const auto name = file_name(part.name, state_.file(number));
  const auto mtime = part.mtime_unix_s.value_or(world_.clock().unix_s());
  std::string path = "/" + name;
  const auto ends = options_.files ? std::string_view() : kManifestEnds;
  auto file = to.file(path + std::string(ends), options_.files ? part.mode.value_or(0600) : 0600, false);
  if (!file && file.error().code == Code::usage) {  // another of that name
    path = fmt::format("/{}~{}", name, state_.file(number).hex().substr(0, kKeptIdDigits));
    file =
        to.file(path + std::string(ends), options_.files ? part.mode.value_or(0600) : 0600, options_.force);
  }
  if (!file) return std::unexpected(std::move(file).error());
  if (!options_.files) {
    const auto lines = TRY(whole(rebuilt.text));
    TRY(file->output.write(view_of(lines)));
  } else {
    auto check = TRY(client::writers_known_to(key_, {}, world_.clock().unix_s()));
    const auto table = TRY(rebuilt.text.table(name, std::move(check), client::ManifestTable::Seal::required));
    client::GetCallbacks callbacks;
    callbacks.stopped = [this] { return stopped(); };
    TRY(session_.run(client::get_file(network_as(table.header().uploader), table, opened.first, part,
                                      recover_.hosts, std::make_unique<client::OutputSink>(file->output),
                                      std::nullopt, {}, std::move(callbacks))));
  }
  TRY(file->commit(mtime));
  ++tally_.unnamed;
  if (!world_.common().json) return {};
  format::Json line;
  line["type"] = "unnamed";
  line["name"] = cli::escape(path.substr(1));
  line["file"] = state_.file(number).hex();
  line["uploader"] = state_.uploader(number);
  return world_.print_json(line);
}

Result<void> Recovery::write_rest(const std::string& folder) {
  std::optional<cli::OutputFolder> to;
  for (std::size_t number = 0; number < kinds_.size(); ++number) {
    const bool is_own =
        kinds_[number] == client::FoundKind::file || kinds_[number] == client::FoundKind::unreadable;
    if (!is_own || claimed_.contains(number)) continue;
    if (stopped()) return fail(Code::failure, "stopped", "the same command with --force goes on");
    if (!to) {
      TRY(cli::OutputFolder::open(folder));
      to = TRY(cli::OutputFolder::open(folder + "/recovered"));
    }
    if (const auto written = write_unnamed(*to, number); !written)
      TRY(lost("lost", state_.file(number).hex(), written.error()));
  }
  return {};
}

}  // namespace inxt::recover_tool
