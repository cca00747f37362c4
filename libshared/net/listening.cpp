// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/listening.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/async.h"

namespace inxt::net {
namespace {

using IpAddress = boost::asio::ip::address;

std::unexpected<Error> refused(std::string_view what, int error_number = errno) {
  return fail(Code::failure, fmt::format("cannot listen on {}: {}", what, std::strerror(error_number)));
}

/// An IP address of a sockaddr; nullopt for other families.
std::optional<std::pair<IpAddress, std::uint16_t>> ip_of(const sockaddr_storage& from) {
  if (from.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &from, sizeof v4);
    return {{boost::asio::ip::address_v4(ntohl(v4.sin_addr.s_addr)), ntohs(v4.sin_port)}};
  }
  if (from.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &from, sizeof v6);
    boost::asio::ip::address_v6::bytes_type bytes;
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return {{boost::asio::ip::address_v6(bytes, v6.sin6_scope_id), ntohs(v6.sin6_port)}};
  }
  return std::nullopt;
}

sockaddr_un unix_sockaddr(const UnixAddress& at) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, at.path().data(), at.path().size());
  return to;
}

/// Whether somebody listens there now.
bool is_alive(const sockaddr_un& at) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return true;  // who knows
  const int result = ::connect(probe, reinterpret_cast<const sockaddr*>(&at), sizeof at);
  const int error_number = result == 0 ? 0 : errno;
  ::close(probe);
  return error_number != ECONNREFUSED && error_number != ENOENT;  // EAGAIN: its backlog is full
}

bool is_loopback_address(const IpAddress& ip) {
  if (ip.is_v6() && ip.to_v6().is_v4_mapped())
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, ip.to_v6()).is_loopback();
  return ip.is_loopback();
}

}  // namespace

Listening::Listening(Listening&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      kind_(other.kind_),
      address_(std::move(other.address_)),
      bound_(std::move(other.bound_)),
      path_(std::exchange(other.path_, {})),
      inode_(other.inode_) {}

Listening::~Listening() {
  if (fd_ < 0) return;
  struct stat now {};
  // Only what was bound here: another process may have taken the name since.
  if (!path_.empty() && ::lstat(path_.c_str(), &now) == 0 && now.st_ino == inode_) ::unlink(path_.c_str());
  ::close(fd_);
}

Result<void> Listening::read_address() {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(fd_, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return refused("a socket");
  if (kind_ == Kind::unix_socket) {
    sockaddr_un at{};
    std::memcpy(&at, &storage, sizeof at);
    const std::size_t used =
        size > offsetof(sockaddr_un, sun_path) ? size - offsetof(sockaddr_un, sun_path) : 0;
    address_ = "unix:" + std::string(at.sun_path, ::strnlen(at.sun_path, used));
    return {};
  }
  const auto ip = ip_of(storage);
  if (!ip) return fail(Code::usage, "the socket is neither TCP nor unix");
  bound_ = {ip->first.to_string(), ip->second};
  address_ = to_address(bound_.host, bound_.port);
  return {};
}

Result<Listening> Listening::on_tcp(std::string_view address_text) {
  const HostPort where = TRY(parse_address(address_text));
  boost::system::error_code error;
  const IpAddress ip = boost::asio::ip::make_address(where.host, error);
  if (error) return fail(Code::usage, fmt::format("'{}' is not an IP address to listen on", where.host));
  Listening made(::socket(ip.is_v6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                 Kind::tcp);
  if (made.fd_ < 0) return refused(address_text);
  const int on = 1;
  const int off = 0;
  if (::setsockopt(made.fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return refused(address_text);
  int result = 0;
  if (ip.is_v6()) {
    (void)::setsockopt(made.fd_, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(where.port);
    const auto bytes = ip.to_v6().to_bytes();
    std::memcpy(&to.sin6_addr, bytes.data(), bytes.size());
    to.sin6_scope_id = static_cast<std::uint32_t>(ip.to_v6().scope_id());
    result = ::bind(made.fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  } else {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(where.port);
    to.sin_addr.s_addr = htonl(ip.to_v4().to_uint());
    result = ::bind(made.fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  if (result != 0 || ::listen(made.fd_, SOMAXCONN) != 0) return refused(address_text);
  TRY(made.read_address());
  made.bound_.host = where.host;
  made.address_ = to_address(where.host, made.bound_.port);  // as it was written
  return made;
}

Result<Listening> Listening::on_unix(const std::string& path) {
  const UnixAddress at = TRY(UnixAddress::of(path));
  const sockaddr_un to = unix_sockaddr(at);
  struct stat old {};
  if (::lstat(path.c_str(), &old) == 0) {
    if (!S_ISSOCK(old.st_mode)) return fail(Code::failure, fmt::format("{} is no socket", path));
    if (is_alive(to))
      return fail(Code::failure, fmt::format("cannot listen on {}: another process does", path));
    ::unlink(path.c_str());
  }
  Listening made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), Kind::unix_socket);
  if (made.fd_ < 0) return refused(path);
  // On Linux the file gets the mode that the socket has when it is bound: nobody else can connect at any
  // instant.
  if (::fchmod(made.fd_, S_IRUSR | S_IWUSR) != 0) return refused(path);
  if (::bind(made.fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return refused(path);
  made.path_ = path;
  struct stat bound {};
  if (::lstat(path.c_str(), &bound) != 0) return refused(path);
  made.inode_ = bound.st_ino;
  if ((bound.st_mode & 0777U) != (S_IRUSR | S_IWUSR) && ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0)
    return refused(path);
  if (::listen(made.fd_, SOMAXCONN) != 0) return refused(path);
  made.address_ = "unix:" + path;
  return made;
}

Result<Listening> Listening::adopt(int fd) {
  const auto option = [fd](int name) {
    int value = -1;
    socklen_t size = sizeof value;
    return ::getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
  };
  const int domain = option(SO_DOMAIN);
  const bool is_unix = domain == AF_UNIX;
  Listening made(fd, is_unix ? Kind::unix_socket : Kind::tcp);
  if (option(SO_TYPE) != SOCK_STREAM || option(SO_ACCEPTCONN) != 1 ||
      (!is_unix && domain != AF_INET && domain != AF_INET6))
    return fail(Code::usage, fmt::format("descriptor {} is no listening socket of TCP or unix", fd));
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
    return refused(fmt::format("descriptor {}", fd));
  TRY(made.read_address());
  return made;
}

bool Listening::is_loopback() const {
  boost::system::error_code error;
  const IpAddress ip = boost::asio::ip::make_address(bound_.host, error);
  return !error && is_loopback_address(ip);
}

Result<UnixAddress> UnixAddress::of(const std::string& path) {
  if (path.empty() || path.find('\0') != std::string::npos)
    return fail(Code::usage, "a unix socket needs a path");
  UnixAddress made;
  constexpr std::size_t kPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;
  if (path.size() <= kPathBytesMax) {
    made.path_ = path;
    return made;
  }
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  made.folder_ = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (made.folder_ < 0)
    return fail(errno == ENOENT ? Code::not_found : Code::failure,
                fmt::format("{}: {}", folder, std::strerror(errno)));
  made.path_ = fmt::format("/proc/self/fd/{}/{}", made.folder_, name);
  if (made.path_.size() > kPathBytesMax)
    return fail(Code::usage, fmt::format("the name of a unix socket is too long: {} bytes", name.size()));
  return made;
}

UnixAddress::UnixAddress(UnixAddress&& other) noexcept
    : folder_(std::exchange(other.folder_, -1)), path_(std::move(other.path_)) {}

UnixAddress::~UnixAddress() {
  if (folder_ >= 0) ::close(folder_);
}

Result<std::string> peer_address_of(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0)
    return fail(Code::try_again, std::strerror(errno));
  if (storage.ss_family == AF_UNIX) return std::string("unix");
  const auto ip = ip_of(storage);
  if (!ip) return fail(Code::try_again, "an address of an unknown family");
  if (ip->first.is_v6() && ip->first.to_v6().is_v4_mapped())
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, ip->first.to_v6()).to_string();
  return ip->first.to_string();
}

bool is_host_of(std::string_view host_header, const HostPort& bound) {
  std::string_view host = host_header;
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return false;
    host = host.substr(1, end - 1);
  } else {
    host = host.substr(0, host.find(':'));
  }
  if (find_header(std::array{Header(std::string(host), "")}, "localhost")) return true;  // whatever its case
  boost::system::error_code error;
  const IpAddress asked = boost::asio::ip::make_address(std::string(host), error);
  if (error) return false;
  if (is_loopback_address(asked)) return true;
  const IpAddress here = boost::asio::ip::make_address(bound.host, error);
  return !error && (here.is_unspecified() || here == asked);
}

}  // namespace inxt::net
