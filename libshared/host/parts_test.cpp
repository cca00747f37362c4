// SPDX-License-Identifier: LGPL-3.0-or-later
// The Host's small parts: the accept list, the identity, buffers.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "host/accept_list.h"
#include "host/buffer_pool.h"
#include "host/identity.h"

namespace inxt::host {
namespace {

namespace fs = std::filesystem;

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
  const auto named = AcceptList::parse("account " + id + "\nbridge\t" + other + " # B");
  REQUIRE(named.has_value());
  CHECK(named->accepts(*AccountId::parse(id)));
  CHECK_FALSE(named->accepts(*AccountId::parse(other)));
  CHECK(named->accepts_vouchers_of(AccountId::parse(other)->bytes));
  CHECK_FALSE(named->accepts_vouchers_of(account));
  for (const std::string& bad : {std::string("any"), "host " + id, "bridge" + id, std::string("bridge"),
                                 std::string("bridge any"), id + "a", std::string(64, 'A'), id + " " + other})
    CHECK(AcceptList::parse("\n" + bad).error().what.find("line 2 ") != std::string::npos);
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
  CHECK(made->id() == again->id());

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
    auto first = pool.piece_buffer(proof::kPieceBytesMax, "a");
    auto second = pool.read_buffer(proof::kPieceBytesMax, "b");
    REQUIRE((first && second));
    CHECK((*first)->data().size() == proof::kPieceBytesMax);
    CHECK((*second)->size_bytes() >= proof::kPieceBytesMax + 8192);
    CHECK(pool.piece_buffer(proof::kPieceBytesMax, "c").error().code == Code::try_again);
    CHECK(pool.piece_buffer(1, "c").has_value());
    CHECK(pool.room(5 << 20).error().what.find("buffer_bytes_max") != std::string::npos);
  }
  CHECK(pool.used_bytes() == 0);
  CHECK(pool.room(5 << 20).has_value());
  pool.set_bytes_max(1 << 20);
  CHECK(pool.piece_buffer(proof::kPieceBytesMax, "a").error().code == Code::try_again);
}

TEST_CASE("one peer's bodies leave the others, and audits, theirs") {
  constexpr std::size_t kMax = std::size_t{128} << 20;
  BufferPool pool(kMax);
  std::vector<BufferPool::Lease<store::PieceBuffer>> greedy, others;
  for (int i = 0; i < 1000; ++i) {
    auto lease = pool.piece_buffer(proof::kPieceBytesMax, "greedy");
    if (!lease) {
      CHECK(lease.error().what.find("buffer_bytes_per_peer_max") != std::string::npos);
      break;
    }
    greedy.push_back(std::move(*lease));
  }
  CHECK(pool.used_bytes_of("greedy") <= kMax / 2);  // nobody else wanted any
  for (int i = 0; i < 1000; ++i) {
    auto lease = pool.piece_buffer(proof::kPieceBytesMax, "peer " + std::to_string(i));
    if (!lease) {
      CHECK(lease.error().what.find("buffer_bytes_max") != std::string::npos);
      break;
    }
    others.push_back(std::move(*lease));
  }
  CHECK(others.size() * proof::kPieceBytesMax > kMax / 4);
  CHECK(pool.used_bytes() <= kMax - kMax / 8);
  CHECK(pool.room(kMax / 8).has_value());  // an audit's
  CHECK(pool.read_buffer(4096, "greedy").has_value());
  greedy.clear();
  CHECK(pool.used_bytes_of("greedy") == 0);
  CHECK(pool.piece_buffer(proof::kPieceBytesMax, "greedy").has_value());
}

TEST_CASE("however many peers hold what they may, a newcomer gets some, and shortness is told") {
  BufferPool pool(std::size_t{128} << 20);
  int told = 0;
  pool.on_short([&] { ++told; });
  std::vector<BufferPool::Lease<store::PieceBuffer>> held;
  for (int round = 0; round < 100; ++round)
    for (int peer = 0; peer < 16; ++peer)
      if (auto lease = pool.piece_buffer(proof::kPieceBytesMax, "peer " + std::to_string(peer)))
        held.push_back(std::move(*lease));
  CHECK(held.size() >= 32);
  CHECK(told > 0);
  auto first = pool.piece_buffer(proof::kPieceBytesMax, "newcomer");
  auto second = pool.read_buffer(proof::kPieceBytesMax, "newcomer");
  CHECK(first.has_value());
  CHECK(second.has_value());
}

}  // namespace
}  // namespace inxt::host
