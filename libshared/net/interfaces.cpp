// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/interfaces.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>
#include <cstring>
#include <sstream>

#include "net/race.h"
#include "sys/fd.h"
#include "sys/files.h"

namespace inxt::net {

namespace {

constexpr int kDumpRoundsMax = 64;       // answers of the kernel to one question
constexpr int kAnswerWaitS = 2;          // the kernel answers at once, or not at all
constexpr std::size_t kRouteBytesMax = 1 << 20;

Result<sys::Fd> open_netlink(std::uint32_t groups, int flags) {
  sys::Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, NETLINK_ROUTE));
  if (!socket) return fail_errno(errno, "rtnetlink");
  sockaddr_nl own{};
  own.nl_family = AF_NETLINK;
  own.nl_groups = groups;
  if (::bind(socket.number(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0)
    return fail_errno(errno, "rtnetlink");
  return socket;
}

/// One RTM_NEWADDR message.
void take_address(const nlmsghdr& head, std::vector<InterfaceAddress>& to) {
  if (head.nlmsg_len < NLMSG_LENGTH(sizeof(ifaddrmsg))) return;
  ifaddrmsg about{};
  std::memcpy(&about, NLMSG_DATA(&head), sizeof about);
  if (about.ifa_family != AF_INET && about.ifa_family != AF_INET6) return;
  std::uint32_t flags = about.ifa_flags;
  const std::size_t ip_bytes = about.ifa_family == AF_INET ? 4 : 16;
  std::array<char, INET6_ADDRSTRLEN> text{};
  bool is_local_known = false;
  auto left = static_cast<int>(head.nlmsg_len - NLMSG_LENGTH(sizeof(ifaddrmsg)));
  const auto* attribute = reinterpret_cast<const rtattr*>(static_cast<const char*>(NLMSG_DATA(&head)) +
                                                          NLMSG_ALIGN(sizeof(ifaddrmsg)));
  for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
    const std::size_t bytes = RTA_PAYLOAD(attribute);
    if (attribute->rta_type == IFA_FLAGS && bytes >= sizeof flags)
      std::memcpy(&flags, RTA_DATA(attribute), sizeof flags);
    // IFA_LOCAL is the own address, where there is a peer; IFA_ADDRESS is then the peer's.
    const bool is_local = attribute->rta_type == IFA_LOCAL;
    if ((is_local || (attribute->rta_type == IFA_ADDRESS && !is_local_known)) && bytes == ip_bytes) {
      ::inet_ntop(about.ifa_family, RTA_DATA(attribute), text.data(), text.size());
      is_local_known = is_local_known || is_local;
    }
  }
  const std::optional<IpScope> scope = ip_scope(text.data());
  if (!scope || to.size() == kInterfaceAddressesMax) return;
  InterfaceAddress address;
  address.ip = text.data();
  address.scope = *scope;
  address.is_passing =
      (flags & (IFA_F_TEMPORARY | IFA_F_DEPRECATED | IFA_F_TENTATIVE | IFA_F_DADFAILED)) != 0;
  to.push_back(std::move(address));
}

}  // namespace

Result<std::vector<InterfaceAddress>> interface_addresses() {
  const sys::Fd socket = TRY(open_netlink(0, 0));
  const timeval wait{.tv_sec = kAnswerWaitS, .tv_usec = 0};
  ::setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  struct {
    nlmsghdr head;
    ifaddrmsg about;
  } question{};
  question.head.nlmsg_len = NLMSG_LENGTH(sizeof question.about);
  question.head.nlmsg_type = RTM_GETADDR;
  question.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  question.about.ifa_family = AF_UNSPEC;
  if (::send(socket.number(), &question, question.head.nlmsg_len, 0) < 0)
    return fail_errno(errno, "rtnetlink: asking for addresses");

  std::vector<InterfaceAddress> addresses;
  alignas(nlmsghdr) std::array<char, 32768> answer;
  for (int round = 0; round < kDumpRoundsMax; ++round) {
    const ssize_t got = ::recv(socket.number(), answer.data(), answer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(errno, "rtnetlink: reading addresses");
    auto left = static_cast<unsigned>(got);
    for (const auto* head = reinterpret_cast<const nlmsghdr*>(answer.data()); NLMSG_OK(head, left);
         head = NLMSG_NEXT(head, left)) {
      if (head->nlmsg_type == NLMSG_DONE) return addresses;
      if (head->nlmsg_type == NLMSG_ERROR) return fail(Code::failure, "rtnetlink refuses to list addresses");
      if (head->nlmsg_type == RTM_NEWADDR) take_address(*head, addresses);
    }
  }
  return fail(Code::failure,
              fmt::format("rtnetlink gave more than {} answers (kDumpRoundsMax)", kDumpRoundsMax));
}

Result<std::string> address_towards(const std::string& ip) {
  sockaddr_storage there{};
  socklen_t bytes = 0;
  if (auto* v4 = reinterpret_cast<sockaddr_in*>(&there); ::inet_pton(AF_INET, ip.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(9);
    bytes = sizeof(sockaddr_in);
  } else if (auto* v6 = reinterpret_cast<sockaddr_in6*>(&there);
             ::inet_pton(AF_INET6, ip.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(9);
    bytes = sizeof(sockaddr_in6);
  } else {
    return fail(Code::usage, "'" + ip + "' is no IP address");
  }
  // Connecting a datagram socket chooses a way and sends nothing.
  const sys::Fd socket(::socket(there.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno(errno, "socket");
  sockaddr_storage own{};
  socklen_t own_bytes = sizeof own;
  if (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&there), bytes) != 0 ||
      ::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&own), &own_bytes) != 0)
    return fail(Code::not_found, fmt::format("no way to {}: {}", ip, std::strerror(errno)));
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* number = own.ss_family == AF_INET
                           ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(&own)->sin_addr)
                           : &reinterpret_cast<const sockaddr_in6*>(&own)->sin6_addr;
  ::inet_ntop(own.ss_family, number, text.data(), text.size());
  return std::string(text.data());
}

Result<std::string> default_router() {
  const Bytes table = TRY(sys::read_file("/proc/self/net/route", kRouteBytesMax, "route table (kRouteBytesMax)"));
  std::istringstream lines{std::string(text_of(table))};
  std::string line;
  std::getline(lines, line);  // the headings
  std::optional<std::uint32_t> best;
  unsigned best_metric = 0;
  while (std::getline(lines, line)) {
    std::istringstream columns(line);
    std::string interface;
    std::uint32_t destination = 1, router = 0, mask = 1;
    unsigned flags = 0, references = 0, uses = 0, metric = 0;
    columns >> interface >> std::hex >> destination >> router >> flags >> std::dec >> references >> uses >> metric >>
        std::hex >> mask;
    constexpr unsigned kUp = 1, kGateway = 2;
    if (!columns || destination != 0 || mask != 0 || (flags & kUp) == 0 || (flags & kGateway) == 0) continue;
    if (best && metric >= best_metric) continue;
    best = router;
    best_metric = metric;
  }
  if (!best) return fail(Code::not_found, "no router: there is no default route (IPv4)");
  in_addr address{};
  address.s_addr = *best;  // the table shows it as it lies in memory
  std::array<char, INET_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET, &address, text.data(), text.size());
  return std::string(text.data());
}

struct InterfaceWatch::State {
  explicit State(const Executor& executor) : socket(executor) {}
  asio::posix::stream_descriptor socket;
};

InterfaceWatch::InterfaceWatch(const Executor& executor) : state_(std::make_unique<State>(executor)) {
  Result<sys::Fd> socket =
      open_netlink(RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE, SOCK_NONBLOCK);
  if (socket) state_->socket.assign(socket->release());
}

InterfaceWatch::~InterfaceWatch() = default;

bool InterfaceWatch::hears() const {
  return state_->socket.is_open();
}

namespace {

Awaitable<void> wait_readable(asio::posix::stream_descriptor& socket) {
  boost::system::error_code ignored;
  co_await socket.async_wait(asio::posix::stream_descriptor::wait_read,
                             asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace

Awaitable<void> InterfaceWatch::wait_for(std::chrono::milliseconds time) {
  if (!hears()) {
    co_await sleep_for(time);
    co_return;
  }
  co_await (wait_readable(state_->socket) || sleep_for(time));
  // What it says does not matter: the list is read anew.  ENOBUFS (some were lost) is a change too.
  std::array<char, 8192> thrown_away;
  for (int i = 0; i < kDumpRoundsMax; ++i)
    if (::recv(state_->socket.native_handle(), thrown_away.data(), thrown_away.size(), MSG_DONTWAIT) <= 0 &&
        errno != ENOBUFS)
      break;
}

}  // namespace inxt::net
