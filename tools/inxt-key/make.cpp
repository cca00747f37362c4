// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-key new, restore, uploader and caretaker: key files are made here.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/units.h"
#include "commands.h"
#include "keys/passphrase.h"
#include "sys/xdg.h"

namespace inxt::key_tool {
namespace {

/// Where the key file goes; its folder is made if it is the usual one.  Errors: usage when something is there
/// already, before anybody is asked anything.
Result<std::string> target_of(cli::World& world, const Options& options) {
  const std::string path =
      options.output ? *options.output : keys::default_key_path(world.key_source({})).string();
  if (path == "-") return path;
  if (!options.output) TRY(sys::xdg_folder(sys::Xdg::config));
  if (faccessat(AT_FDCWD, path.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
    return fail(Code::usage, fmt::format("{}: there is a key file already; it is not overwritten", path),
                "name another file with -o, or move this one away");
  return path;
}

Result<std::optional<crypto::SecretBytes>> new_passphrase(cli::World& world, const Options& options) {
  if (options.no_passphrase) return std::nullopt;
  if (options.new_passphrase_fd) return TRY(keys::read_passphrase(*options.new_passphrase_fd));
  if (world.common().no_input)
    return fail(Code::usage, "a passphrase is needed, and --no-input forbids to ask",
                "--passphrase-fd N, or --no-passphrase");
  return TRY(keys::ask_new_passphrase());
}

Result<void> write_secret(const std::string& path, ByteView text) {
  if (path == "-") return sys::write_all(sys::kStandardOutput, text, "standard output");
  return keys::create_secret_file(path, text);
}

Result<void> write_key_file(cli::World& world, const std::string& path, const keys::Key& key,
                            const std::optional<crypto::SecretBytes>& passphrase) {
  std::optional<ByteView> bytes;
  if (passphrase) bytes = passphrase->view();
  const crypto::SecretBytes text = TRY(keys::write_key(key, bytes, world.random()));
  return write_secret(path, text.view());
}

/// Files with words, taken back where the key that they bring back was not made after all.
class FilesOfWords {
 public:
  FilesOfWords() = default;
  FilesOfWords(const FilesOfWords&) = delete;
  FilesOfWords& operator=(const FilesOfWords&) = delete;
  ~FilesOfWords() {
    for (const std::string& path : paths_) unlink(path.c_str());
  }
  Result<void> write(const std::string& path, ByteView text) {
    TRY(write_secret(path, text));
    if (path != "-") paths_.push_back(path);
    return {};
  }
  void keep() { paths_.clear(); }

 private:
  std::vector<std::string> paths_;
};

/// What was made, on standard output with --json, else to the person.
Result<void> tell(cli::World& world, const std::string& path, const keys::Key& key, std::string_view done) {
  if (world.common().json && path != "-") {
    format::Json json;
    json["key_file"] = path;
    json["owner"] = key.owner_id().hex();
    json["recipient"] = keys::recipient_text(key.recipient());
    if (!key.is_owner()) json["uploader"] = key.uploader().number();
    return world.print_json(json);
  }
  world.say(fmt::format("{} {}", done, path == "-" ? "on standard output" : path));
  return {};
}

/// The words as numbered lines of four, or six.
crypto::SecretBytes numbered(std::string_view words) {
  crypto::SecretBytes out;
  for (std::size_t number = 1; !words.empty(); ++number) {
    const std::size_t end = std::min(words.find(' '), words.size());
    const std::string_view word = words.substr(0, end);
    out.append(view_of(fmt::format("{:4}. ", number)));
    out.append(view_of(word));
    out.append(view_of(number % 4 == 0 ? "\n" : std::string_view("            ").substr(word.size())));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return out;
}

crypto::SecretBytes recovery_card(const keys::Key& key, std::string_view words) {
  crypto::SecretBytes card(
      view_of(fmt::format("inxt recovery card\n==================\n\n"
                          "Whoever holds these words can read and delete everything that this owner stored.  "
                          "They cannot be changed.\n"
                          "Print this page, keep it where paper is safe, and delete the file.\n\n"
                          "owner      {}\nrecipient  {}\n\n",
                          key.owner_id().hex(), keys::recipient_text(key.recipient()))));
  card.append(numbered(words).view());
  card.append(
      view_of("\nTo come back: on any machine with inxt, `inxt-key restore`, and type the words on its "
              "standard input.\n"
              "They are BIP-39 words (English); inxt-key(5) says how every key is derived from them.\n"));
  return card;
}

/// On the terminal itself: standard error may go to a log.
Result<sys::Fd> open_terminal() {
  sys::Fd tty(open("/dev/tty", O_WRONLY | O_NOCTTY | O_CLOEXEC));
  if (!tty)
    return fail(Code::usage, "there is no terminal to show the words on",
                "--words-out FILE writes them to a file");
  return tty;
}

Result<void> show_words(const sys::Fd& tty, std::string_view words) {
  crypto::SecretBytes text(
      view_of("\nThese words are the key.  Write them down now; they are not shown again.\n\n"));
  text.append(numbered(words).view());
  text.append(view_of("\n"));
  return sys::write_all(tty.number(), text.view(), "/dev/tty");
}

}  // namespace

Result<cli::Exit> make_new(cli::World& world, const Options& options) {
  const std::string path = TRY(target_of(world, options));
  if (path == "-" && options.words_out == "-")
    return fail(Code::usage, "the key file and the words do not both go to standard output");
  sys::Fd tty;
  if (!options.words_out && !options.recovery_card) tty = TRY(open_terminal());
  const auto passphrase = TRY(new_passphrase(world, options));

  crypto::Secret<32> entropy;
  world.random().fill(entropy.span());
  const keys::Key key = keys::Key::of_owner(
      keys::OwnerKeys::from_entropy(entropy.view().first(options.word_count == 24 ? 32 : 16)));
  const crypto::SecretBytes words = key.owner()->words();

  // Words first: there is never a key without words.
  FilesOfWords made;
  if (options.words_out) {
    crypto::SecretBytes line(words.view());
    line.append(view_of("\n"));
    TRY(made.write(*options.words_out, line.view()));
  }
  if (options.recovery_card) TRY(made.write(*options.recovery_card, recovery_card(key, words.text()).view()));
  TRY(write_key_file(world, path, key, passphrase));
  made.keep();
  if (tty) TRY(show_words(tty, words.text()));
  TRY(tell(world, path, key, "new key"));
  return cli::Exit::ok;
}

Result<cli::Exit> restore(cli::World& world, const Options& options) {
  const cli::Input input = TRY(world.input(std::nullopt, "a line of 24 or 12 words"));
  const std::string path = TRY(target_of(world, options));
  crypto::Secret<keys::kWordsTextBytesMax + 1> text;
  std::size_t length = 0;
  while (length < text.view().size()) {
    const std::size_t got = TRY(world.read(input, text.span().subspan(length)));
    if (got == 0) break;
    length += got;
  }
  const crypto::SecretBytes entropy = TRY(keys::entropy_from_words(text_of(text.view().first(length))));
  const keys::Key key = keys::Key::of_owner(keys::OwnerKeys::from_entropy(entropy.view()));
  const auto passphrase = TRY(new_passphrase(world, options));
  TRY(write_key_file(world, path, key, passphrase));
  TRY(tell(world, path, key, "restored key"));
  return cli::Exit::ok;
}

namespace {

/// Writes the key of another machine; `told` says whose.
Result<cli::Exit> give_key(cli::World& world, const Options& options, const std::string& path, const keys::Key& key,
                           std::string_view told) {
  std::optional<crypto::SecretBytes> passphrase;
  if (options.seal || options.new_passphrase_fd) passphrase = TRY(new_passphrase(world, options));
  TRY(write_key_file(world, path, key, passphrase));
  TRY(tell(world, path, key, told));
  return cli::Exit::ok;
}

Result<std::string> target_of_another(cli::World& world, const Options& options) {
  if (options.output) return target_of(world, options);
  if (sys::is_terminal(sys::kStandardOutput))
    return fail(Code::usage, "a key file is not written to a terminal",
                "say -o FILE, or -o - if you mean it");
  return std::string("-");
}

Result<keys::Key> owner_key(cli::World& world, const Options& options) {
  keys::Key owner = TRY(world.key(options.key));
  if (!owner.is_owner())
    return fail(Code::denied, "this is a delegated machine's key; only the owner's makes others");
  return owner;
}

}  // namespace

Result<cli::Exit> make_uploader(cli::World& world, const Options& options) {
  const std::string path = TRY(target_of_another(world, options));
  const std::int64_t now = world.clock().unix_s();
  const std::int64_t until = TRY_IN("--until", cli::parse_time_unix_s(options.until, now));

  const keys::Key owner = TRY(owner_key(world, options));
  keys::UploaderKeys plain = owner.owner()->uploader(options.uploader);
  std::string certificate = TRY(keys::certify_uploader(*owner.owner(), options.uploader, now, until));
  const keys::Key key = keys::Key::of_uploader(
      owner.owner_id(), owner.recipient(),
      keys::UploaderKeys(options.uploader, crypto::Key(plain.uploader_key().first<32>()),
                         std::move(certificate)));
  return give_key(world, options, path, key, fmt::format("key of uploader {}", options.uploader));
}

Result<cli::Exit> make_caretaker(cli::World& world, const Options& options) {
  const std::string path = TRY(target_of_another(world, options));
  const keys::Key owner = TRY(owner_key(world, options));
  const keys::Key key =
      keys::Key::of_uploader(owner.owner_id(), owner.recipient(),
                             owner.owner()->uploader(format::kCaretakersBegin + options.caretaker));
  return give_key(world, options, path, key,
                  fmt::format("key of caretaker {} (uploader {})", options.caretaker, key.uploader().number()));
}

}  // namespace inxt::key_tool
