// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/secret_file.h"

#include <fmt/format.h>

#include "sys/files.h"

namespace inxt::serve {

namespace {

sys::Path unfinished_of(std::string_view name) {
  return sys::Path{std::string(name) + ".new"};
}

Result<crypto::SecretBytes> read_all(const sys::Fd& file, const std::string& path) {
  const auto text = std::make_unique<crypto::Secret<kSecretFileBytesMax>>();
  const std::size_t size = TRY(sys::read_full(file.number(), text->span(), path));
  return crypto::SecretBytes(text->view().first(size));
}

}  // namespace

Result<crypto::SecretBytes> read_secret_file(const std::string& path, std::string_view program,
                                             std::string_view folder) {
  const sys::Fd file = TRY(sys::open_file(path));
  const sys::FileStatus status = TRY(sys::status_of(file.number(), path));
  if (!status.owned_by_caller)
    return fail(Code::denied, path + " belongs to another user",
                fmt::format("run {} as the user who owns the {}", program, folder));
  if ((status.mode & 077) != 0)
    return fail(Code::denied, fmt::format("{} can be read by others (mode {:04o})", path, status.mode),
                "take the others' rights away: chmod 600 " + path);
  return read_all(file, path);
}

Result<crypto::SecretBytes> read_credential(const std::string& path) {
  const sys::Fd file = TRY(sys::open_file(path));
  const sys::FileStatus status = TRY(sys::status_of(file.number(), path));
  // Rights of the group may be an access list's mask.
  if ((status.mode & 07) != 0)
    return fail(Code::denied, fmt::format("{} can be read by everybody (mode {:04o})", path, status.mode));
  return read_all(file, path);
}

Result<void> save_secret_file(sys::Directory& directory, std::string_view name, ByteView text) {
  const sys::Path unfinished = unfinished_of(name);
  if (TRY(directory.look_up(unfinished))) TRY(directory.remove(unfinished));
  auto file = TRY(directory.create(unfinished, sys::Caching::cached));
  TRY(file->write_at(0, text));
  TRY(file->sync());
  TRY(directory.rename(unfinished, sys::Path{name}));
  return directory.sync_folder(sys::Path{});
}

Result<void> remove_unfinished_secret(sys::Directory& directory, std::string_view name) {
  const sys::Path unfinished = unfinished_of(name);
  if (TRY(directory.look_up(unfinished))) TRY(directory.remove(unfinished));
  return {};
}

}  // namespace inxt::serve
