// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/drain.h"

#include <nlohmann/json.hpp>

#include "serve/state_file.h"

namespace inxt::host {

Result<void> load_drain(Host& host, sys::Directory& directory) {
  const std::optional<format::Json> state = TRY(serve::read_state(directory, kDrainFile));
  if (!state) return {};
  const format::Fields fields(*state, std::string(kDrainFile));
  host.set_draining(TRY(fields.boolean("draining")));
  return {};
}

net::Awaitable<Result<void>> set_drain(Host& host, sys::Directory& directory, bool is_draining) {
  format::Json json;
  json["draining"] = true;
  json["since"] = host.parts().clock.unix_s();
  const auto job = [&] {
    return is_draining ? serve::write_state(directory, kDrainFile, json) : serve::remove_state(directory, kDrainFile);
  };
  CO_CHECK(co_await host.parts().workers.run(job));
  host.set_draining(is_draining);
  host.parts().log.write(LogLevel::info, "drain", {{"on", is_draining ? "true" : "false"}});
  co_return Result<void>();
}

net::Awaitable<Result<std::string>> command_drain(Host& host, sys::Directory& directory,
                                                  std::string_view body) {
  while (body.ends_with('\n')) body.remove_suffix(1);
  CO_TRY(const format::Json asked, format::parse_object(body));
  const format::Fields fields(asked, "drain");
  CO_TRY(const bool is_draining, fields.boolean("on"));
  CO_CHECK(co_await set_drain(host, directory, is_draining));
  format::Json answer;
  answer["draining"] = host.is_draining();
  co_return format::write_compact(answer);
}

}  // namespace inxt::host
