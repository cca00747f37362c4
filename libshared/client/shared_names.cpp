// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/shared_names.h"

#include <algorithm>

namespace inxt::client {

bool SharedNames::Order::operator()(std::string_view a, std::string_view b) const {
  const auto [in_a, in_b] = std::ranges::mismatch(a, b);
  if (in_b == b.end()) return false;
  if (in_a == a.end()) return true;
  if ((*in_a == '/') != (*in_b == '/')) return *in_a == '/';
  return static_cast<unsigned char>(*in_a) < static_cast<unsigned char>(*in_b);
}

SharedNames::SharedNames(const format::ShareBundle& bundle) {
  for (const auto& folder : bundle.folders) names_.emplace(folder, nullptr);
  for (const auto& file : bundle.files) names_.emplace(file.path, &file);
  if (!bundle.is_folder) only_ = &bundle.files.front();
}

std::optional<SharedItem> SharedNames::find(std::string_view path) const {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return only_ != nullptr ? SharedItem{.path = only_->path, .file = only_} : SharedItem{};
  const auto found = names_.find(path);
  if (found == names_.end()) return std::nullopt;
  return SharedItem{.path = found->first, .file = found->second};
}

std::vector<SharedItem> SharedNames::walk(std::string_view folder) const {
  std::vector<SharedItem> out;
  auto at = folder.empty() ? names_.begin() : names_.upper_bound(folder);
  for (; at != names_.end(); ++at) {
    const auto path = at->first;
    if (!folder.empty() && !(path.starts_with(folder) && path.substr(folder.size()).starts_with('/'))) break;
    out.push_back({.path = path, .file = at->second});
  }
  return out;
}

std::vector<SharedItem> SharedNames::list(std::string_view folder) const {
  auto out = walk(folder);
  const auto begin = folder.empty() ? 0 : folder.size() + 1;
  std::erase_if(out, [&](const SharedItem& item) { return item.path.find('/', begin) != item.path.npos; });
  return out;
}

}  // namespace inxt::client
