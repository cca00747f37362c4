// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "crypto/box.h"
#include "crypto/random.h"
#include "format/share_bundle.h"
#include "format/share_file.h"
#include "format/share_link.h"

namespace inxt::format {
namespace {

crypto::SystemRandom& system_random() {
  static crypto::SystemRandom source;
  return source;
}

crypto::SigningKey fresh_key() {
  crypto::Key seed;
  system_random().fill(seed.span());
  return crypto::SigningKey::from_seed(seed.view());
}

struct Shared {
  crypto::SigningKey writer = fresh_key();
  crypto::SigningKey bridge = fresh_key();
  ShareAccess access{.keys = ShareKeys::fresh(system_random()),
                     .bridge = bridge.public_key(),
                     .addresses = {"192.0.2.1:4243", "bridge.example:4243"},
                     .writer = {writer.public_key()}};
};

SharedFile file_at(std::string path) {
  SharedFile file;
  file.path = std::move(path);
  file.bytes = 10;
  file.mtime_unix_s = 1'800'000'000;
  file.mode = 0640;
  file.extents = {{.first = 0, .bytes = 4, .from = 6, .manifest = 1},
                  {.first = 4, .bytes = 6, .from = 0, .manifest = 0}};
  for (int level = 0; level < 2; ++level) {
    SharedManifest manifest;
    manifest.lines = "{\"type\":\"header\"}\n";
    for (int i = 0; i <= level; ++i) {
      crypto::Key secret;
      system_random().fill(secret.span());
      manifest.secrets.push_back(std::move(secret));
    }
    file.manifests.push_back(std::move(manifest));
  }
  return file;
}

ShareBundle bundle_of(std::initializer_list<const char*> paths) {
  ShareBundle bundle;
  bundle.is_folder = true;
  bundle.name = "photos";
  bundle.made_unix_s = 1'800'000'000;
  bundle.expires_unix_s = 1'800'003'600;
  bundle.folders = {"2026", "2026/empty"};
  bundle.accounts.push_back({.host = HostId{fresh_key().public_key()},
                             .uploader = 3,
                             .account = AccountId{fresh_key().public_key()}});
  for (const char* path : paths) bundle.files.push_back(file_at(path));
  return bundle;
}

Result<ShareBundle> through(const ShareBundle& bundle, const Shared& shared) {
  const auto sealed = seal_bundle(bundle, shared.access.keys, shared.writer, system_random());
  REQUIRE(sealed.has_value());
  return open_bundle(*sealed, shared.access.keys, shared.access.writer);
}

TEST_CASE("all keys of a share follow from its secret, and from nothing else") {
  const auto one = ShareKeys::fresh(system_random());
  const auto same = ShareKeys::of(one.secret().view());
  CHECK(one.id() == same.id());
  CHECK(one.client().public_key() == same.client().public_key());
  CHECK(std::ranges::equal(one.bundle_key().view(), same.bundle_key().view()));
  const auto other = ShareKeys::fresh(system_random());
  CHECK(one.id() != other.id());
  CHECK(one.client().public_key() != other.client().public_key());
}

TEST_CASE("a link says all that its reader needs, and any letter of it that was changed is known for it") {
  const Shared shared;
  const auto made = write_share_link(shared.access);
  const std::string link(made.text());
  const auto read = read_share_link(" " + link + "\r\n");
  REQUIRE(read.has_value());
  CHECK(std::ranges::equal(read->keys.secret().view(), shared.access.keys.secret().view()));
  CHECK(read->keys.id() == shared.access.keys.id());
  CHECK(read->bridge == shared.access.bridge);
  CHECK(read->writer == shared.access.writer);
  CHECK(read->addresses == std::vector<std::string>{"192.0.2.1:4243"});
  const auto hash = link.find('#');
  const auto sealed = seal_bundle(bundle_of({"a"}), shared.access.keys, shared.writer, system_random());
  for (std::size_t i = link.find("/s/"); i < link.size(); ++i) {
    std::string changed = link;
    changed[i] = changed[i] == 'a' ? 'b' : 'a';
    const auto other = read_share_link(changed);
    if (!other) {
      CHECK(other.error().code == Code::usage);
      CHECK(other.error().what.find(link.substr(hash + 1, 8)) ==
            std::string::npos);  // nothing of the secret is told
      continue;
    }
    // Then it names another Bridge, which is not reached, or another writer, whose bundle this is not.
    CHECK((other->bridge != shared.access.bridge || !open_bundle(*sealed, other->keys, other->writer)));
  }
  for (const char* text :
       {"", "#", "https://", "http://192.0.2.1:4243/s/x#y", "https://192.0.2.1:4243/s/#", "/s/#https://"})
    CHECK_FALSE(read_share_link(text).has_value());
  for (std::size_t bytes = 0; bytes < link.size(); ++bytes)
    CHECK_FALSE(read_share_link(link.substr(0, bytes)).has_value());
  CHECK_FALSE(read_share_link(link + "A").has_value());
  CHECK_FALSE(read_share_link(std::string(kShareLinkBytesMax, 'a') + link).has_value());
}

TEST_CASE("a share file opens with the recipient's key only, and not when a byte of it was changed") {
  const Shared shared;
  crypto::Key recipient, other;
  system_random().fill(recipient.span());
  system_random().fill(other.span());
  const auto line = write_share_file(shared.access, 1'900'000'000, crypto::x25519_public(recipient.view()),
                                     "inxtr1x", shared.writer);
  REQUIRE(line.has_value());
  const auto file = read_share_file(*line);
  REQUIRE(file.has_value());
  CHECK(file->expires_unix_s == 1'900'000'000);
  CHECK(file->addresses == shared.access.addresses);
  const auto opened = open_share_file(*file, recipient.view());
  REQUIRE(opened.has_value());
  CHECK(std::ranges::equal(opened->keys.secret().view(), shared.access.keys.secret().view()));
  const auto not_opened = open_share_file(*file, other.view());
  REQUIRE_FALSE(not_opened.has_value());
  CHECK(not_opened.error().code == Code::wrong_key);
  for (std::size_t i = 0; i + 1 < line->size(); ++i) {
    std::string changed = *line;
    changed[i] = changed[i] == 'a' ? 'b' : 'a';
    CHECK_FALSE(read_share_file(changed).has_value());
  }
}

TEST_CASE("a secret of another share in a share file is refused, whoever signed it") {
  Shared shared;
  crypto::Key recipient;
  system_random().fill(recipient.span());
  const auto line = write_share_file(shared.access, 1'900'000'000, crypto::x25519_public(recipient.view()),
                                     "inxtr1x", shared.writer);
  auto file = read_share_file(*line);
  REQUIRE(file.has_value());
  file->share.bytes[0] ^= std::byte{1};
  const auto opened = open_share_file(*file, recipient.view());
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().code == Code::integrity);
}

TEST_CASE("a bundle comes out as it went in") {
  const Shared shared;
  const auto bundle = bundle_of({"a.tar", "2026/b"});
  const auto back = through(bundle, shared);
  REQUIRE(back.has_value());
  CHECK(back->name == "photos");
  CHECK(back->folders == bundle.folders);
  CHECK(back->accounts[0].account == bundle.accounts[0].account);
  CHECK(back->accounts[0].uploader == 3);
  REQUIRE(back->files.size() == 2);
  CHECK(back->files[1].path == "2026/b");
  CHECK(back->files[1].extents[0].from == 6);
  CHECK(back->files[1].mode == 0640);
  REQUIRE(back->files[1].manifests[1].secrets.size() == 2);
  CHECK(std::ranges::equal(back->files[1].manifests[1].secrets[1].view(),
                           bundle.files[1].manifests[1].secrets[1].view()));
}

TEST_CASE("a Bridge that shows another bundle, or a changed one, shows nothing") {
  const Shared shared, other;
  const auto sealed = seal_bundle(bundle_of({"a"}), shared.access.keys, shared.writer, system_random());
  REQUIRE(sealed.has_value());
  const auto refused = [&](ByteView bytes, const ShareKeys& keys, const WriterId& writer) {
    const auto opened = open_bundle(bytes, keys, writer);
    return !opened && opened.error().code == Code::integrity;
  };
  CHECK(refused(*sealed, other.access.keys, shared.access.writer));  // another share's
  CHECK(refused(*sealed, shared.access.keys,
                other.access.writer));  // by one who has the secret, and is not the owner
  for (std::size_t i = 0; i < sealed->size(); ++i) {
    Bytes changed = *sealed;
    changed[i] ^= std::byte{1};
    CHECK(refused(changed, shared.access.keys, shared.access.writer));
  }
  for (std::size_t bytes = 0; bytes < sealed->size(); bytes += 7)
    CHECK(refused(ByteView(*sealed).first(bytes), shared.access.keys, shared.access.writer));
}

TEST_CASE("paths that lead out of a shared folder, lie in none of it, or stand there twice, are refused") {
  const Shared shared;
  for (const char* path :
       {"../a", "a/../../b", "/a", "a//b", "a/", ".", "..", "", "2026", "other/a", "2026/b/c"}) {
    INFO(path);
    const auto back = through(bundle_of({path}), shared);
    CHECK_FALSE(back.has_value());
  }
  CHECK_FALSE(through(bundle_of({"a", "a"}), shared).has_value());
  CHECK_FALSE(through(bundle_of({"a", "a/b"}), shared).has_value());
  CHECK(through(bundle_of({"2026/b", "2026/empty/c"}), shared).has_value());
  auto lost = bundle_of({});
  lost.folders = {"2026", "2027/empty"};
  CHECK_FALSE(through(lost, shared).has_value());
  CHECK_FALSE(through(bundle_of({std::string(256, 'a').c_str()}), shared).has_value());
  auto gap = bundle_of({"a"});
  gap.files[0].extents[1].first = 5;
  CHECK_FALSE(through(gap, shared).has_value());
  auto none = bundle_of({"a"});
  none.files[0].extents[0].manifest = 2;
  CHECK_FALSE(through(none, shared).has_value());
  auto two = bundle_of({"a", "b"});
  two.is_folder = false;
  two.folders.clear();
  CHECK_FALSE(through(two, shared).has_value());
}

TEST_CASE("what is more than a share holds is refused before it is sealed, with the limit's name") {
  const Shared shared;
  auto bundle = bundle_of({});
  bundle.folders.assign(kShareFilesMax + 1, "a");
  auto sealed = seal_bundle(bundle, shared.access.keys, shared.writer, system_random());
  REQUIRE_FALSE(sealed.has_value());
  CHECK(sealed.error().what.find("kShareFilesMax") != std::string::npos);
  bundle = bundle_of({"a"});
  bundle.files[0].manifests[0].lines.assign(kShareManifestBytesMax + 1, ' ');
  sealed = seal_bundle(bundle, shared.access.keys, shared.writer, system_random());
  REQUIRE_FALSE(sealed.has_value());
  CHECK(sealed.error().what.find("kShareManifestBytesMax") != std::string::npos);
}

}  // namespace
}  // namespace inxt::format
