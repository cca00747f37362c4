// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/share_memory.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <tuple>

#include "sys/files.h"
#include "sys/lock_file.h"
#include "sys/output_file.h"
#include "sys/xdg.h"

namespace inxt::client {
namespace {

constexpr std::size_t kMemoryFileBytesMax = 4096;

struct Seen {
  std::uint64_t seq = 0;
  std::int64_t made_unix_s = 0;

  /// The clocks of an owner's machines differ; their log does not.
  bool is_older_than(const Seen& other) const {
    return std::tuple(seq, seq == 0 ? made_unix_s : 0) <
           std::tuple(other.seq, other.seq == 0 ? other.made_unix_s : 0);
  }
};

/// Nothing where there is no such file.
Result<std::optional<Seen>> read(const std::string& path, const format::ShareId& share) {
  auto bytes = sys::read_file(path, kMemoryFileBytesMax, "kMemoryFileBytesMax");
  if (!bytes && bytes.error().code == Code::not_found) return std::nullopt;
  if (!bytes) return std::unexpected(std::move(bytes).error());
  auto text = text_of(*bytes);
  if (text.ends_with('\n')) text.remove_suffix(1);
  Seen out;
  const auto read_members = [&]() -> Result<void> {
    const auto json = TRY(format::parse_object(text, kMemoryFileBytesMax));
    const format::Fields fields(json, "share-seen");
    TRY(fields.expect("type", "share-seen"));
    TRY(fields.expect("share", share.hex()));
    out.seq = TRY(fields.integer("seq"));
    out.made_unix_s = TRY(fields.time("made"));
    return {};
  };
  if (auto good = read_members(); !good)
    return fail(
        Code::integrity, fmt::format("{}: {}", path, good.error().what),
        "it says what this machine has read of the share; if you trust what the Bridge gives now, remove it");
  return out;
}

}  // namespace

Result<void> remember_bundle(const std::optional<std::string>& folder, const format::ShareId& share,
                             const format::ShareBundle& bundle) {
  const auto in = folder ? *folder : TRY(sys::xdg_folder(sys::Xdg::state)) + "/shares";
  TRY(sys::make_private_folder(in));
  const auto path = in + "/" + share.hex();
  const auto locked = TRY(sys::lock_file(path + ".lock"));
  const auto seen = TRY(read(path, share));
  const Seen now{.seq = bundle.seq, .made_unix_s = bundle.made_unix_s};
  if (seen && now.is_older_than(*seen))
    return fail(
        Code::integrity,
        "the Bridge gives an older bundle of the share than this machine has read before (rolled back)",
        "nothing of it was read; ask whoever shared it to run inxt-share --refresh, and the Bridge's "
        "operator");
  if (seen && !seen->is_older_than(now)) return {};
  const format::Json json{
      {"type", "share-seen"}, {"share", share.hex()}, {"seq", now.seq}, {"made", now.made_unix_s}};
  auto file = TRY(sys::OutputFile::create(path, 0600));
  TRY(file.write(view_of(format::write_compact(json) + '\n')));
  return file.commit();
}

}  // namespace inxt::client
