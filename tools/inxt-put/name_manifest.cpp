// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-put photos.inxt inxt:/photos.tar: what was put without a name gets one.  The manifest goes into the
// tree; its pieces stay where they are.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "cli/units.h"
#include "client/manifest_table.h"
#include "client/reader_keys.h"
#include "client/spool.h"
#include "client/tree_change.h"
#include "client/tree_path.h"
#include "put_tool.h"
#include "sys/files.h"

namespace inxt::put_tool {
namespace {

constexpr std::size_t kCopyBytes = 64 * 1024;
constexpr std::string_view kManifestSuffix = ".inxt";

/// All of it, in a file without a name.
Result<sys::Fd> copy_of_all(cli::World& world, const cli::Input& input) {
  const auto spool = TRY(client::Spool::of_user());
  sys::Fd file(::open(spool.folder().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file) return fail_errno(errno, spool.folder());
  TRY(sys::write_all(file.number(), view_of(input.begin), "a manifest"));
  Bytes buffer(kCopyBytes);
  for (;;) {
    const auto got = TRY(world.read(input, buffer));
    if (got == 0) return file;
    TRY(sys::write_all(file.number(), ByteView(buffer).first(got), "a manifest"));
  }
}

Result<void> rewind(const sys::Fd& file) {
  if (::lseek(file.number(), 0, SEEK_SET) != 0) return fail_errno(errno, "a manifest");
  return {};
}

/// Of the plaintext.
Result<std::uint64_t> bytes_of(const client::ManifestTable& table, const format::PrivatePart& part) {
  if (part.plain_bytes) return *part.plain_bytes;
  if (!part.zstd && !part.padded) return table.ciphertext_bytes();
  return fail(Code::usage,
              "its length does not stand in the manifest: it came from a pipe, and was compressed or padded",
              "put it anew: inxt-get MANIFEST | inxt-put -z - inxt:/NAME");
}

std::string name_of(const format::PrivatePart& part, const cli::Input& manifest, std::string_view file) {
  if (!part.name.empty() || manifest.is_standard_input()) return part.name;
  file.remove_prefix(file.rfind('/') + 1);
  if (file.ends_with(kManifestSuffix)) file.remove_suffix(kManifestSuffix.size());
  return std::string(file);
}

/// Pieces that no Host is said to have.  Errors: usage where that is all of them.
Result<std::uint64_t> without_place(const client::ManifestTable& table) {
  std::uint64_t out = 0;
  for (std::uint64_t piece = 0; piece < table.pieces(); ++piece) out += table.hosts_of(piece).empty();
  if (out == table.pieces())
    return fail(Code::usage, "nothing of this manifest is stored yet",
                "inxt-put MANIFEST > STORED stores it, then inxt-put STORED inxt:/NAME names it");
  return out;
}

}  // namespace

Result<std::optional<cli::Input>> manifest_in(cli::World& world, const std::string& file,
                                              std::optional<cli::Input>& standard_input) {
  std::optional<cli::Input> out;
  if (standard_input) {
    if (TRY(world.begins_with(*standard_input, kManifestBegins))) out = std::move(standard_input);
    return out;
  }
  if (TRY(sys::status_of(file)).kind != sys::FileKind::regular) return out;
  auto input = TRY(world.input(file, "data"));
  if (TRY(world.begins_with(input, kManifestBegins))) out = std::move(input);
  return out;
}

Result<cli::Exit> name_manifest(cli::World& world, const Options& options, client::TreeSession& tree,
                                const client::TreePath& to, cli::Input manifest, format::Metadata metadata,
                                const std::optional<Care>& care) {
  if (options.layout.given() || options.content.given())
    return fail(Code::usage, manifest.name + " is a manifest, and what it is of is stored already",
                "leave out -e, -m, -s, -r, -z and --pad to give that a name; to store the manifest itself "
                "say --data");
  if (!tree.view().readable())
    return fail(Code::denied, "a delegated machine's key reads no manifest", "use the owner's key file");
  const auto& key = tree.key();
  const auto file = TRY(copy_of_all(world, manifest));
  TRY(rewind(file));
  client::LineReader lines(file.number(), manifest.name);
  const auto known = TRY(client::writers_known_to(key, {}, world.clock().unix_s()));
  const auto table = TRY(client::ManifestTable::read(lines, manifest.name, known));
  const auto missing = TRY_IN(manifest.name, without_place(table));
  const auto generation = TRY_IN(manifest.name, client::open_generation(key, table.chain()));
  const auto part = TRY_IN(manifest.name, generation.open_private(table.header()));
  const auto bytes = TRY_IN(manifest.name, bytes_of(table, part));

  const auto there = tree.tree().find(to.path);
  auto path = to.path;
  if (to.is_folder_said || (there && there->is_folder)) {
    const auto name = name_of(part, manifest, options.files.front());
    if (name.empty())
      return fail(Code::usage, "the manifest does not say the file's name",
                  fmt::format("say one: inxt:{}", cli::escape(to.with("NAME"))));
    path = to.with(name);
  }
  TRY_IN(cli::escape(path), format::split_path(path));
  const auto said = "inxt:" + cli::escape(path);
  if (options.dry_run) {
    world.say(fmt::format("would name {}, {}, {}", manifest.name, cli::show_size(bytes), said));
    return cli::Exit::ok;
  }

  const auto length = static_cast<std::uint64_t>(::lseek(file.number(), 0, SEEK_END));
  auto record = format::whole_object(bytes, TRY(tree.manifest_ref(file.number(), length)));
  record.mtime_unix_s = part.mtime_unix_s.value_or(world.clock().unix_s());
  record.mode = part.mode.value_or(0644);
  record.zstd = part.zstd;
  record.metadata = std::move(metadata);
  const auto change =
      TRY(client::change_tree(tree, options.change.keep_versions_s,
                              [&](const tree::Tree& now) { return tree.view().put_at(now, path, record); }));
  for (const auto& trouble : change.troubles) world.warn(cli::escape(trouble));
  auto exit = cli::Exit::ok;
  for (const auto& note : change.report.notes) {
    world.warn(cli::escape(tree::to_text(note)));
    if (!client::is_harmless(note)) exit = cli::Exit::partial;
  }
  if (missing > 0) {
    world.warn(fmt::format("{} of {} pieces are stored nowhere", missing, table.pieces()));
    exit = cli::worse(exit, cli::Exit::below_redundancy);
  }
  if (world.common().json) {
    format::Json line;
    line["type"] = "named";
    line["path"] = path;
    line["bytes"] = bytes;
    TRY(world.print_json(line));
  }
  world.say(fmt::format("{} is {} now, {}; its manifest stands in the tree", manifest.name, said,
                        cli::show_size(bytes)));
  if (care) {
    const auto named = tree.tree().find(path);
    std::vector<PutName> names;
    if (named && named->version != nullptr) names.push_back({.path = path, .record = named->version->record});
    TRY(entrust_names(world, *care, tree, names));
  }
  return exit;
}

}  // namespace inxt::put_tool
