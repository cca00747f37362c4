// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/local_views.h"

#include "host/metrics.h"
#include "host/page.h"

namespace inxt::host {

namespace {

using Writer = std::string (*)(const Status& status);

net::Awaitable<Result<std::string>> write_status(const StatusSource& source, Writer writer) {
  CO_TRY(const Status status, co_await source.collect());
  co_return writer(status);
}

}  // namespace

std::vector<serve::LocalView> local_views(const StatusSource& source) {
  const auto view = [&source](std::string path, std::string_view type, Writer writer) {
    return serve::LocalView{.path = std::move(path), .type = type, .write = [&source, writer] {
                              return write_status(source, writer);
                            }};
  };
  return {view("/", serve::kHtmlType, status_page), view("/status", serve::kJsonType, status_json),
          view("/metrics", serve::kMetricsType, metrics_text),
          view("/status.json", serve::kJsonType, status_json),
          view("/status.txt", serve::kTextType, status_text)};
}

}  // namespace inxt::host
