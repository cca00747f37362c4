// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/bridge_options.h"

#include "cli/escape.h"
#include "sys/files.h"
#include "sys/xdg.h"

namespace inxt::cli {
namespace {

Result<format::BridgeFile> read(const std::string& path) {
  const Bytes text = TRY(sys::read_file(path, format::kBridgeFileBytesMax, "kBridgeFileBytesMax"));
  return TRY_IN(escape(path), format::read_bridge_file(text_of(text)));
}

}  // namespace

Option& declare_bridge_option(Command& command, BridgeFileOptions& to, std::string help) {
  return command.text("--bridge", "FILE", to.bridge, std::move(help)).setting();
}

Result<std::optional<format::BridgeFile>> find_bridge_file(const BridgeFileOptions& options) {
  if (options.bridge) return TRY(read(*options.bridge));
  const auto folder = sys::xdg_path(sys::Xdg::config);
  if (!folder) return std::nullopt;
  auto own = read(*folder + "/bridge");
  if (!own && own.error().code == Code::not_found) return std::nullopt;
  return TRY(std::move(own));
}

Result<format::BridgeFile> need_bridge_file(const BridgeFileOptions& options) {
  auto found = TRY(find_bridge_file(options));
  if (!found)
    return fail(Code::usage, "no Bridge is named",
                "give --bridge FILE, a file from the Bridge's operator, or keep it as ~/.config/inxt/bridge");
  return *std::move(found);
}

}  // namespace inxt::cli
