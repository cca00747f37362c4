// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/metadata_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace inxt::format {

Result<void> check_metadata(const Metadata& metadata) {
  if (metadata.size() > kMetadataEntriesMax)
    return fail(Code::usage, fmt::format("{} entries of metadata, more than {} (kMetadataEntriesMax)",
                                         metadata.size(), kMetadataEntriesMax));
  std::size_t bytes = 0;
  for (const auto& [name, value] : metadata) {
    if (name.empty()) return fail(Code::usage, "an entry of the metadata has no name");
    if (!is_utf8(name) || !is_utf8(value)) return fail(Code::usage, "metadata that is not UTF-8");
    bytes += name.size() + value.size();
  }
  if (bytes > kMetadataBytesMax)
    return fail(Code::usage, fmt::format("{} bytes of metadata, more than {} (kMetadataBytesMax)", bytes,
                                         kMetadataBytesMax));
  return {};
}

Json metadata_json(const Metadata& metadata) {
  Json json = Json::object();
  for (const auto& [name, value] : metadata) json.get_ref<Json::object_t&>().emplace_back(name, value);
  return json;
}

Result<Metadata> metadata_from_json(const Json& json, const std::string& where) {
  Metadata out;
  const auto it = json.find("metadata");
  if (it == json.end()) return out;
  const Fields fields(json, where);
  if (!it->is_object()) return fields.bad("metadata", "not an object");
  for (const auto& [name, value] : it->items()) {
    if (!value.is_string()) return fields.bad("metadata", "a value that is not a text");
    out.emplace(name, value.get_ref<const std::string&>());
  }
  if (auto good = check_metadata(out); !good) return fields.bad("metadata", good.error().what);
  return out;
}

}  // namespace inxt::format
