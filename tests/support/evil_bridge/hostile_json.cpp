// SPDX-License-Identifier: AGPL-3.0-or-later
// A true answer, written as nobody should read it.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "evil_bridge/evil.h"

namespace inxt::evil {
namespace {

using format::Json;

constexpr std::string_view kMark = "@NUMBER@";

/// Every number is replaced by what JSON libraries read in different ways.
void mark_numbers(Json& json) {
  if (json.is_number()) json = kMark;
  if (json.is_structured())
    for (auto& each : json) mark_numbers(each);
}

std::string with_numbers(Json json, std::string_view number) {
  mark_numbers(json);
  json["more"] = kMark;
  std::string text = json.dump();
  const std::string marked = fmt::format("\"{}\"", kMark);
  for (std::size_t at = 0; (at = text.find(marked, at)) != std::string::npos;)
    text.replace(at, marked.size(), number);
  return text;
}

/// Numbers become texts, texts numbers, lists objects.
Json other_types(const Json& json) {
  Json out = Json::object();
  for (const auto& [key, value] : json.items()) {
    if (value.is_number())
      out[key] = "7";
    else if (value.is_string())
      out[key] = 7;
    else if (value.is_array())
      out[key] = Json::object({{"0", value}});
    else if (value.is_object())
      out[key] = Json::array({value});
    else
      out[key] = "true";
  }
  return out;
}

std::string repeat(std::string_view part, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

}  // namespace

Result<std::string> hostile_json(std::string_view kind, const std::string& body) {
  const auto lines = lines_of(body);
  if (lines.empty()) return fail(Code::usage, "an answer without JSON");
  Json json = Json::parse(lines.front(), nullptr, false);
  if (!json.is_object()) return fail(Code::usage, "an answer that is no object");
  std::string rest;
  for (std::size_t i = 1; i < lines.size(); ++i) rest += '\n' + lines[i];
  const auto with = [&](std::string line) { return line + rest + '\n'; };
  const std::string first = json.begin().key();

  if (kind == "deep-list") return with(repeat("[", 20'000) + repeat("]", 20'000));
  if (kind == "deep-object") return with(repeat("{\"a\":", 9'000) + "1" + repeat("}", 9'000));
  if (kind == "deep-member") {
    json["more"] = "@DEEP@";
    std::string text = json.dump();
    text.replace(text.find("\"@DEEP@\""), 8, repeat("[", 15'000) + repeat("]", 15'000));
    return with(std::move(text));
  }
  if (kind == "list") return with("[" + lines.front() + "]");
  if (kind == "null") return with("null");
  if (kind == "text") return with("\"" + first + "\"");
  if (kind == "no-members") return with("{}");
  if (kind == "cut") return with(lines.front().substr(0, lines.front().size() / 2));
  if (kind == "behind") return with(lines.front() + "{}");
  if (kind == "comment") return with("/* so */" + lines.front());
  if (kind == "duplicate")
    return with("{\"" + first + "\":" + json.begin().value().dump() + "," + lines.front().substr(1));
  if (kind == "not-utf8") {
    json["more"] = "x";
    std::string text = json.dump();
    text[text.rfind('x')] = '\xff';
    return with(std::move(text));
  }
  if (kind == "half-surrogate") {
    json["more"] = "@HALF@";
    std::string text = json.dump();
    text.replace(text.find("@HALF@"), 6, "\\ud800");
    return with(std::move(text));
  }
  if (kind == "zero-byte")
    return with(lines.front().substr(0, 1) + std::string(1, '\0') + lines.front().substr(1));
  if (kind == "huge") return with(with_numbers(json, "1e999"));
  if (kind == "64-bits") return with(with_numbers(json, "18446744073709551616"));
  if (kind == "54-bits") return with(with_numbers(json, "9007199254740993"));
  if (kind == "negative") return with(with_numbers(json, "-1"));
  if (kind == "float") return with(with_numbers(json, "1.5"));
  if (kind == "types") return with(other_types(json).dump());
  if (kind == "long") {
    json["more"] = repeat("long ", 8'000'000 / 5);
    return with(json.dump());
  }
  return fail(Code::usage, "no such JSON");
}

}  // namespace inxt::evil
