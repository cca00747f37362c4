// SPDX-License-Identifier: LGPL-3.0-or-later
#include "sys/journal.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/check.h"
#include "sys/unix_address.h"

namespace inxt::sys {

namespace {

constexpr std::size_t kNameBytesMax = 64;  // what the journal takes

bool is_name_letter(char letter) {
  return (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') || letter == '_';
}

Result<Fd> connect_to(const std::string& path) {
  const UnixAddress address = TRY_IN(path, unix_address(path));
  Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail_errno(errno, path);
  if (::connect(fd.number(), address.get(), address.size_bytes) != 0) return fail_errno(errno, path);
  return fd;
}

}  // namespace

std::string journal_field_name(std::string_view text) {
  std::string name;
  for (const char letter : text.substr(0, kNameBytesMax)) {
    const char upper = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    if (is_name_letter(upper))
      name += upper;
    else if (!name.empty())
      name += '_';
  }
  return name.empty() || name[0] == '_' ? "X" + name.substr(0, kNameBytesMax - 1) : name;
}

std::string journal_datagram(std::span<const JournalField> fields) {
  std::string out;
  for (const JournalField& field : fields) {
    CHECK_BUG(!field.name.empty() && field.name[0] != '_' && field.name.size() <= kNameBytesMax);
    out += field.name;
    if (field.value.find('\n') == std::string_view::npos) {
      out += '=';
    } else {
      out += '\n';
      for (int shift = 0; shift < 64; shift += 8)  // little-endian
        out += static_cast<char>(static_cast<std::uint64_t>(field.value.size()) >> shift & 0xff);
    }
    out += field.value;
    out += '\n';
  }
  return out;
}

Result<Journal> Journal::open(std::string_view socket_path) {
  std::string path(socket_path);
  Fd fd = TRY(connect_to(path));
  return Journal(std::move(path), std::move(fd));
}

Result<void> Journal::send(std::span<const JournalField> fields) {
  const std::string datagram = journal_datagram(fields);
  if (datagram.size() > kJournalEntryBytesMax)
    return fail(Code::usage,
                fmt::format("a journal entry of {} bytes is larger than kJournalEntryBytesMax ({})",
                            datagram.size(), kJournalEntryBytesMax));
  for (bool is_again = false;; is_again = true) {
    if (::send(fd_.number(), datagram.data(), datagram.size(), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) return {};
    if (errno == EAGAIN || errno == ENOBUFS)
      return fail(Code::try_again, path_ + ": the journal has no room");
    if (is_again || (errno != ECONNREFUSED && errno != ENOTCONN && errno != ECONNRESET))
      return fail_errno(errno, path_);
    fd_ = TRY(connect_to(path_));  // journald was started again
  }
}

}  // namespace inxt::sys
