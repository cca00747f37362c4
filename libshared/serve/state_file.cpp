// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/state_file.h"

#include "base/check.h"

namespace inxt::serve {

Result<std::optional<format::Json>> read_state(sys::Directory& directory, std::string_view name) {
  const auto file = directory.open(sys::Path{name}, sys::Caching::cached);
  if (!file && file.error().code == Code::not_found) return std::nullopt;
  if (!file) return std::unexpected(file.error());
  Bytes text(kStateBytesMax + 1);
  text.resize(TRY((*file)->read_at(0, text)));
  std::string_view line = text_of(text);
  if (line.ends_with('\n')) line.remove_suffix(1);
  return TRY_IN(std::string(name), format::parse_object(line));
}

Result<void> write_state(sys::Directory& directory, std::string_view name, const format::Json& state) {
  const std::string text = format::write_compact(state) + '\n';
  CHECK_BUG(text.size() <= kStateBytesMax);
  return write_text(directory, name, text);
}

Result<void> write_text(sys::Directory& directory, std::string_view name, std::string_view text) {
  // Not in tmp/, where the store's own files are; one writer a name.
  const sys::Path unfinished{std::string(name) + ".new"};
  if (const auto removed = directory.remove(unfinished); !removed && removed.error().code != Code::not_found)
    return removed;
  {
    const auto file = TRY(directory.create(unfinished, sys::Caching::cached));
    TRY(file->write_at(0, view_of(text)));
    TRY(file->sync());
  }
  TRY(directory.rename(unfinished, sys::Path{name}));
  return directory.sync_folder({});
}

Result<void> remove_state(sys::Directory& directory, std::string_view name) {
  const auto removed = directory.remove(sys::Path{name});
  if (!removed && removed.error().code == Code::not_found) return {};
  TRY(removed);
  return directory.sync_folder({});
}

}  // namespace inxt::serve
