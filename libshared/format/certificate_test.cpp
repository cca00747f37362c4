// SPDX-License-Identifier: AGPL-3.0-or-later
// Whose manifests a reader takes.
#include "format/certificate.h"

#include <doctest/doctest.h>

#include "format/token.h"

namespace inxt::format {
namespace {

constexpr std::int64_t kCertifiedS = 1'700'000'000;

const crypto::SigningKey kIdentity = crypto::SigningKey::from_seed(Bytes(32, std::byte{1}));
const WriterId kWriter{crypto::SigningKey::from_seed(Bytes(32, std::byte{2})).public_key()};

Header header_with(Certificate certificate) {
  Header header;
  header.writer = kWriter;
  header.uploader = 3;
  header.certificate = *sign_certificate(certificate, kIdentity);
  return header;
}
Certificate good() {
  return {.owner = {kIdentity.public_key()},
          .writer = kWriter,
          .uploader = 3,
          .issued_unix_s = kCertifiedS - 10,
          .expires_unix_s = kCertifiedS};
}
KnownWriters knowing_the_owner() {
  return {.writers = {}, .owners = {OwnerId{kIdentity.public_key()}}, .own = {}, .now_unix_s = kCertifiedS};
}

TEST_CASE("a known owner's certificate speaks for its writer until it ends") {
  auto known = knowing_the_owner();
  CHECK(accept_only(known)(header_with(good())));
  known.now_unix_s = kCertifiedS + kClockSkewS;
  CHECK(accept_only(known)(header_with(good())));
  known.now_unix_s = kCertifiedS + kClockSkewS + 1;
  const auto expired = accept_only(known)(header_with(good()));
  CHECK((!expired && expired.error().code == Code::denied &&
         expired.error().hint.find("--signer") != std::string::npos));
}

TEST_CASE("a certificate about another writer, number or by another owner is none") {
  auto certificate = good();
  certificate.uploader = 4;
  CHECK(accept_only(knowing_the_owner())(header_with(certificate)).error().code == Code::integrity);
  certificate = good();
  certificate.writer = WriterId{};
  CHECK(accept_only(knowing_the_owner())(header_with(certificate)).error().code == Code::integrity);
  auto others = knowing_the_owner();
  others.owners = {OwnerId{}};
  CHECK(accept_only(others)(header_with(good())).error().code == Code::denied);
  auto broken = header_with(good());
  broken.certificate.back() = broken.certificate.back() == 'A' ? 'B' : 'A';
  CHECK(accept_only(knowing_the_owner())(broken).error().code == Code::integrity);
}

TEST_CASE("a writer that is trusted, or one's own of this number, needs no certificate") {
  Header header;
  header.writer = kWriter;
  header.uploader = 3;
  KnownWriters known{.writers = {}, .owners = {}, .own = {}, .now_unix_s = kCertifiedS};
  CHECK(accept_only(known)(header).error().code == Code::denied);
  known.writers = {kWriter};
  CHECK(accept_only(known)(header));
  known.writers = {};
  known.own = [](std::uint32_t number) { return number == 3 ? std::optional(kWriter) : std::nullopt; };
  CHECK(accept_only(known)(header));
  header.uploader = 4;
  CHECK(accept_only(known)(header).error().code == Code::denied);
}

}  // namespace
}  // namespace inxt::format
