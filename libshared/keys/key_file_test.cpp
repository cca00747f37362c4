// SPDX-License-Identifier: LGPL-3.0-or-later
#include "keys/key_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "keys/key_source.h"
#include "keys/secret_json.h"
#include "sys/files.h"

namespace inxt::keys {
namespace {

constexpr SealCost kCheap{8, 1};  // the cost is the file's; tests need not wait

struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "inxt-keys-XXXXXX";
    REQUIRE(mkdtemp(name.data()));
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

Key owner_key(std::uint64_t seed = 1, std::size_t bytes = 32) {
  crypto::SeededRandom random(seed);
  auto entropy = random.bytes<32>();
  return Key::of_owner(OwnerKeys::from_entropy(ByteView(entropy).first(bytes)));
}

Key uploader_key() {
  Key owner = owner_key();
  std::string certificate = *certify_uploader(*owner.owner(), 7, 1000, 2000);
  crypto::Key secret(owner.uploader(7)->uploader_key().first<32>());
  return Key::of_uploader(owner.owner_id(), owner.recipient(),
                          UploaderKeys(7, std::move(secret), certificate));
}

std::string text_of_key(const Key& key, std::optional<std::string_view> passphrase = std::nullopt) {
  crypto::SeededRandom random(2);
  std::optional<ByteView> bytes;
  if (passphrase) bytes = view_of(*passphrase);
  auto text = write_key(key, bytes, random, kCheap);
  REQUIRE(text);
  return std::string(text->text());
}

Result<Key> open_text(std::string_view text, std::string_view passphrase) {
  KeyFile file = TRY(KeyFile::parse(text));
  return file.sealed() ? file.open(view_of(passphrase)) : file.open();
}

TEST_CASE("owners and uploaders, sealed and not, come back") {
  for (bool sealed : {false, true}) {
    std::optional<std::string_view> passphrase;
    if (sealed) passphrase = "correct horse";
    for (std::size_t bytes : {16U, 32U}) {
      Key key = owner_key(bytes, bytes);
      auto back = open_text(text_of_key(key, passphrase), "correct horse");
      REQUIRE(back);
      REQUIRE(back->is_owner());
      CHECK(to_hex(back->owner()->entropy()) == to_hex(key.owner()->entropy()));
      CHECK(back->owner_id() == key.owner_id());
    }
    Key key = uploader_key();
    auto file = KeyFile::parse(text_of_key(key, passphrase));
    REQUIRE(file);
    CHECK(file->sealed() == sealed);
    CHECK(file->public_keys().uploader == 7);
    auto back = open_text(text_of_key(key, passphrase), "correct horse");
    REQUIRE(back);
    CHECK(!back->is_owner());
    CHECK(back->uploader().number() == 7);
    CHECK(back->uploader().writer_id() == key.uploader().writer_id());
    CHECK(back->uploader().certificate() == key.uploader().certificate());
    CHECK(back->recipient() == key.recipient());
  }
}

TEST_CASE("a caretaker's file holds its key and no certificate, and its number says that it is one") {
  const Key owner = owner_key();
  const auto number = format::kCaretakersBegin + 3;
  const Key caretaker = Key::of_uploader(owner.owner_id(), owner.recipient(), owner.owner()->uploader(number));
  CHECK(caretaker.is_caretaker());
  for (const bool sealed : {false, true}) {
    std::optional<std::string_view> passphrase;
    if (sealed) passphrase = "correct horse";
    const auto text = text_of_key(caretaker, passphrase);
    CHECK(text.find("\"kind\":\"caretaker\"") != text.npos);
    const auto back = open_text(text, "correct horse");
    REQUIRE(back);
    CHECK((back->is_caretaker() && !back->is_owner() && !back->recipient_secret()));
    CHECK(back->uploader().number() == number);
    CHECK(to_hex(back->uploader().uploader_key()) == to_hex(caretaker.uploader().uploader_key()));
  }
  auto text = text_of_key(caretaker);
  text.replace(text.find("\"caretaker\""), 11, "\"uploader\"");
  CHECK(KeyFile::parse(text).error().code == Code::integrity);
  auto of_uploader = text_of_key(uploader_key());
  of_uploader.replace(of_uploader.find("\"kind\":\"uploader\""), 17, "\"kind\":\"caretaker\"");
  CHECK(KeyFile::parse(of_uploader).error().code == Code::integrity);
}

TEST_CASE("a wrong passphrase is said to be wrong") {
  auto opened = open_text(text_of_key(owner_key(), "right"), "wrong");
  REQUIRE(!opened);
  CHECK(opened.error().code == Code::wrong_key);
  crypto::SeededRandom random(1);
  CHECK(write_key(owner_key(), view_of(""), random, kCheap).error().code == Code::usage);
}

TEST_CASE("no flipped bit goes unnoticed") {
  for (const std::string& text : {text_of_key(owner_key(), "p"), text_of_key(owner_key()),
                                  text_of_key(uploader_key(), "p"), text_of_key(uploader_key())}) {
    REQUIRE(open_text(text, "p"));
    int refused = 0;
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
      std::string changed = text;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
      auto opened = open_text(changed, "p");
      CAPTURE(bit);
      CAPTURE(changed);
      REQUIRE(!opened);
      bool said = opened.error().code == Code::wrong_key || opened.error().code == Code::integrity;
      REQUIRE(said);
      REQUIRE(opened.error().what.size() > 10);
      ++refused;
    }
    CHECK(refused == static_cast<int>(text.size() * 8));
  }
}

TEST_CASE("a file cut short is refused at every byte") {
  const std::string text = text_of_key(owner_key(), "p");
  for (std::size_t length = 0; length + 1 < text.size(); ++length)
    CHECK(!open_text(std::string_view(text).substr(0, length), "p"));
}

TEST_CASE("hostile members are refused") {
  const std::string text = text_of_key(owner_key(), "p");
  auto with = [&](std::string_view from, std::string_view to) {
    std::string changed = text;
    std::size_t at = changed.find(from);
    REQUIRE(at != std::string::npos);
    changed.replace(at, from.size(), to);
    return KeyFile::parse(changed);
  };
  CHECK(with("\"memory_kib\":8", "\"memory_kib\":65537").error().what.find("memory_kib") !=
        std::string::npos);
  CHECK(!with("\"memory_kib\":8", "\"memory_kib\":0"));
  CHECK(!with("\"passes\":1", "\"passes\":0"));
  CHECK(!with("\"passes\":1", "\"passes\":17"));
  CHECK(!with("\"version\":1", "\"version\":2"));
  CHECK(!with("\"sealed\":true", "\"sealed\":false"));
  CHECK(!with("\"kind\":\"owner\"", "\"kind\":\"uploader\""));
  CHECK(!with("{\"type\"", "{\"secret\":\"AAAA\",\"type\""));
  CHECK(!with("{\"type\"", "{\"x\":1,\"type\""));
  CHECK(!KeyFile::parse(std::string(kKeyFileBytesMax + 1, ' ')));
}

TEST_CASE("the secret part is flat and plain") {
  CHECK(read_secret_json("{\"a\":\"b\"}"));
  CHECK(read_secret_json(" { \"a\" : \"b\" , \"c\" : \"\" } "));
  for (std::string_view bad :
       {"", "{", "{}", "{\"a\":1}", "{\"a\":\"b\",}", "{\"a\":\"b\"}x", "{\"a\":\"\\u0041\"}",
        "{\"a\":\"b\",\"a\":\"c\"}", "{\"a\":\"b", "[\"a\"]", "{\"a\":\"b\"\"c\":\"d\"}"})
    CHECK(!read_secret_json(bad));
}

TEST_CASE("a key file that others can reach is refused") {
  Folder folder;
  auto path = folder.path / "key";
  std::string text = text_of_key(owner_key());
  REQUIRE(create_secret_file(path, view_of(text)));
  struct stat status;
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  CHECK(read_key_file(path));
  for (mode_t mode : {0640, 0604, 0610, 0602, 0644}) {
    REQUIRE(chmod(path.c_str(), mode) == 0);
    auto refused = read_key_file(path);
    REQUIRE(!refused);
    CHECK(refused.error().code == Code::denied);
    CHECK(refused.error().hint.starts_with("chmod 600"));
  }
  REQUIRE(chmod(path.c_str(), 0400) == 0);
  CHECK(read_key_file(path));
  CHECK(read_key_file(folder.path / "absent").error().code == Code::not_found);
}

TEST_CASE("an existing file is never overwritten, and nothing is left beside it") {
  Folder folder;
  auto path = folder.path / "key";
  std::ofstream(path) << "precious";
  auto refused = create_secret_file(path, view_of("x"));
  REQUIRE(!refused);
  CHECK(refused.error().code == Code::usage);
  std::filesystem::create_symlink("nowhere", folder.path / "link");
  CHECK(!create_secret_file(folder.path / "link", view_of("x")));
  CHECK(create_secret_file(folder.path / "no" / "key", view_of("x")).error().code == Code::not_found);
  std::string content;
  std::ifstream(path) >> content;
  CHECK(content == "precious");
  int entries = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path)) ++entries;
  CHECK(entries == 2);
}

TEST_CASE("the key is looked for in its order") {
  Folder folder;
  auto put = [&](const std::filesystem::path& path, std::uint64_t seed) {
    std::filesystem::create_directories(path.parent_path());
    REQUIRE(create_secret_file(path, view_of(text_of_key(owner_key(seed)))));
    return path;
  };
  KeySource source;
  source.no_input = true;
  source.config_folder = folder.path / "config";
  auto owner_of = [&] { return find_key_file(source)->public_keys().owner; };
  CHECK(find_key_file(source).error().code == Code::not_found);
  put(default_key_path(source), 10);
  CHECK(owner_of() == owner_key(10).owner_id());
  source.key_file_variable = put(folder.path / "variable", 11);
  CHECK(owner_of() == owner_key(11).owner_id());
  source.credentials_directory = folder.path / "credentials";
  CHECK(owner_of() == owner_key(11).owner_id());
  auto credential = put(source.credentials_directory / "inxt-key", 12);
  REQUIRE(chmod(credential.c_str(), 0440) == 0);
  CHECK(owner_of() == owner_key(12).owner_id());
  source.key_command = "cat '" + put(folder.path / "command", 13).string() + "'";
  CHECK(owner_of() == owner_key(13).owner_id());
  sys::Fd fd = std::move(*sys::open_file(put(folder.path / "fd", 14)));
  source.key_fd = fd.number();
  CHECK(owner_of() == owner_key(14).owner_id());
  source.key_file = put(folder.path / "file", 15);
  CHECK(owner_of() == owner_key(15).owner_id());
  CHECK(open_key(source)->owner_id() == owner_key(15).owner_id());
}

TEST_CASE("commands that fail, say nothing or say too much are errors") {
  KeySource source;
  source.key_command = "exit 3";
  CHECK(find_key_file(source).error().what.find("status 3") != std::string::npos);
  source.key_command = "true";
  CHECK(find_key_file(source).error().code == Code::integrity);
  source.key_command = "yes";
  CHECK(find_key_file(source).error().code == Code::integrity);
  source.key_command = "kill -9 $$";
  CHECK(find_key_file(source).error().what.find("signal 9") != std::string::npos);
}

TEST_CASE("a sealed key without anybody to ask is a usage error; --passphrase-fd opens it") {
  Folder folder;
  KeySource source;
  source.no_input = true;
  source.key_file = folder.path / "key";
  REQUIRE(create_secret_file(*source.key_file, view_of(text_of_key(owner_key(), "pass phrase"))));
  CHECK(open_key(source).error().code == Code::usage);
  for (auto [line, code] :
       {std::pair{"pass phrase\nrest", Code{}}, {"wrong\n", Code::wrong_key}, {"\n", Code::usage}}) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    REQUIRE(write(ends[1], line, strlen(line)) > 0);
    close(ends[1]);
    source.passphrase_fd = ends[0];
    auto key = open_key(source);
    if (code == Code{}) {
      CHECK(key.has_value());
      char next = 0;  // what follows the line is left to others
      CHECK(read(ends[0], &next, 1) == 1);
      CHECK(next == 'r');
    } else {
      REQUIRE(!key);
      CHECK(key.error().code == code);
    }
    close(ends[0]);
  }
}

}  // namespace
}  // namespace inxt::keys
