// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/bridges.h"

#include <algorithm>

#include "base/check.h"
#include "net/race.h"

namespace inxt::host {

using net::operator||;
using std::chrono::milliseconds;

Bridges::Bridges(const net::Executor& executor, Host& host, const net::HttpServer& server)
    : host_(host), server_(server), http_(executor), changed_(executor) {}

void Bridges::set(const BridgeSettings& settings) {
  CHECK_BUG(settings.bridges.size() <= kBridgesMax);
  std::vector<crypto::PublicKey> keys;
  for (const transfer::BridgePeer& bridge : settings.bridges) keys.push_back(bridge.id);
  for (auto& link : links_)
    if (link && std::ranges::find(keys, link->peer().id) == keys.end()) {
      host_.reports().forget(link->peer().id);
      link.reset();
    }
  order_.clear();
  for (const transfer::BridgePeer& bridge : settings.bridges) {
    auto slot =
        std::ranges::find_if(links_, [&](const auto& link) { return link && link->peer().id == bridge.id; });
    if (slot == links_.end()) slot = std::ranges::find(links_, nullptr);
    order_.push_back(static_cast<std::size_t>(slot - links_.begin()));
    if (*slot && (*slot)->peer().addresses == bridge.addresses && (*slot)->declared() == settings.declared)
      continue;
    auto said =
        std::make_unique<transfer::HttpHostBridge>(http_, host_.parts().random, bridge, host_.parts().key);
    *slot = std::make_shared<BridgeLink>(host_, server_, bridge, settings.declared, std::move(said));
  }
  host_.vouched().set_bridges(keys);
  changed_.notify();
}

void Bridges::start(serve::Background& background) {
  for (std::size_t slot = 0; slot < links_.size(); ++slot) background.start(run(slot));
}

net::Awaitable<void> Bridges::run(std::size_t slot) {
  const sys::Clock& clock = host_.parts().clock;
  std::shared_ptr<BridgeLink> link;
  std::int64_t due_ms = 0;
  for (;;) {
    if (link != links_[slot]) {
      link = links_[slot];
      if (link) due_ms = clock.steady_ms() + link->first_wait().count();
    }
    if (link)
      if (const auto early_ms = link->due_early_ms()) due_ms = std::min(due_ms, *early_ms);
    if (!link) {
      co_await changed_.wait();
    } else if (const std::int64_t wait_ms = due_ms - clock.steady_ms(); wait_ms > 0) {
      co_await changed_.wait_for(milliseconds(wait_ms));
    } else {
      // A step may wait a minute for a Bridge that is silent; another one that takes its place does not.
      auto step = link->step();
      auto replaced = until_replaced(slot, link);
      const auto ended = co_await (std::move(step) || std::move(replaced));
      if (const milliseconds* wait = std::get_if<0>(&ended)) due_ms = clock.steady_ms() + wait->count();
    }
  }
}

net::Awaitable<void> Bridges::until_replaced(std::size_t slot, std::shared_ptr<BridgeLink> link) {
  while (links_[slot] == link) co_await changed_.wait();
}

std::vector<BridgeStatus> Bridges::status() const {
  std::vector<BridgeStatus> all;
  for (const std::size_t slot : order_) all.push_back(links_[slot]->status());
  return all;
}

}  // namespace inxt::host
