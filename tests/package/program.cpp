// SPDX-License-Identifier: AGPL-3.0-or-later
// A program of somebody else's, built with the installed headers and `pkg-config inxt`: the piece id of a file, a signed
// descriptor that is read back, and a Host's and a client's engine, at least by their sizes.
#include <client/get.h>
#include <crypto/sign.h>
#include <fmt/format.h>
#include <format/descriptor.h>
#include <host/host.h>
#include <proof/tree.h>
#include <sys/files.h>

namespace {

inxt::Result<void> work(const std::string& path) {
  const inxt::Bytes piece = TRY(inxt::sys::read_file(path, std::size_t{2} << 20, "piece"));
  fmt::print("{}\n", inxt::proof::Tree(piece).id().hex());

  inxt::crypto::SystemRandom random;
  inxt::crypto::Secret<32> seed;
  random.fill(seed.span());
  const auto key = inxt::crypto::SigningKey::from_seed(seed.view());
  inxt::format::Descriptor descriptor;
  descriptor.host = inxt::HostId{key.public_key()};
  descriptor.software = "program";
  descriptor.addresses = {"127.0.0.1:4242"};
  descriptor.issued_unix_s = 1'800'000'000;
  descriptor.expires_unix_s = 1'800'000'060;
  const std::string token = TRY(inxt::format::sign_descriptor(descriptor, key));
  const std::string line = inxt::format::hosts_line(descriptor, token);
  const auto read = TRY(inxt::format::open_hosts_line(std::string_view(line).substr(0, line.size() - 1), "line"));
  fmt::print("{}\n", read.host == descriptor.host ? "the same Host" : "another Host");
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  static_assert(sizeof(inxt::host::Host) > 0 && sizeof(inxt::client::GetOptions) > 0);
  inxt::crypto::start();
  const auto done = work(argc > 1 ? argv[1] : "");
  if (!done) fmt::print(stderr, "{}\n", done.error().what);
  return done ? 0 : static_cast<int>(done.error().code);
}
