// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-host check --quick: all that a start looks at, without starting.
#include <fmt/format.h>
#include <unistd.h>

#include "cli/escape.h"
#include "cli/units.h"
#include "format/descriptor.h"
#include "host/check_store.h"
#include "host/credential_identity.h"
#include "settings.h"
#include "sys/files.h"
#include "sys/service.h"

namespace inxt::tools {

namespace {

Result<void> check_addresses(const Settings& settings) {
  for (const std::string& address : settings.listen)
    if (!format::is_address(address) && !address.ends_with(":0"))  // which takes any free port
      return fail(Code::usage, "--listen " + cli::escape(address) + " is no ADDR:PORT",
                  "such as 0.0.0.0:4242 or [::]:4242");
  return {};
}

Result<void> check_writable(const std::string& folder) {
  if (::access(folder.c_str(), R_OK | W_OK | X_OK) == 0) return {};
  return fail(Code::denied, folder + " cannot be written to by this user",
              "run inxt-host as the user who owns it");
}

}  // namespace

Result<std::vector<std::string>> check_before_start(const Settings& settings) {
  std::vector<std::string> odd;
  TRY(check_addresses(settings));

  std::string folder = settings.folder;
  const auto there = sys::status_of(folder);
  if (!there && there.error().code == Code::not_found) {  // its last component will be made
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    const std::size_t slash = folder.rfind('/');
    const std::string parent =
        slash == std::string::npos ? "." : folder.substr(0, std::max<std::size_t>(slash, 1));
    if (const auto above = sys::status_of(parent); !above) return std::unexpected(above.error());
    TRY(check_writable(parent));
    return odd;
  }
  if (!there) return std::unexpected(there.error());
  if (there->kind != sys::FileKind::folder) return fail(Code::usage, folder + " is not a folder");
  TRY(check_writable(folder));

  const auto directory = TRY(sys::open_directory(folder));
  const std::optional<std::string> credential = sys::credential_path(host::kIdentityFile);
  const std::vector<sys::Entry> entries = TRY(directory->list(sys::Path()));
  if (!entries.empty()) {
    TRY(store::check_version(*directory));
    const auto key = host::load_identity(folder, credential);
    if (!key && key.error().code != Code::not_found) return std::unexpected(key.error());
    if (!key)
      odd.push_back(folder +
                    " has no key: the start makes a new one, and contracts of an older one are nobody's");
  } else if (credential) {
    TRY(host::load_identity(folder, credential));
  }
  const sys::Space space = TRY(directory->space());
  if (settings.capacity_bytes > space.total_bytes)
    odd.push_back(fmt::format("the capacity ({}) is more than the file system of {} holds ({})",
                              cli::show_size(settings.capacity_bytes), folder,
                              cli::show_size(space.total_bytes)));
  return odd;
}

}  // namespace inxt::tools
