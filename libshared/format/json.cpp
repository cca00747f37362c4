// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/utf8.h"

namespace inxt::format {
namespace {

// Builds the value itself, because nlohmann's own builder keeps the last of two equal keys.
class StrictBuilder final : public nlohmann::json_sax<Json> {
 public:
  std::string error;
  Json root;

  bool null() override { return add(Json(nullptr)); }
  bool boolean(bool value) override { return add(Json(value)); }
  bool number_integer(number_integer_t value) override {
    if (value < -static_cast<std::int64_t>(kJsonIntegerMax)) return stop("an integer is below -(2^53 - 1)");
    return add(Json(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > kJsonIntegerMax) return stop("an integer is past 2^53 - 1");
    return add(Json(value));
  }
  bool number_float(number_float_t, const string_t& text) override {
    return stop(fmt::format("the number {} is not an integer in plain digits", text.substr(0, 32)));
  }
  bool string(string_t& value) override { return add(Json(std::move(value))); }
  bool binary(binary_t&) override { return stop("binary"); }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_array() override { return close(); }
  bool key(string_t& value) override {
    if (!keys_.back().insert(value).second)
      return stop(fmt::format("the key \"{}\" stands twice", value.substr(0, 64)));
    key_ = std::move(value);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    return stop(fmt::format("not JSON at byte {}", position));
  }

 private:
  bool stop(std::string why) {
    if (error.empty()) error = std::move(why);
    return false;
  }
  Json* place(Json&& value) {
    if (stack_.empty()) {
      root = std::move(value);
      return &root;
    }
    Json& parent = *stack_.back();
    if (parent.is_array()) return &parent.emplace_back(std::move(value));
    // Not operator[], which looks through all members before: key() knows that this one is new, and 64 KiB of
    // members would take a Host a quarter of a second.
    auto& members = parent.get_ref<Json::object_t&>();
    members.emplace_back(key_, std::move(value));
    return &members.back().second;
  }
  bool add(Json&& value) {
    if (stack_.empty()) return stop("not an object");
    place(std::move(value));
    return true;
  }
  bool open(Json&& value) {
    if (stack_.size() == kJsonDepthMax)
      return stop(fmt::format("nesting is deeper than {} (kJsonDepthMax)", kJsonDepthMax));
    if (stack_.empty() && !value.is_object()) return stop("not an object");
    // Pointers into a growing parent stay valid: a parent only grows while it is on top of the stack.
    stack_.push_back(place(std::move(value)));
    keys_.emplace_back();
    return true;
  }
  bool close() {
    stack_.pop_back();
    keys_.pop_back();
    return true;
  }

  std::vector<Json*> stack_;
  std::vector<std::set<std::string>> keys_;
  std::string key_;
};

}  // namespace

Result<Json> parse_object(std::string_view text, std::size_t text_bytes_max) {
  if (text.size() > text_bytes_max)
    return fail(Code::integrity, fmt::format("longer than {} bytes", text_bytes_max));
  if (text.empty() || text.front() != '{' || text.back() != '}')
    return fail(Code::integrity, "not a JSON object");
  // nlohmann takes a zero byte for the end of the text and would leave what stands behind it unread.
  if (const auto at = text.find('\0'); at != text.npos)
    return fail(Code::integrity, fmt::format("a zero byte at {}", at));
  // A -0 comes as a signed 0, which Fields::integer does not take: two spellings of one number are one too many.
  StrictBuilder builder;
  const bool parsed = Json::sax_parse(text, &builder, Json::input_format_t::json, /*strict=*/true);
  if (!parsed) return fail(Code::integrity, builder.error.empty() ? "not JSON" : builder.error);
  return std::move(builder.root);
}

std::string write_compact(const Json& json) {
  return json.dump();
}

bool is_utf8(std::string_view text) {
  return inxt::is_utf8(text);
}

std::unexpected<Error> Fields::bad(const char* key, std::string_view why) const {
  return fail(Code::integrity, fmt::format("{}: {}: {}", where_, key, why));
}

bool Fields::has(const char* key) const {
  return object_.contains(key);
}

Result<std::uint64_t> Fields::integer(const char* key, std::uint64_t max) const {
  const auto it = object_.find(key);
  if (it == object_.end()) return bad(key, "missing");
  if (!it->is_number_unsigned()) return bad(key, "not a whole number from 0");
  const auto value = it->get<std::uint64_t>();
  if (value > max) return bad(key, fmt::format("{} is more than {}", value, max));
  return value;
}

Result<std::int64_t> Fields::time(const char* key) const {
  return static_cast<std::int64_t>(TRY(integer(key)));
}

Result<std::string> Fields::text(const char* key, std::size_t bytes_max) const {
  const auto it = object_.find(key);
  if (it == object_.end()) return bad(key, "missing");
  if (!it->is_string()) return bad(key, "not text");
  const auto& value = it->get_ref<const std::string&>();
  if (value.size() > bytes_max) return bad(key, fmt::format("longer than {} bytes", bytes_max));
  return value;
}

Result<bool> Fields::boolean(const char* key) const {
  const auto it = object_.find(key);
  if (it == object_.end()) return bad(key, "missing");
  if (!it->is_boolean()) return bad(key, "not true or false");
  return it->get<bool>();
}

Result<void> Fields::hex(const char* key, ByteSpan out) const {
  const auto value = TRY(text(key, out.size() * 2));
  if (auto read = from_hex(value, out); !read) return bad(key, read.error().what);
  return {};
}

Result<void> Fields::base64(const char* key, ByteSpan out) const {
  const auto value = TRY(text(key, (out.size() * 8 + 5) / 6));
  if (auto read = from_base64url(value, out); !read) return bad(key, read.error().what);
  return {};
}

Result<Bytes> Fields::base64(const char* key, std::size_t bytes_max) const {
  const auto value = TRY(text(key, (bytes_max * 8 + 5) / 6));
  auto read = from_base64url(value);
  if (!read) return bad(key, read.error().what);
  return *std::move(read);
}

Result<std::vector<std::string>> Fields::texts(const char* key, std::size_t count_max,
                                               std::size_t bytes_max) const {
  const auto it = object_.find(key);
  if (it == object_.end()) return bad(key, "missing");
  if (!it->is_array()) return bad(key, "not a list");
  if (it->size() > count_max) return bad(key, fmt::format("more than {} entries", count_max));
  std::vector<std::string> out;
  for (const auto& entry : *it) {
    if (!entry.is_string()) return bad(key, "not a list of texts");
    const auto& value = entry.get_ref<const std::string&>();
    if (value.size() > bytes_max) return bad(key, fmt::format("an entry is longer than {} bytes", bytes_max));
    out.push_back(value);
  }
  return out;
}

Result<void> Fields::expect(const char* key, std::string_view value) const {
  if (TRY(text(key, 256)) != value) return bad(key, fmt::format("not \"{}\"", value));
  return {};
}

Result<void> Fields::check_crit(std::initializer_list<std::string_view> known) const {
  if (!has("crit")) return {};
  for (const auto& name : TRY(texts("crit", 16, 64))) {
    bool found = false;
    for (auto candidate : known) found = found || candidate == name;
    if (!found) return bad("crit", fmt::format("needs \"{}\", which this version does not know", name));
  }
  return {};
}

}  // namespace inxt::format
