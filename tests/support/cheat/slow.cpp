// SPDX-License-Identifier: AGPL-3.0-or-later
// Hosts that make the auditor wait, or choke.
#include "cheat/cheat.h"

namespace inxt::cheat {

namespace {

std::vector<net::Header> headers_of(const Told& told) {
  std::vector<net::Header> headers;
  headers.push_back(net::Header("Inxt-Protocol", "1"));
  headers.push_back(net::Header("Content-Type", told.content_type));
  return headers;
}

class Drip final : public Cheat {
 public:
  using Cheat::Cheat;
  Awaitable<void> send(net::ServerResponse& response, Told told) override {
    response.begin(told.status, headers_of(told), told.body.size());
    for (std::size_t i = 0; i < told.body.size(); ++i) {
      if (const Result<void> sent = co_await response.send_part(view_of(told.body).subspan(i, 1)); !sent)
        co_return;
      co_await net::sleep_for(std::chrono::milliseconds(1000));
    }
  }
};

class Gigabyte final : public Cheat {
 public:
  using Cheat::Cheat;
  Awaitable<void> send(net::ServerResponse& response, Told told) override {
    constexpr std::size_t kParts = 1024;
    std::string part;
    while (part.size() < 1024 * 1024) part += "{\"type\":\"proof\",\"piece\":[[[[[[[[[[";
    part.resize(1024 * 1024);
    response.begin(told.status, headers_of(told), kParts * part.size());
    for (std::size_t i = 0; i < kParts; ++i)
      if (const Result<void> sent = co_await response.send_part(view_of(part)); !sent) co_return;
  }
};

class Silent : public Cheat {
 public:
  using Cheat::Cheat;
  Awaitable<Told> asked(const Asked&) override {
    co_await net::sleep_for(kSilence);
    co_return Told{};
  }
};

class Stall final : public Silent {
 public:
  using Silent::Silent;
  bool is_silent_on_pieces() const override { return true; }
};

class Withhold final : public Cheat {
 public:
  using Cheat::Cheat;
  bool is_silent_on_pieces() const override { return true; }
};

}  // namespace

std::unique_ptr<Cheat> make_drip(Scene& scene) {
  return make<Drip>(scene);
}
std::unique_ptr<Cheat> make_gigabyte(Scene& scene) {
  return make<Gigabyte>(scene);
}
std::unique_ptr<Cheat> make_silent(Scene& scene) {
  return make<Silent>(scene);
}
std::unique_ptr<Cheat> make_stall(Scene& scene) {
  return make<Stall>(scene);
}
std::unique_ptr<Cheat> make_withhold(Scene& scene) {
  return make<Withhold>(scene);
}

}  // namespace inxt::cheat
