// SPDX-License-Identifier: LGPL-3.0-or-later
// Sockets that listen: bound here, or bound by somebody else and handed over.  For the sources of this room.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace inxt::net {

/// A non-blocking socket that listens.  Closed, and its file unlinked, when it dies.
class Listening {
 public:
  enum class Kind { tcp, unix_socket };

  Listening(Listening&& other) noexcept;
  Listening& operator=(Listening&&) = delete;
  ~Listening();

  /// `address`: an IP address and a port.  Errors: usage for a name; failure when the system refuses.
  static Result<Listening> on_tcp(std::string_view address);
  /// Errors: failure when the system refuses, another process listens there, or another kind of file is
  /// there.
  static Result<Listening> on_unix(const std::string& path);
  /// Owns `fd` from the call on.  Errors: usage when it is no listening stream socket of TCP or unix.
  static Result<Listening> adopt(int fd);

  Kind kind() const { return kind_; }
  /// "192.0.2.1:4242"; "unix:PATH".
  const std::string& address() const { return address_; }
  /// Where it is bound; REQUIRES: kind() is tcp.
  const HostPort& bound() const { return bound_; }
  bool is_loopback() const;
  int fd() const { return fd_; }

 private:
  Listening(int fd, Kind kind) : fd_(fd), kind_(kind) {}
  Result<void> read_address();

  int fd_ = -1;
  Kind kind_;
  std::string address_;
  HostPort bound_;
  std::string path_;  // of the file to unlink
  unsigned long long inode_ = 0;
};

/// The address of a unix socket, where paths longer than 107 bytes are reached through a descriptor that must
/// stay open while it is used.
class UnixAddress {
 public:
  static Result<UnixAddress> of(const std::string& path);
  UnixAddress(UnixAddress&& other) noexcept;
  UnixAddress& operator=(UnixAddress&&) = delete;
  ~UnixAddress();

  const std::string& path() const { return path_; }  // at most 107 bytes

 private:
  UnixAddress() = default;
  int folder_ = -1;
  std::string path_;
};

/// The numbers of a peer's address, without the port; IPv4 addresses in IPv6 ones as IPv4; "unix".
/// Errors: try_again when the peer has gone.
Result<std::string> peer_address_of(int fd);

/// Whether a request whose Host header is `host_header` was meant for a plain server bound to `bound`, and
/// not for a site whose name was made to point here: "localhost", loopback addresses, the bound one, and any
/// address where that is a wildcard.
bool is_host_of(std::string_view host_header, const HostPort& bound);

}  // namespace inxt::net
