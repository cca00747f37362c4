// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/shared_names.h"

#include <doctest/doctest.h>

namespace inxt::client {
namespace {

format::ShareBundle bundle_of(std::vector<std::string> folders, const std::vector<std::string>& files) {
  format::ShareBundle out;
  out.is_folder = true;
  out.folders = std::move(folders);
  for (const auto& path : files) {
    format::SharedFile file;
    file.path = path;
    out.files.push_back(std::move(file));
  }
  return out;
}

std::string joined(const std::vector<SharedItem>& items) {
  std::string out;
  for (const auto& item : items) {
    out += out.empty() ? "" : " ";
    out += item.path;
    if (item.file == nullptr) out += '/';
  }
  return out;
}

TEST_CASE("what is in a folder follows it, and nothing of another whose name begins alike") {
  const auto bundle =
      bundle_of({"b", "a", "a/deep", "a-b"}, {"z", "a/deep/2", "a-b/1", "a/deep/1", "a!", "b.tar"});
  const SharedNames names(bundle);
  CHECK(joined(names.walk("")) == "a/ a/deep/ a/deep/1 a/deep/2 a! a-b/ a-b/1 b/ b.tar z");
  CHECK(joined(names.walk("a")) == "a/deep/ a/deep/1 a/deep/2");
  CHECK(joined(names.walk("b")).empty());
  CHECK(joined(names.list("")) == "a/ a! a-b/ b/ b.tar z");
  CHECK(joined(names.list("a")) == "a/deep/");
  CHECK(joined(names.list("a/deep")) == "a/deep/1 a/deep/2");
}

TEST_CASE("a name is found with or without slashes around it; what is not there is not") {
  const auto bundle = bundle_of({"a"}, {"a/1"});
  const SharedNames names(bundle);
  for (const char* path : {"a/1", "/a/1", "//a/1"}) {
    const auto found = names.find(path);
    REQUIRE(found.has_value());
    CHECK(found->file == &bundle.files.front());
  }
  for (const char* path : {"a", "/a/", "a//"}) {
    const auto found = names.find(path);
    REQUIRE(found.has_value());
    CHECK(found->file == nullptr);
    CHECK(found->path == "a");
  }
  for (const char* path : {"", "/"}) {
    const auto found = names.find(path);
    REQUIRE(found.has_value());
    CHECK(found->file == nullptr);
    CHECK(found->path.empty());
  }
  for (const char* path : {"b", "a/1/2", "1", "a/", "..", "a/../a"})
    CHECK(names.find(path).has_value() == (std::string_view(path) == "a/"));
}

TEST_CASE("a share of one file is that file, with its name and without") {
  auto bundle = bundle_of({}, {"one.tar"});
  bundle.is_folder = false;
  const SharedNames names(bundle);
  for (const char* path : {"", "/", "one.tar", "/one.tar"}) {
    const auto found = names.find(path);
    REQUIRE(found.has_value());
    CHECK(found->file == &bundle.files.front());
    CHECK(found->path == "one.tar");
  }
  CHECK_FALSE(names.find("two.tar").has_value());
}

}  // namespace
}  // namespace inxt::client
