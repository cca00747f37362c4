// SPDX-License-Identifier: LGPL-3.0-or-later
#include "sys/service.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "sys/unix_address.h"

namespace inxt::sys {
namespace {

/// Sets variables and takes them away again.
class Variables {
 public:
  Variables(std::initializer_list<std::pair<const char*, std::string>> pairs) {
    for (const auto& [name, value] : pairs) {
      ::setenv(name, value.c_str(), 1);
      names_.push_back(name);
    }
  }
  Variables(const Variables&) = delete;
  Variables& operator=(const Variables&) = delete;
  ~Variables() {
    for (const char* name : names_) ::unsetenv(name);
  }

 private:
  std::vector<const char*> names_;
};

std::string own_process() {
  return std::to_string(::getpid());
}

TEST_CASE("the service manager is told on its socket, or nobody") {
  ::unsetenv("NOTIFY_SOCKET");
  CHECK(notify_service_manager("READY=1"));
  const std::string name = fmt::format("@inxt-notify-{}", ::getpid());
  const Fd socket_fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto address = unix_address(name).value();
  REQUIRE(::bind(socket_fd.number(), address.get(), address.size_bytes) == 0);
  const Variables variables{{"NOTIFY_SOCKET", name}};
  CHECK(notify_service_manager(status_state("two\nlines")));
  std::string text(100, '\0');
  text.resize(static_cast<std::size_t>(::recv(socket_fd.number(), text.data(), text.size(), 0)));
  CHECK(text == "STATUS=two lines");
  const Variables relative{{"NOTIFY_SOCKET", "run/notify"}};
  CHECK(!notify_service_manager("READY=1"));
  CHECK(reloading_state().starts_with("RELOADING=1\nMONOTONIC_USEC="));
}

TEST_CASE("a watchdog that is meant for another process is none") {
  CHECK(watchdog_us().value() == std::nullopt);
  {
    const Variables variables{{"WATCHDOG_USEC", "3000000"}};
    CHECK(watchdog_us().value() == 3'000'000);
  }
  {
    const Variables variables{{"WATCHDOG_USEC", "3000000"}, {"WATCHDOG_PID", own_process()}};
    CHECK(watchdog_us().value() == 3'000'000);
  }
  {
    const Variables variables{{"WATCHDOG_USEC", "3000000"}, {"WATCHDOG_PID", "1"}};
    CHECK(watchdog_us().value() == std::nullopt);
  }
  const Variables variables{{"WATCHDOG_USEC", "3s"}};
  CHECK(watchdog_us().error().code == Code::usage);
}

TEST_CASE("inherited sockets are taken once, by the process that they are meant for") {
  CHECK(take_inherited_sockets().value().empty());
  const pid_t child = ::fork();  // descriptors 3 and 4 are the test's own otherwise
  if (child == 0) {
    const int first = ::socket(AF_INET, SOCK_STREAM, 0);
    ::dup2(first, 63);
    for (int number = 3; number < 5; ++number) ::dup2(63, number);
    ::setenv("LISTEN_PID", "1", 1);
    ::setenv("LISTEN_FDS", "2", 1);
    if (!take_inherited_sockets().value().empty()) ::_exit(1);
    ::setenv("LISTEN_PID", own_process().c_str(), 1);
    ::setenv("LISTEN_FDNAMES", "inxt:local", 1);
    auto sockets = take_inherited_sockets().value();
    if (sockets.size() != 2 || sockets[0].fd.number() != 3 || sockets[0].name != "inxt" ||
        sockets[1].name != "local")
      ::_exit(2);
    if ((::fcntl(4, F_GETFD) & FD_CLOEXEC) == 0) ::_exit(3);
    if (std::getenv("LISTEN_FDS") != nullptr || !take_inherited_sockets().value().empty()) ::_exit(4);
    ::setenv("LISTEN_PID", own_process().c_str(), 1);
    ::setenv("LISTEN_FDS", "65", 1);
    if (take_inherited_sockets().error().what.find("kInheritedSocketsMax") == std::string::npos) ::_exit(5);
    ::setenv("LISTEN_FDS", "60", 1);
    if (take_inherited_sockets().error().code != Code::usage) ::_exit(6);
    ::_exit(0);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("the state folder that a unit names") {
  CHECK(state_directory().value() == std::nullopt);
  const Variables one{{"STATE_DIRECTORY", "/var/lib/inxt"}};
  CHECK(state_directory().value() == "/var/lib/inxt");
  const Variables several{{"STATE_DIRECTORY", "/var/lib/inxt:/var/lib/other"}};
  CHECK(state_directory().error().code == Code::usage);
}

TEST_CASE("credentials and the journal's stream") {
  CHECK(!credential_path("identity.key"));
  CHECK(!standard_error_is_journal());
  const Variables none{{"CREDENTIALS_DIRECTORY", "/proc/self"}};
  CHECK(credential_path("status") == "/proc/self/status");
  CHECK(!credential_path("absent"));
  struct stat status {};
  REQUIRE(::fstat(STDERR_FILENO, &status) == 0);
  const Variables journal{{"JOURNAL_STREAM", fmt::format("{}:{}", status.st_dev, status.st_ino)}};
  CHECK(standard_error_is_journal());
  const Variables other{{"JOURNAL_STREAM", "1:1"}};
  CHECK(!standard_error_is_journal());
}

TEST_CASE("addresses of local sockets") {
  CHECK(unix_address("/run/x").value().size_bytes == sizeof(sa_family_t) + 7);
  CHECK(unix_address("@x").value().size_bytes == sizeof(sa_family_t) + 2);
  CHECK(!unix_address("x"));
  CHECK(!unix_address(""));
  CHECK(unix_address("/" + std::string(106, 'x')));
  CHECK(!unix_address("/" + std::string(107, 'x')));
}

}  // namespace
}  // namespace inxt::sys
