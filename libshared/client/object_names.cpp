// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/object_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace inxt::client {
namespace {

constexpr std::size_t kNamedMax = 4;

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<FoundObject> at_path(const tree::Tree& tree, std::string_view text, bool removed_too) {
  const auto path = TRY(parse_tree_path(text));
  const auto item = tree.find(path.path);
  if (item && item->is_folder) return fail(Code::usage, fmt::format("{} is a folder", path.said()));
  if (item) return FoundObject{.path = path.path, .version = *item->version};
  const auto kept = tree.kept_of(path.path);
  if (removed_too && !kept.empty())
    return FoundObject{.path = path.path, .version = *kept.front()->version, .is_removed = true};
  return fail(Code::not_found, fmt::format("{}: there is no such file", path.said()),
              kept.empty() ? "inxt-object ls shows what there is"
                           : "it was removed: inxt-object versions shows what is left");
}

Error several(std::string_view text, const std::map<format::ObjectId, FoundObject>& found) {
  std::string names;
  std::size_t named = 0;
  for (const auto& [id, one] : found) {
    if (named++ == kNamedMax) {
      names += ", ...";
      break;
    }
    names += (named > 1 ? ", " : "") + id.hex();
  }
  return {Code::usage, fmt::format("{} objects' ids begin with {}: {}", found.size(), text, names),
          "say more digits"};
}

}  // namespace

std::string FoundObject::said() const {
  return path.empty() ? version.object.hex() : std::string(kTreePathBegins) + path;
}

Result<FoundObject> find_object(const tree::Tree& tree, std::string_view text, bool removed_too) {
  if (is_tree_path(text)) return at_path(tree, text, removed_too);
  if (text.size() < kObjectDigitsMin || text.size() > 64 || !is_hex(text))
    return fail(
        Code::usage,
        fmt::format("{} is not an object: an id is {} hexadecimal digits or more, a name begins with inxt:/",
                    text, kObjectDigitsMin));
  std::map<format::ObjectId, FoundObject> found;
  tree.each_object("", [&](std::string_view path, const tree::Version& version) {
    // Of several names the first counts.
    if (version.object.hex().starts_with(text))
      found.try_emplace(version.object, FoundObject{.path = std::string(path), .version = version});
    return true;
  });
  if (removed_too && found.empty())
    for (auto kept = tree.kept().rbegin(); kept != tree.kept().rend(); ++kept)
      if (kept->version->object.hex().starts_with(text))
        found.try_emplace(kept->version->object,
                          FoundObject{.path = kept->path, .version = *kept->version, .is_removed = true});
  if (found.size() > 1) return std::unexpected(several(text, found));
  if (found.size() == 1) return std::move(found.begin()->second);
  const auto removed = std::ranges::any_of(
      tree.kept(), [&](const auto& kept) { return kept.version->object.hex().starts_with(text); });
  return fail(Code::not_found, fmt::format("{}: there is no such object", text),
              removed ? "it was removed: inxt-object versions shows what is left"
                      : "inxt-object ls shows what there is");
}

Result<std::optional<std::string>> path_of_unchanged(const tree::Tree& tree, const FoundObject& found) {
  const auto& wanted = found.version.record;
  if (found.path.empty()) {
    const auto there = tree.unnamed().find(found.version.object);
    if (there != tree.unnamed().end() && there->second->record == wanted) return std::nullopt;
  } else if (const auto item = tree.find(found.path);
             item && item->version != nullptr && item->version->record == wanted) {
    return found.path;
  }
  std::optional<std::string> moved;
  tree.each_object("", [&](std::string_view path, const tree::Version& version) {
    if (version.record == wanted && !path.empty()) moved = std::string(path);
    return !moved.has_value();
  });
  if (moved) return moved;
  return fail(Code::try_again,
              fmt::format("{}: another machine has changed or removed it meanwhile", found.said()),
              "nothing was changed here: run it again on what is there now");
}

std::vector<ObjectVersion> versions_of(const tree::Tree& tree, const format::ObjectId& object) {
  std::vector<ObjectVersion> out;
  tree.each_object("", [&](std::string_view path, const tree::Version& version) {
    if (version.object == object)
      out.push_back({.version = &version, .path = std::string(path), .kept = nullptr});
    return true;
  });
  for (auto kept = tree.kept().rbegin(); kept != tree.kept().rend(); ++kept)
    if (kept->version->object == object)
      out.push_back({.version = kept->version.get(), .path = kept->path, .kept = &*kept});
  return out;
}

}  // namespace inxt::client
