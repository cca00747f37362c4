// SPDX-License-Identifier: LGPL-3.0-or-later
// What a tree shows; nothing here changes it.
#include <algorithm>

#include "tree/tree.h"

namespace inxt::tree {

Item Tree::item(Names::Node node) const {
  return {.node = node,
          .name = names_.name(node),
          .is_folder = names_.is_folder(node),
          .mode = names_.mode(node),
          .version = names_.version(node)};
}

std::optional<Item> Tree::find(std::string_view path) const {
  const auto node = resolve(path);
  if (node == Names::kNone) return std::nullopt;
  return item(node);
}

std::vector<Item> Tree::list(Names::Node folder, std::string_view after, std::size_t limit) const {
  std::vector<Item> out;
  if (!names_.is_folder(folder)) return out;
  for (auto at = names_.child_behind(folder, after); at != Names::kNone && out.size() < limit;
       at = names_.next_sibling(at))
    out.push_back(item(at));
  return out;
}

void Tree::walk(Names::Node folder, const std::function<bool(const Item&)>& visit) const {
  // Depth first, by the bytes of the names.
  std::vector<Names::Node> open;
  if (!names_.is_folder(folder)) return;
  auto at = names_.child_behind(folder, {});
  while (true) {
    while (at == Names::kNone) {
      if (open.empty()) return;
      at = names_.next_sibling(open.back());
      open.pop_back();
    }
    const auto one = item(at);
    if (!visit(one)) return;
    if (one.is_folder) {
      open.push_back(at);
      at = names_.child_behind(at, {});
    } else {
      at = names_.next_sibling(at);
    }
  }
}

void Tree::each_object(
    std::string_view prefix,
    const std::function<bool(std::string_view path, const Version& version)>& visit) const {
  bool more = true;
  walk(Names::kRoot, [&](const Item& one) {
    if (one.version == nullptr) return true;
    const auto path = names_.path(one.node);
    if (path.starts_with(prefix)) more = visit(path, *one.version);
    return more;
  });
  if (!prefix.empty()) return;
  for (auto at = unnamed_.begin(); at != unnamed_.end() && more; ++at) more = visit({}, *at->second);
}

void Tree::each_version(const std::function<bool(const Version&)>& visit) const {
  bool more = true;
  walk(Names::kRoot, [&](const Item& one) { return more = one.version == nullptr || visit(*one.version); });
  for (auto at = unnamed_.begin(); at != unnamed_.end() && more; ++at) more = visit(*at->second);
}

std::optional<std::pair<std::string, const Version*>> Tree::find_object(
    const format::ObjectId& object) const {
  std::optional<std::pair<std::string, const Version*>> found;
  walk(Names::kRoot, [&](const Item& one) {
    if (one.version != nullptr && one.version->object == object)
      found.emplace(names_.path(one.node), one.version);
    return !found;
  });
  if (const auto there = unnamed_.find(object); !found && there != unnamed_.end())
    found.emplace(std::string(), there->second.get());
  return found;
}

bool Tree::has_record(const format::RecordId& record) const {
  bool found = false;
  each_version([&](const Version& version) { return !(found = version.record == record); });
  return found ||
         std::ranges::any_of(kept_, [&](const KeptVersion& kept) { return kept.version->record == record; });
}

std::vector<format::RecordId> Tree::owner_records() const {
  std::vector<format::RecordId> out;
  const auto add = [&out](const Version& version) {
    if (version.uploader == 0) out.push_back(version.record);
    return true;
  };
  each_version(add);
  for (const auto& kept : kept_) add(*kept.version);
  std::ranges::sort(out);
  return out;
}

std::vector<const KeptVersion*> Tree::kept_of(std::string_view path) const {
  std::vector<const KeptVersion*> out;
  for (auto at = kept_.rbegin(); at != kept_.rend(); ++at)
    if (at->path == path) out.push_back(&*at);
  return out;
}

std::vector<format::RecordId> Tree::due(std::int64_t now_unix_s, std::size_t limit) const {
  // A record may be kept more than once, and for as long as the last of them.
  struct Until {
    std::int64_t unix_s = 0;
    bool is_owners = false;
  };
  std::map<format::RecordId, Until> until;
  for (const auto& kept : kept_) {
    auto& one = until[kept.version->record];
    const bool is_owners = kept.version->uploader == 0;
    if (one.is_owners && !is_owners) continue;
    if (is_owners && !one.is_owners) one = {.unix_s = 0, .is_owners = true};
    one.unix_s = std::max(one.unix_s,
                          kept.kept_unix_s + std::min<std::int64_t>(keep_versions_s_, std::int64_t{1} << 53));
  }
  each_version([&](const Version& version) {
    const auto one = until.find(version.record);
    if (one != until.end() && (version.uploader == 0 || !one->second.is_owners)) until.erase(one);
    return !until.empty();
  });
  std::vector<format::RecordId> out;
  for (const auto& [record, one] : until)
    if (one.unix_s <= now_unix_s && out.size() < limit) out.push_back(record);
  return out;
}

}  // namespace inxt::tree
