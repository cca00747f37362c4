// SPDX-License-Identifier: AGPL-3.0-or-later
// What Hosts send to a Bridge, and the Hosts that a Bridge lists.  First byte: 0 a registration, 1 a heartbeat request, else
// a listed Host.  "@" stands for the token of a descriptor that is signed here, "~" for its Host.
#include "base/check.h"
#include "base/encoding.h"
#include "format/heartbeat.h"
#include "format/listed_host.h"
#include "fuzz/support/fuzz.h"

namespace inxt::fuzz {
namespace {

using namespace format;

const std::string& descriptor_token() {
  static const std::string token = [] {
    Descriptor descriptor;
    descriptor.host = {signing_key().public_key()};
    descriptor.addresses = {"192.0.2.1:4242"};
    return *sign_descriptor(descriptor, signing_key());
  }();
  return token;
}

std::string filled_in(std::string text) {
  if (const auto at = text.find('@'); at != text.npos) text.replace(at, 1, descriptor_token());
  if (const auto at = text.find('~'); at != text.npos) text.replace(at, 1, signer_hex());
  return text;
}

void check_declared(const Declared& declared) {
  CHECK_BUG(is_declared_text(declared.operator_name, kDeclaredOperatorBytesMax));
  CHECK_BUG(is_declared_text(declared.domain, kDeclaredDomainBytesMax));
  CHECK_BUG(is_declared_text(declared.region, kDeclaredRegionBytesMax));
}

void check_registration(std::string_view body) {
  const auto read = read_registration(body);
  if (!read) return;
  CHECK_BUG(body.size() <= kRegistrationBytesMax);
  check_declared(read->declared);
  CHECK_BUG(open_descriptor(read->token)->host == read->descriptor.host);
  const auto again = write_registration(hosts_line(read->descriptor, read->token), read->declared);
  CHECK_BUG(again.has_value());
  const auto back = read_registration(*again);
  CHECK_BUG(back && back->declared == read->declared && back->token == read->token);
}

void check_heartbeat_request(std::string_view body) {
  const auto read = read_heartbeat_request(body);
  if (!read) return;
  const auto back = read_heartbeat_request(write_heartbeat_request(*read));
  CHECK_BUG(back && back->heartbeat == read->heartbeat && back->descriptor == read->descriptor);
}

void check_listed(std::string_view line) {
  const auto read = read_listed_host(line, "line");
  if (!read) return;
  check_declared(read->declared);
  const std::string text = write_listed_host(*read);
  CHECK_BUG(text.size() <= kLineBytesMax);
  const auto back = read_listed_host(std::string_view(text).substr(0, text.size() - 1), "line");
  CHECK_BUG(back && back->token == read->token);
  CHECK_BUG(write_listed_host(*back) == text);
}

}  // namespace

void fuzz(ByteView input) {
  const auto selector = take_byte(input);
  const std::string text = filled_in(std::string(text_of(input)));
  switch (selector) {
    case 0: return check_registration(text);
    case 1: return check_heartbeat_request(text);
    default: return check_listed(text);
  }
}

}  // namespace inxt::fuzz
