// SPDX-License-Identifier: AGPL-3.0-or-later
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sys/clock.h"
#include "sys/directory.h"
#include "sys/files.h"
#include "sys/output_file.h"
#include "sys/xdg.h"

using namespace inxt;
using namespace inxt::sys;
namespace fs = std::filesystem;

namespace {

struct TempFolder {
  std::string path = [] {
    std::string name = (fs::temp_directory_path() / "inxt-sys-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    return name;
  }();
  ~TempFolder() { fs::remove_all(path); }
  std::string operator/(std::string_view name) const { return path + "/" + std::string(name); }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
  }
};

std::string contents(const std::string& path) {
  return std::string(text_of(read_file(path, 1 << 20, "file").value()));
}

void put(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

unsigned mode_of(const std::string& path) {
  return status_of(path).value().mode;
}

}  // namespace

TEST_CASE("clocks") {
  const SystemClock clock;
  CHECK(clock.unix_s() > 1'700'000'000);
  const auto before = clock.steady_ms();
  CHECK(clock.steady_ms() >= before);
  ManualClock manual(1000);
  manual.advance_ms(1500);
  CHECK(manual.unix_s() == 1001);
  CHECK(manual.steady_ms() == 1500);
}

TEST_CASE("a file is read up to its limit and not further") {
  const TempFolder folder;
  put(folder / "ten", "0123456789");
  put(folder / "none", "");
  CHECK(contents(folder / "none").empty());
  CHECK(text_of(read_file(folder / "ten", 10, "key file").value()) == "0123456789");
  const auto over = read_file(folder / "ten", 9, "key file");
  REQUIRE(!over);
  CHECK(over.error().code == Code::usage);
  CHECK(over.error().what.find("key file") != std::string::npos);
  CHECK(over.error().what.find("9 bytes") != std::string::npos);
  CHECK(!read_file(folder / "ten", 0, "key file"));
  CHECK(read_file(folder / "absent", 10, "key file").error().code == Code::not_found);
  CHECK(read_file(folder.path, 10, "key file").error().code == Code::usage);
  CHECK(read_file("/dev/zero", 100'000, "endless").error().code == Code::usage);
  const std::string large(200'000, 'x');
  put(folder / "large", large);
  CHECK(contents(folder / "large") == large);
}

TEST_CASE("pipes: short reads are continued, whole writes") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  Fd in(ends[0]), out(ends[1]);
  CHECK(status_of(in.number(), "pipe").value().kind == FileKind::pipe);
  CHECK(!is_terminal(in.number()));
  const pid_t child = ::fork();
  if (child == 0) {
    in.close();
    const std::string text(300'000, 'p');
    const bool ok = write_all(out.number(), view_of(text).first(100), "pipe") &&
                    write_all(out.number(), view_of(text).subspan(100), "pipe");
    ::_exit(ok ? 0 : 1);
  }
  out.close();
  Bytes head(200'000);
  CHECK(read_full(in.number(), head, "pipe").value() == head.size());
  CHECK(read_all(in.number(), 1 << 20, "pipe").value().size() == 100'000);
  CHECK(read_full(in.number(), head, "pipe").value() == 0);
  int status = 1;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
}

TEST_CASE("an output file appears on commit, whole") {
  const TempFolder folder;
  const std::string path = folder / "out";
  {
    auto file = OutputFile::create(path).value();
    REQUIRE(file.write(view_of("half")));
    CHECK(!fs::exists(path));
    CHECK(!file.is_written_through());
  }
  CHECK(folder.entries() == 0);
  const mode_t before = ::umask(027);
  auto file = OutputFile::create(path).value();
  ::umask(before);
  REQUIRE(file.write(view_of("whole ")));
  REQUIRE(file.write(view_of("file")));
  CHECK(file.written_bytes() == 10);
  REQUIRE(file.commit());
  CHECK(contents(path) == "whole file");
  CHECK(mode_of(path) == 0640);
  CHECK(folder.entries() == 1);
}

TEST_CASE("an output file replaces a regular one, keeping its mode, and follows links") {
  const TempFolder folder;
  put(folder / "real", "old");
  REQUIRE(::chmod((folder / "real").c_str(), 0604) == 0);
  REQUIRE(::symlink("real", (folder / "link").c_str()) == 0);
  {
    auto dropped = OutputFile::create(folder / "link").value();
    REQUIRE(dropped.write(view_of("dropped")));
  }
  CHECK(contents(folder / "real") == "old");
  auto file = OutputFile::create(folder / "link").value();
  REQUIRE(file.write(view_of("new")));
  REQUIRE(file.commit());
  CHECK(contents(folder / "real") == "new");
  CHECK(mode_of(folder / "real") == 0604);
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(folder.entries() == 2);
}

TEST_CASE("an output file that appears meanwhile is replaced; a folder that appears is not") {
  const TempFolder folder;
  auto file = OutputFile::create(folder / "race").value();
  REQUIRE(file.write(view_of("mine")));
  put(folder / "race", "theirs");
  REQUIRE(file.commit());
  CHECK(contents(folder / "race") == "mine");
  {
    auto other = OutputFile::create(folder / "dir").value();
    fs::create_directory(folder / "dir");
    CHECK(!other.commit());
  }
  CHECK(folder.entries() == 2);  // nothing hidden is left
}

TEST_CASE("what is not a regular file is written through or refused") {
  const TempFolder folder;
  CHECK(OutputFile::create(folder.path).error().code == Code::usage);
  CHECK(OutputFile::create(folder / "no/such").error().code == Code::not_found);
  CHECK(OutputFile::create(folder / "slash/").error().code == Code::usage);
  REQUIRE(::symlink("nowhere", (folder / "dangling").c_str()) == 0);
  CHECK(OutputFile::create(folder / "dangling").error().code == Code::usage);
  auto null = OutputFile::create("/dev/null").value();
  CHECK(null.is_written_through());
  REQUIRE(null.write(view_of("gone")));
  REQUIRE(null.commit());
  auto full = OutputFile::create("/dev/full").value();
  CHECK(full.write(view_of("x")).error().code == Code::quota);
  CHECK(fs::is_character_file("/dev/null"));
  CHECK(OutputFile::create("-").value().is_written_through());

  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  Fd reader(::open((folder / "pipe").c_str(), O_RDONLY | O_NONBLOCK));
  auto pipe = OutputFile::create(folder / "pipe").value();
  REQUIRE(pipe.write(view_of("through")));
  Bytes got(7);
  CHECK(read_full(reader.number(), got, "pipe").value() == 7);
  REQUIRE(pipe.commit());
  CHECK(fs::is_fifo(folder / "pipe"));
}

TEST_CASE("paths cannot lead out") {
  CHECK(Path{"a", "b"}.text() == "a/b");
  CHECK(Path{"a", "b"}.parent().text() == "a");
  CHECK(Path{"a"}.parent().empty());
  CHECK(Path{}.text() == ".");
  for (const std::string_view bad : {"", ".", "..", "a/b", "/", "../x"}) CHECK(!Path::is_name(bad));
  CHECK(!Path::is_name(std::string_view("a\0b", 3)));
  CHECK(!Path::is_name(std::string(256, 'a')));
  CHECK(Path::is_name("...a"));
}

TEST_CASE("a directory: files, folders, names, locks") {
  const TempFolder folder;
  const auto directory = open_directory(folder / "new").value();
  CHECK(mode_of(folder / "new") == 0700);
  CHECK(open_directory(folder / "no/such").error().code == Code::not_found);
  put(folder / "file", "x");
  CHECK(open_directory(folder / "file").error().code == Code::usage);

  REQUIRE(directory->make_folder({"f"}));
  REQUIRE(directory->make_folder({"f"}));
  REQUIRE(directory->sync_folder({}));
  CHECK(directory->make_folder({"x", "y"}).error().code == Code::not_found);

  alignas(4096) static std::byte page[8192];
  for (std::size_t i = 0; i < sizeof page; ++i) page[i] = static_cast<std::byte>(i * 7 % 251);
  for (const Caching caching : {Caching::direct, Caching::cached}) {
    const auto file = directory->create({"f", "a"}, caching).value();
    CHECK(!directory->create({"f", "a"}, caching));
    REQUIRE(file->write_at(0, page));
    REQUIRE(file->sync());
    CHECK(file->size_bytes().value() == 8192);
    REQUIRE(directory->rename({"f", "a"}, {"f", "b"}));
    REQUIRE(directory->sync_folder({"f"}));
    REQUIRE(directory->sync_everything());
    CHECK(!directory->look_up({"f", "a"}).value());
    CHECK(directory->open({"f", "a"}, caching).error().code == Code::not_found);
    const auto entry = directory->look_up({"f", "b"}).value();
    REQUIRE(entry);
    CHECK(entry->name == "b");
    CHECK(entry->kind == EntryKind::file);
    CHECK(entry->size_bytes == 8192);

    alignas(4096) static std::byte back[8192];
    const auto reading = directory->open({"f", "b"}, caching).value();
    CHECK(reading->read_at(4096, back).value() == 4096);
    CHECK(std::memcmp(back, page + 4096, 4096) == 0);
    CHECK(reading->read_at(8192, back).value() == 0);
    REQUIRE(directory->remove({"f", "b"}));
    CHECK(directory->remove({"f", "b"}).error().code == Code::not_found);
  }

  REQUIRE(directory->create({"f", "odd"}, Caching::cached).value()->write_at(0, ByteView(page).first(4100)));
  alignas(4096) static std::byte tail[8192];
  CHECK(directory->open({"f", "odd"}, Caching::direct).value()->read_at(0, tail).value() == 4100);

  REQUIRE(::mkfifo((folder / "new/f/pipe").c_str(), 0600) == 0);
  CHECK(!directory->open({"f", "pipe"}, Caching::cached));
  REQUIRE(::symlink("/etc/passwd", (folder / "new/f/link").c_str()) == 0);
  CHECK(!directory->open({"f", "link"}, Caching::cached));
  CHECK(directory->list({"f"}).value().size() == 3);
  CHECK(directory->list({"absent"}).error().code == Code::not_found);
  CHECK(directory->space().value().free_bytes > 0);

  auto lock = directory->lock({"lock"}).value();
  CHECK(open_directory(folder / "new").value()->lock({"lock"}).error().code == Code::locked);
  lock.reset();
  CHECK(directory->lock({"lock"}));
}

TEST_CASE("a file larger than the process may write is an error, not a signal's death of half a file") {
  const TempFolder folder;
  const auto directory = open_directory(folder.path).value();
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto file = directory->create({"big"}, Caching::cached);
    const std::string text(8192, 'x');
    ::_exit(file && !(*file)->write_at(0, view_of(text)) ? 0 : 1);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
}

TEST_CASE("XDG folders") {
  const TempFolder folder;
  const char* home = std::getenv("HOME");
  const std::string saved = home != nullptr ? home : "";
  ::setenv("HOME", folder.path.c_str(), 1);
  for (const char* variable : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"}) ::unsetenv(variable);
  CHECK(xdg_path(Xdg::config).value() == folder / ".config/inxt");
  CHECK(xdg_path(Xdg::cache).value() == folder / ".cache/inxt");
  CHECK(folder.entries() == 0);
  CHECK(xdg_folder(Xdg::state).value() == folder / ".local/state/inxt");
  CHECK(mode_of(folder / ".local/state/inxt") == 0700);
  CHECK(xdg_folder(Xdg::state));
  ::setenv("XDG_CONFIG_HOME", "relative", 1);
  CHECK(xdg_path(Xdg::config).value() == folder / ".config/inxt");
  ::setenv("XDG_CONFIG_HOME", (folder / "c").c_str(), 1);
  CHECK(xdg_folder(Xdg::config).value() == folder / "c/inxt");
  put(folder / "c/inxt/key", "");
  CHECK(!make_private_folder(folder / "c/inxt/key"));
  ::unsetenv("XDG_CONFIG_HOME");
  ::unsetenv("HOME");
  CHECK(xdg_path(Xdg::config).error().code == Code::not_found);
  if (home != nullptr) ::setenv("HOME", saved.c_str(), 1);
}
