// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/log_memory.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "client/log_chain.h"
#include "sys/files.h"
#include "sys/lock_file.h"
#include "sys/output_file.h"
#include "sys/xdg.h"

namespace inxt::client {
namespace {

constexpr std::size_t kMemoryFileBytesMax = 4096;

}  // namespace

Result<LogMemory> LogMemory::load(const std::optional<std::string>& folder, const format::LogId& log) {
  const auto in = folder ? *folder : TRY(sys::xdg_folder(sys::Xdg::state)) + "/logs";
  TRY(sys::make_private_folder(in));
  LogMemory out(in + "/" + log.hex(), log);
  const auto locked = TRY(sys::lock_file(out.path_ + ".lock"));
  out.seen_ = TRY(out.read());
  return out;
}

Result<format::LogHead> LogMemory::read() const {
  const auto damaged = [this](std::string_view why) {
    return fail(
        Code::integrity, fmt::format("{}: {}", path_, why),
        "it says how far this machine has seen the log; if you trust what the Bridge shows now, remove it");
  };
  format::LogHead out;
  auto bytes = sys::read_file(path_, kMemoryFileBytesMax, "kMemoryFileBytesMax");
  if (!bytes && bytes.error().code == Code::not_found) return out;
  if (!bytes) return std::unexpected(std::move(bytes).error());
  auto text = text_of(*bytes);
  if (text.ends_with('\n')) text.remove_suffix(1);
  const auto read_members = [&]() -> Result<void> {
    const auto json = TRY(format::parse_object(text, kMemoryFileBytesMax));
    const format::Fields fields(json, "log-head");
    TRY(fields.expect("type", "log-head"));
    TRY(fields.expect("log", log_.hex()));
    out.seq = TRY(fields.integer("seq"));
    TRY(fields.hex("hash", out.hash));
    return {};
  };
  if (auto good = read_members(); !good) return damaged(good.error().what);
  return out;
}

Result<void> LogMemory::save(const format::LogHead& now,
                             const std::function<std::optional<crypto::Hash>(std::uint64_t)>& hash_at) {
  const auto locked = TRY(sys::lock_file(path_ + ".lock"));
  const auto there = TRY(read());
  if (const auto ours = there.seq > 0 ? hash_at(there.seq) : std::nullopt; ours && *ours != there.hash)
    return false_log(
        fmt::format("entry {} is {} here, and another program on this machine was shown {} (forked)",
                    there.seq, to_hex(*ours), to_hex(there.hash)));
  seen_ = now;
  if (there.seq > now.seq || there == now) return {};
  const format::Json json{
      {"type", "log-head"}, {"log", log_.hex()}, {"seq", now.seq}, {"hash", to_hex(now.hash)}};
  auto file = TRY(sys::OutputFile::create(path_, 0600));
  TRY(file.write(view_of(format::write_compact(json) + '\n')));
  return file.commit();
}

}  // namespace inxt::client
