// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/save_index.h"

namespace inxt::host {

net::Awaitable<void> run_save_index(Host& host) {
  for (;;) {
    co_await net::sleep_for(std::chrono::milliseconds(kSaveIndexMs));
    store::Store& store = host.parts().store;
    const auto save = [&store] { return store.save_index(); };
    const Result<void> saved = co_await host.parts().workers.run(save);
    if (!saved) host.parts().log.write(LogLevel::error, "index-not-saved", {{"reason", saved.error().what}});
  }
}

}  // namespace inxt::host
