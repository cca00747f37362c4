// SPDX-License-Identifier: LGPL-3.0-or-later
#include "keys/owner.h"

#include <doctest/doctest.h>

#include "crypto/box.h"
#include "crypto/labels.h"
#include "keys/slip10.h"

namespace inxt::keys {
namespace {

TEST_CASE("the roles are where inxt-key(5) says") {
  ByteArray<32> entropy{};
  OwnerKeys owner = OwnerKeys::from_entropy(entropy);
  Seed seed = seed_from_words(owner.words().text());
  auto role = [&](std::uint32_t n) {
    return slip10(seed.view(), std::array<std::uint32_t, 2>{1768847476, n}).key;
  };

  CHECK(owner.id().bytes == crypto::SigningKey::from_seed(role(0).view()).public_key());
  crypto::Key secret = crypto::derive(role(1).view(), {}, "inxt/v1/recipient");
  CHECK(owner.recipient() == crypto::x25519_public(secret.view()));
  crypto::Key u3 =
      crypto::derive(role(2).view(), {}, "inxt/v1/uploader", ByteArray<4>{{{}, {}, {}, std::byte{3}}});
  CHECK(to_hex(owner.uploader(3).uploader_key()) == to_hex(u3.view()));
  crypto::Key w3 = crypto::derive(u3.view(), {}, "inxt/v1/writer");
  CHECK(owner.uploader(3).writer_id().bytes == crypto::SigningKey::from_seed(w3.view()).public_key());
  HostId host;
  host.bytes.fill(std::byte{7});
  crypto::Key a3 = crypto::derive(u3.view(), {}, "inxt/v1/account", host.bytes);
  CHECK(owner.uploader(3).account_id(host).bytes == crypto::SigningKey::from_seed(a3.view()).public_key());
}

TEST_CASE("the keys of the zero words do not change") {
  // Golden values: an owner's words must give the same keys in every later version.  Checked against an
  // independent computation with Python's hmac, hashlib and PyNaCl.
  OwnerKeys owner = OwnerKeys::from_entropy(ByteArray<32>{});
  CHECK(owner.id().hex() == "6b9c84664d31e10b20cafc004b6d3ec62fd6ac693ca6caf5e58d45ee82ddfcfb");
  CHECK(recipient_text(owner.recipient()) ==
        "inxtr1cekx4f4plga3uvc775g5jmcw4s89c9uhehmcdawjynu9d28kv9sqk3z0t6");
  CHECK(owner.uploader(0).writer_id().hex() ==
        "b6aadc49db6f4d79c717c9d59ce89e1c3dc589146c812724b0a80a1751c0682d");
  CHECK(owner.uploader(1).account_id(HostId{}).hex() ==
        "176348720cacec242db9804fc06b0526a09e7928c844bdcc218f0d2f1941fefc");
}

TEST_CASE("Hosts and uploaders see different accounts") {
  OwnerKeys owner = OwnerKeys::from_entropy(ByteArray<16>{});
  HostId a, b;
  b.bytes[0] = std::byte{1};
  CHECK(owner.uploader(0).account_id(a) != owner.uploader(0).account_id(b));
  CHECK(owner.uploader(0).account_id(a) != owner.uploader(1).account_id(a));
  CHECK(owner.uploader(0).writer_id() != owner.uploader(1).writer_id());
}

TEST_CASE("a certificate names owner, writer and number") {
  OwnerKeys owner = OwnerKeys::from_entropy(ByteArray<32>{});
  auto token = certify_uploader(owner, 5, 1000, 2000);
  REQUIRE(token);
  auto certificate = format::open_certificate(*token);
  REQUIRE(certificate);
  CHECK(certificate->owner == owner.id());
  CHECK(certificate->writer == owner.uploader(5).writer_id());
  CHECK(certificate->uploader == 5);
  CHECK(certificate->expires_unix_s == 2000);
  CHECK(certify_uploader(owner, 5, 1000, 1000).error().code == Code::usage);
}

TEST_CASE("an owner knows all its uploaders, a delegated machine itself") {
  OwnerKeys owner = OwnerKeys::from_entropy(ByteArray<32>{});
  Key delegated = Key::of_uploader(owner.id(), owner.recipient(), owner.uploader(4));
  CHECK(!delegated.recipient_secret());
  CHECK(delegated.owner() == nullptr);
  CHECK(delegated.is_own_writer(4, owner.uploader(4).writer_id()));
  CHECK(!delegated.is_own_writer(5, owner.uploader(5).writer_id()));
  CHECK(!delegated.uploader(0));
  Key key = Key::of_owner(std::move(owner));
  CHECK(key.uploader().number() == 0);
  CHECK(key.is_own_writer(4, delegated.uploader().writer_id()));
  CHECK(!key.is_own_writer(5, delegated.uploader().writer_id()));
  CHECK(key.recipient_secret());
  auto known = known_writers(key, 0);
  CHECK(known.own(4) == delegated.uploader().writer_id());
}

TEST_CASE("a caretaker's number writes nothing that anybody takes") {
  crypto::SeededRandom random(5);
  const OwnerKeys owner = OwnerKeys::from_entropy(random.bytes<32>());
  const auto number = format::kCaretakersBegin;
  CHECK(certify_uploader(owner, number, 1000, 2000).error().code == Code::usage);
  CHECK(certify_uploader(owner, number - 1, 1000, 2000));

  const auto writer = owner.uploader(number).writer_id();
  const Key key = Key::of_owner(OwnerKeys::from_entropy(owner.entropy()));
  CHECK_FALSE(key.is_own_writer(number, writer));
  CHECK(key.is_own_writer(number - 1, owner.uploader(number - 1).writer_id()));

  format::Header header;
  header.writer = writer;
  header.uploader = number;
  CHECK(format::accept_only(known_writers(key, 1500))(header).error().code == Code::denied);
  const Key caretaker = Key::of_uploader(owner.id(), owner.recipient(), owner.uploader(number));
  CHECK(format::accept_only(known_writers(caretaker, 1500))(header).error().code == Code::denied);
  // The owner's own signature under such a certificate is no word for it either.
  header.certificate = *format::sign_certificate({.owner = owner.id(),
                                                  .writer = writer,
                                                  .uploader = number,
                                                  .issued_unix_s = 1000,
                                                  .expires_unix_s = 2000},
                                                 owner.identity());
  CHECK(format::accept_only(known_writers(key, 1500))(header).error().code == Code::denied);
  CHECK(format::open_certificate(header.certificate).error().code == Code::integrity);
}

}  // namespace
}  // namespace inxt::keys
