// SPDX-License-Identifier: AGPL-3.0-or-later
// Runs every vector of every file here: none is passed over, and no file either.
#include "vectors/vectors.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "crypto/random.h"
#include "support/tests_dir.h"

namespace inxt::vectors {

Bytes hex_of(const Value& given, const char* name) {
  const auto& text = given.at(name).get_ref<const std::string&>();
  Bytes out(text.size() / 2);
  if (!from_hex(text, out)) throw std::runtime_error(name);
  return out;
}

Bytes base64_of(const Value& text) {
  auto bytes = from_base64url(text.get_ref<const std::string&>());
  if (!bytes) throw std::runtime_error(bytes.error().what);
  return *std::move(bytes);
}

sys::Fd memory_file(ByteView text) {
  sys::Fd fd(::memfd_create("vector", MFD_CLOEXEC));
  for (std::size_t at = 0; at < text.size();) {
    const auto got = ::write(fd.number(), text.data() + at, text.size() - at);
    if (got <= 0) throw std::runtime_error("memfd_create or write");
    at += static_cast<std::size_t>(got);
  }
  if (::lseek(fd.number(), 0, SEEK_SET) != 0) throw std::runtime_error("lseek");
  return fd;
}

namespace {

std::map<std::string_view, Format> all_formats() {
  std::map<std::string_view, Format> out;
  for (const auto& formats : {json_formats(), key_formats(), manifest_formats(), piece_formats(),
                              token_formats(), audit_formats(), inventory_formats(), content_formats(),
                              placement_formats(), tree_formats(), share_formats(), care_formats()})
    for (const auto& format : formats) out.emplace(format.name, format);
  return out;
}

Bytes input_of(const Value& vector) {
  if (vector.contains("input")) return copy_of(view_of(vector["input"].get_ref<const std::string&>()));
  if (vector.contains("input_b64")) return base64_of(vector["input_b64"]);
  Bytes out;
  if (vector.contains("input_parts"))
    for (const auto& part : vector["input_parts"]) {
      if (part.is_string())
        append(out, base64_of(part));
      else
        out.resize(out.size() + part.get<std::size_t>());
    }
  if (vector.contains("input_count"))
    for (std::size_t i = 0; i < vector["input_count"].get<std::size_t>(); ++i)
      out.push_back(static_cast<std::byte>(i % 251));
  return out;
}

/// What is wrong; empty when the C++ agrees.
std::string complaint(const Format& format, const Value& vector) {
  const auto input = input_of(vector);
  const auto result = format.run(vector.contains("given") ? vector["given"] : Value::object(), input);
  const bool accepted = vector.at("expect") == "accepted";
  if (!accepted && vector.at("expect") != "refused") return "expect is neither accepted nor refused";
  if (!result) {
    const auto said =
        fmt::format("refused with status {}: {}", static_cast<int>(result.error().code), result.error().what);
    if (accepted || vector.at("status") != static_cast<int>(result.error().code)) return said;
    // Where our messages carry the manual's name, it must be this one.
    const std::string reason = vector.value("reason", "");
    const bool is_named = format.name.starts_with("audit-") &&
                          (reason.starts_with("request-") || reason.starts_with("answer-"));
    return is_named && result.error().what.find("(" + reason + ")") == std::string::npos ? said : "";
  }
  if (!accepted || vector.at("value") != *result) return "accepted: " + result->dump();
  return "";
}

TEST_CASE("the C++ agrees with every vector") {
  crypto::start();
  auto formats = all_formats();
  std::size_t total = 0;
  for (const auto& entry : std::filesystem::directory_iterator(testing::tests_dir() + "/vectors")) {
    if (entry.path().extension() != ".json") continue;
    const std::string name = entry.path().stem();
    CAPTURE(name);
    std::ifstream file(entry.path());
    const Value whole = Value::parse(file);
    const auto found = formats.find(name);
    if (found == formats.end()) {
      FAIL_CHECK("the runner does not know this format");
      continue;
    }
    const Format format = found->second;
    formats.erase(found);
    CHECK(whole.at("format") == name);
    CHECK(whole.at("count") == whole.at("vectors").size());
    std::set<std::string> names;
    std::size_t accepted = 0;
    for (const auto& vector : whole.at("vectors")) {
      const std::string what = vector.at("name");
      CAPTURE(what);
      CHECK(vector.at("format") == name);
      CHECK(names.insert(what).second);
      std::string wrong = "an exception";
      CHECK_NOTHROW(wrong = complaint(format, vector));
      CHECK_MESSAGE(wrong.empty(), name, ": ", what, ": ", wrong);
      accepted += vector.at("expect") == "accepted" ? 1 : 0;
    }
    CHECK(names.size() == whole.at("count"));
    std::printf("%s: %zu accepted, %zu refused\n", name.c_str(), accepted, names.size() - accepted);
    total += names.size();
  }
  for (const auto& [name, format] : formats) FAIL_CHECK(std::string(name), ": no file of vectors");
  std::printf("%zu vectors\n", total);
}

}  // namespace
}  // namespace inxt::vectors
