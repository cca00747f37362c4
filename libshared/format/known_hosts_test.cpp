// SPDX-License-Identifier: AGPL-3.0-or-later
// Successions, and whom an id leads to when keys were rotated.
#include "format/known_hosts.h"

#include <doctest/doctest.h>

#include "format/token.h"

namespace inxt::format {
namespace {

crypto::SigningKey key_of(int number) {
  return crypto::SigningKey::from_seed(Bytes(32, static_cast<std::byte>(number)));
}
HostId id_of(int number) {
  return {key_of(number).public_key()};
}

/// The tokens of a chain: each key hands over to the next.
std::vector<std::string> chain(std::initializer_list<int> keys) {
  std::vector<std::string> out;
  for (const auto* key = keys.begin(); key + 1 < keys.end(); ++key)
    out.push_back(*sign_succession(id_of(key[1]), 1'700'000'000, key_of(*key)));
  return out;
}

/// A line by the last of `keys`.
std::string line_of(std::initializer_list<int> keys, std::int64_t issued = 5) {
  const int present = *(keys.end() - 1);
  Descriptor descriptor;
  descriptor.host = id_of(present);
  descriptor.software = "0.1.0";
  descriptor.addresses = {"host" + std::to_string(present) + ":1"};
  descriptor.issued_unix_s = issued;
  descriptor.succession = chain(keys);
  return hosts_line(descriptor, *sign_descriptor(descriptor, key_of(present)));
}

KnownHosts known(const std::string& text) {
  auto hosts = read_hosts(text);
  if (!hosts) FAIL(hosts.error().what);
  return KnownHosts(*std::move(hosts));
}

TEST_CASE("a chain is one only when each link is signed by the key before") {
  const auto good = open_successions(chain({1, 2, 3}), id_of(3));
  REQUIRE(good);
  REQUIRE(good->size() == 2);
  CHECK((*good)[0].from == id_of(1));
  CHECK((*good)[1].from == id_of(2));
  CHECK(open_successions({}, id_of(3))->empty());

  auto gap = chain({1, 2});
  gap.push_back(chain({3, 4}).front());
  CHECK(open_successions(gap, id_of(4)).error().what.find("link 2") != std::string::npos);
  CHECK(!open_successions(chain({1, 2, 3}), id_of(2)));
  CHECK(!open_successions(chain({1, 2, 1}), id_of(1)));
  CHECK(!open_successions(chain({1, 1}), id_of(1)));
  CHECK(open_successions(chain({1, 2, 3, 4, 5, 6, 7, 8, 9}), id_of(9)));
  CHECK(open_successions(chain({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}), id_of(10))
            .error()
            .what.find("kSuccessionsMax") != std::string::npos);

  auto other_type = *sign_token("inxt-successor",
                                {{"iss", id_of(1).hex()}, {"sub", id_of(2).hex()}, {"iat", 1}}, key_of(1));
  CHECK(!open_succession(other_type));
  const auto small = *sign_token("inxt-succession",
                                 {{"iss", id_of(1).hex()}, {"sub", HostId{}.hex()}, {"iat", 1}}, key_of(1));
  CHECK(open_succession(small).error().what.find("sound") != std::string::npos);
}

TEST_CASE("a descriptor carries the succession, and refuses another's") {
  const auto line = line_of({1, 2, 3});
  const auto opened = read_hosts(line);
  REQUIRE(opened);
  CHECK(opened->front().succession == chain({1, 2, 3}));
  CHECK(opened->front().former.size() == 2);

  Descriptor stolen;
  stolen.host = id_of(7);
  stolen.addresses = {"x:1"};
  stolen.succession = chain({1, 2});
  CHECK(!open_descriptor(*sign_descriptor(stolen, key_of(7))));
}

TEST_CASE("the longest descriptor with the longest chain is a line, or says what is too long") {
  Descriptor descriptor;
  descriptor.host = id_of(9);
  descriptor.software = std::string(64, 'v');
  descriptor.succession = chain({1, 2, 3, 4, 5, 6, 7, 8, 9});
  descriptor.addresses.assign(kAddressesMax, std::string(120, 'a') + ":4242");
  const auto token = sign_descriptor(descriptor, key_of(9));
  REQUIRE(token);
  const auto line = hosts_line(descriptor, *token);
  CHECK(line.size() <= kLineBytesMax);
  CHECK(read_hosts(line));
  descriptor.addresses.assign(kAddressesMax, std::string(270, 'a') + ":4242");
  CHECK(sign_descriptor(descriptor, key_of(9)).error().what.find("kTokenBytesMax") != std::string::npos);
}

TEST_CASE("an id leads through rotations to the Host of today") {
  // The lines of each time, as a file that was only ever appended to has them.
  const auto hosts = known(line_of({1}, 90) + line_of({1, 2}) + line_of({1, 2, 3}) + line_of({5}));
  for (int was : {1, 2, 3}) {
    REQUIRE(hosts.find(id_of(was)) != nullptr);
    CHECK(hosts.find(id_of(was))->host == id_of(3));
  }
  CHECK(hosts.find(id_of(5))->host == id_of(5));
  CHECK(hosts.successors_of(id_of(1)) == std::vector<HostId>{id_of(2), id_of(3)});
  CHECK(hosts.successors_of(id_of(3)).empty());
  CHECK(hosts.find(id_of(4)) == nullptr);
  CHECK(hosts.disputes().empty());
  const auto fresh = hosts.for_new_pieces();
  REQUIRE(fresh.size() == 2);
  CHECK(fresh[0].host == id_of(3));
  CHECK(fresh[1].host == id_of(5));
  CHECK(hosts.names().size() == 4);

  // A link is enough where the Host's own line is missing.
  const auto partly = known(line_of({2, 3}) + line_of({1, 2}));
  CHECK(partly.find(id_of(1))->host == id_of(3));
  CHECK(known(line_of({1, 2})).find(id_of(3)) == nullptr);
}

TEST_CASE("two successors by one key: neither is followed") {
  const auto hosts = known(line_of({1, 2}) + line_of({1, 3, 4}) + line_of({5}) + line_of({0, 1}));
  REQUIRE(hosts.disputes().size() == 1);
  CHECK(hosts.disputes().front().id == id_of(1));
  CHECK(KnownHosts::describe(hosts.disputes().front()).find(id_of(1).hex().substr(0, 8)) !=
        std::string::npos);
  CHECK(hosts.find(id_of(0)) == nullptr);
  CHECK(hosts.find(id_of(1)) == nullptr);
  // What was put under their own ids is still had from them.
  CHECK(hosts.find(id_of(2))->host == id_of(2));
  CHECK(hosts.find(id_of(3))->host == id_of(4));
  const auto fresh = hosts.for_new_pieces();
  REQUIRE(fresh.size() == 1);
  CHECK(fresh.front().host == id_of(5));
}

TEST_CASE("successors of each other lead nowhere, and without end nowhere either") {
  const auto hosts = known(line_of({1, 2}) + line_of({2, 1}));
  CHECK(hosts.find(id_of(1)) == nullptr);
  CHECK(hosts.find(id_of(2)) == nullptr);
  CHECK(hosts.for_new_pieces().empty());
  std::string text;
  for (int i = 1; i < 40; ++i) text += line_of({i, i + 1});
  const auto longest = known(text);
  CHECK(longest.find(id_of(40))->host == id_of(40));
  CHECK(longest.find(id_of(32))->host == id_of(40));
  CHECK(longest.find(id_of(1)) == nullptr);
}

}  // namespace
}  // namespace inxt::format
