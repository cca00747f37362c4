// SPDX-License-Identifier: LGPL-3.0-or-later
#include <arpa/inet.h>
#include <fmt/core.h>
#include <natpmp.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "net/interfaces.h"
#include "net/port_mapping.h"

namespace inxt::net::nat_pmp {

namespace {

// RFC 6886 asks for 64 s; a router in the same room that has not answered five questions by then does not know the
// protocol.
constexpr std::chrono::milliseconds kAnswerMs{4000};

class Session {
 public:
  static Result<Session> open(const std::string& router) {
    in_addr at{};
    if (::inet_pton(AF_INET, router.c_str(), &at) != 1)
      return fail(Code::try_again, "NAT-PMP: the router has no IPv4 address");
    Session session;
    if (const int failed = ::initnatpmp(&session.natpmp_, 1, at.s_addr); failed != 0)
      return fail(Code::try_again, fmt::format("NAT-PMP: no way to the router {} ({})", router, failed));
    session.is_open_ = true;
    return session;
  }
  Session(Session&& other) noexcept : natpmp_(other.natpmp_), is_open_(std::exchange(other.is_open_, false)) {}
  Session& operator=(Session&&) = delete;
  ~Session() {
    if (is_open_) ::closenatpmp(&natpmp_);
  }

  Result<natpmpresp_t> external_address() {
    if (::sendpublicaddressrequest(&natpmp_) < 0) return fail(Code::try_again, "NAT-PMP: nothing can be sent");
    return answer(NATPMP_RESPTYPE_PUBLICADDRESS);
  }
  Result<natpmpresp_t> tcp_mapping(std::uint16_t port, std::uint16_t external_port, std::uint32_t lease_s) {
    if (::sendnewportmappingrequest(&natpmp_, NATPMP_PROTOCOL_TCP, port, external_port, lease_s) < 0)
      return fail(Code::try_again, "NAT-PMP: nothing can be sent");
    return answer(NATPMP_RESPTYPE_TCPPORTMAPPING);
  }

 private:
  Session() = default;

  Result<natpmpresp_t> answer(std::uint16_t wanted_type) {
    using Steady = std::chrono::steady_clock;
    const auto until = Steady::now() + kAnswerMs;
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Steady::now()).count();
      if (left <= 0) return fail(Code::try_again, "NAT-PMP: the router does not answer");
      timeval retry{};
      if (::getnatpmprequesttimeout(&natpmp_, &retry) != 0) return fail(Code::try_again, "NAT-PMP: no timer");
      const auto retry_ms = std::clamp<std::int64_t>(retry.tv_sec * 1000 + retry.tv_usec / 1000 + 1, 1, left);
      pollfd ready{.fd = natpmp_.s, .events = POLLIN, .revents = 0};
      (void)::poll(&ready, 1, static_cast<int>(retry_ms));
      natpmpresp_t response{};
      const int result = ::readnatpmpresponseorretry(&natpmp_, &response);
      if (result == NATPMP_TRYAGAIN) continue;
      if (result != 0) return fail(Code::try_again, fmt::format("NAT-PMP: {}", reason(result)));
      if (response.type != wanted_type)
        return fail(Code::try_again, "NAT-PMP: the router answers something else than was asked");
      return response;
    }
  }

  static std::string reason(int result) {
    switch (result) {
      case NATPMP_ERR_NOGATEWAYSUPPORT:
        return "the router does not speak it";
      case NATPMP_ERR_NOTAUTHORIZED:
        return "the router refuses";
      case NATPMP_ERR_NETWORKFAILURE:
        return "the router has no outside address";
      case NATPMP_ERR_OUTOFRESOURCES:
        return "the router has no room for another mapping";
      case NATPMP_ERR_UNSUPPORTEDVERSION:
      case NATPMP_ERR_UNSUPPORTEDOPCODE:
        return "the router speaks another version";
      default:
        return fmt::format("error {}", result);
    }
  }

  natpmp_t natpmp_{};
  bool is_open_ = false;
};

}  // namespace

Result<Mapping> map(const MapRequest& request, const std::string& router) {
  Session session = TRY(Session::open(router));
  const natpmpresp_t address = TRY(session.external_address());
  const natpmpresp_t port = TRY(session.tcp_mapping(
      request.port, request.external_port == 0 ? request.port : request.external_port, request.lease_s));
  const auto& given = port.pnu.newportmapping;
  if (given.privateport != request.port || given.mappedpublicport == 0 || given.lifetime == 0)
    return fail(Code::try_again, "NAT-PMP: the router's answer makes no sense");
  std::array<char, INET_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET, &address.pnu.publicaddress.addr, text.data(), text.size());
  Mapping mapping;
  mapping.method = MapMethod::nat_pmp;
  mapping.external_ip = text.data();
  mapping.external_port = given.mappedpublicport;
  mapping.internal_ip = TRY(address_towards(router));
  mapping.lease_s = std::min(given.lifetime, kLeaseSecondsMax);
  mapping.router = router;
  return mapping;
}

Result<void> unmap(const MapRequest& request, const std::string& router) {
  Session session = TRY(Session::open(router));
  TRY(session.tcp_mapping(request.port, 0, 0));
  return {};
}

}  // namespace inxt::net::nat_pmp
