// SPDX-License-Identifier: LGPL-3.0-or-later
// The Host's small parts: log lines, the accept list, the identity.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "host/accept_list.h"
#include "host/buffer_pool.h"
#include "host/identity.h"
#include "host/log.h"

namespace inxt::host {
namespace {

namespace fs = std::filesystem;

TEST_CASE("log lines stay one line, whatever is in them") {
  const sys::ManualClock clock(1'800'000'000);
  std::string out;
  Log log(clock, LogLevel::info, [&](std::string_view line) { out += line; });
  log.write(LogLevel::info, "stored",
            {{"plain", "a/b?c"}, {"hostile", "x\n\x1b[2J\" level=\xff"}, {"none", ""}});
  CHECK(out ==
        "time=2027-01-15T08:00:00Z level=info event=stored plain=a/b?c hostile=\"x\\x0a\\x1b[2J\\x22 "
        "level=\\xff\" "
        "none=\"\"\n");
  log.write(LogLevel::debug, "request", {});
  CHECK(std::ranges::count(out, '\n') == 1);
  CHECK(log_value(std::string(5000, 'a')).size() < 600);
}

TEST_CASE("accept lists") {
  const std::string id(64, 'a'), other(64, 'b');
  const auto list = AcceptList::parse("# ours\n" + id + "\r\n\n  " + other + "  # a friend");
  REQUIRE(list.has_value());
  CHECK(list->size() == 2);
  CHECK(list->accepts(*AccountId::parse(other)));
  CHECK_FALSE(list->accepts(AccountId{}));
  CHECK(AcceptList::parse("")->size() == 0);
  CHECK(AcceptList::any().accepts(AccountId{}));
  // New keys do not give a stranger more requests at once; an account has its own, wherever it comes from.
  const crypto::PublicKey account = AccountId::parse(id)->bytes, stranger{};
  CHECK(list->counted_as(account, "192.0.2.1") == id);
  CHECK(list->counted_as(stranger, "192.0.2.1") == "192.0.2.1");
  CHECK(list->counted_as({}, "192.0.2.1") == "192.0.2.1");
  CHECK(list->counted_as(stranger, "2001:db8::1:2") == list->counted_as(stranger, "2001:db8::ffff"));
  CHECK(AcceptList::any().counted_as(account, "192.0.2.1") == "192.0.2.1");
  for (const std::string& bad : {std::string("any"), id + "a", std::string(64, 'A'), id + " " + other})
    CHECK(AcceptList::parse("\n" + bad).error().what.find("line 2") != std::string::npos);
  CHECK(AcceptList::load("/nonexistent/file").error().code == Code::not_found);
}

TEST_CASE("a Host's identity is made once, and kept to itself") {
  crypto::start();
  std::string name = (fs::temp_directory_path() / "inxt-identity-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  const auto directory = *sys::open_directory(name);
  crypto::SystemRandom random;
  CHECK(load_identity(name).error().code == Code::not_found);
  const auto made = load_or_make_identity(*directory, name, random);
  REQUIRE(made.has_value());
  const auto again = load_or_make_identity(*directory, name, random);
  REQUIRE(again.has_value());
  CHECK(made->public_key() == again->public_key());

  const std::string file = name + "/identity.key";
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK_FALSE(fs::exists(file + ".new"));
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  CHECK(load_identity(name).error().code == Code::denied);
  REQUIRE(::chmod(file.c_str(), 0600) == 0);
  fs::resize_file(file, fs::file_size(file) - 1);
  CHECK(load_identity(name).error().code == Code::integrity);
  CHECK(load_or_make_identity(*directory, name, random).error().code ==
        Code::integrity);  // and no new one is made
  fs::remove_all(name);
}

TEST_CASE("the buffer pool keeps its budget") {
  BufferPool pool(5 << 20);
  {
    auto first = pool.piece_buffer(proof::kPieceBytesMax);
    auto second = pool.read_buffer(proof::kPieceBytesMax);
    REQUIRE((first && second));
    CHECK((*first)->data().size() == proof::kPieceBytesMax);
    CHECK((*second)->size_bytes() >= proof::kPieceBytesMax + 8192);
    CHECK(pool.piece_buffer(proof::kPieceBytesMax).error().code == Code::try_again);
    CHECK(pool.piece_buffer(1).has_value());
    CHECK(pool.room(5 << 20).error().what.find("buffer_bytes_max") != std::string::npos);
  }
  CHECK(pool.used_bytes() == 0);
  CHECK(pool.room(5 << 20).has_value());
}

}  // namespace
}  // namespace inxt::host
