// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/beacon_fetch.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

namespace inxt::client {
namespace {

constexpr std::chrono::milliseconds kPause{200};
constexpr std::int64_t kAskAgainMs = 1000;

/// libcurl is set up once for the process and left so: to take it down while others use it is not safe.
bool curl_is_ready() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ready;
}

struct Answer {
  std::string body;
  bool too_long = false;
};

std::size_t take_bytes(char* bytes, std::size_t size, std::size_t count, void* into) {
  auto& answer = *static_cast<Answer*>(into);
  const auto length = size * count;
  if (length > format::kBeaconBytesMax - answer.body.size()) {
    answer.too_long = true;
    return 0;
  }
  answer.body.append(bytes, length);
  return length;
}

int ask_whether_stopped(void* wait, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& stopped = static_cast<const BeaconWait*>(wait)->stopped;
  return stopped && stopped() ? 1 : 0;
}

Error stopped_error() { return {Code::failure, "stopped by a signal"}; }

/// Errors: try_again for whatever may be over soon, also a status that is not 200; integrity when it is too long, or leads to
/// another scheme.
Result<std::string> get(const std::string& url, const BeaconWait& wait) {
  if (!curl_is_ready()) return fail(Code::failure, "libcurl cannot be set up");
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl_easy_init(), &curl_easy_cleanup);
  if (!handle) return fail(Code::failure, "libcurl cannot be set up");
  Answer answer;
  char message[CURL_ERROR_SIZE] = {};
  const char* scheme = url.starts_with("https:") ? "https" : "http";
  CURL* curl = handle.get();
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, scheme);
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, scheme);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, long{kBeaconRedirectsMax});
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, long{kBeaconConnectMs});
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, long{kBeaconAnswerMs});
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "inxt/" INXT_VERSION);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take_bytes);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &ask_whether_stopped);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, const_cast<BeaconWait*>(&wait));
  const CURLcode code = curl_easy_perform(curl);
  if (code == CURLE_ABORTED_BY_CALLBACK) return std::unexpected(stopped_error());
  if (answer.too_long)
    return fail(Code::integrity, fmt::format("{}: longer than {} bytes (kBeaconBytesMax)", url, format::kBeaconBytesMax));
  if (code == CURLE_UNSUPPORTED_PROTOCOL) return fail(Code::integrity, fmt::format("{}: redirects to another scheme", url));
  if (code == CURLE_URL_MALFORMAT)
    return fail(Code::usage, fmt::format("{}: {}", url, curl_easy_strerror(code)));
  if (code != CURLE_OK)
    return fail(Code::try_again, fmt::format("{}: {}", url, message[0] != 0 ? message : curl_easy_strerror(code)));
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return fail(Code::try_again, fmt::format("{}: status {}", url, status));
  return std::move(answer.body);
}

}  // namespace

bool is_beacon_url(std::string_view text) { return text.starts_with("http://") || text.starts_with("https://"); }

Result<format::Beacon> fetch_beacon(const std::string& base_url, std::int64_t not_before_unix_s, const sys::Clock& clock,
                                    const BeaconWait& wait) {
  if (!is_beacon_url(base_url)) return fail(Code::usage, fmt::format("{}: not an http or https address", base_url));
  const auto base = base_url.substr(0, base_url.find_last_not_of('/') + 1);
  const auto info = TRY_IN("the beacon", get(base + "/info", wait));
  const auto chain = TRY(format::read_beacon_chain(info, base + "/info"));
  const auto round = format::first_round_at(chain, not_before_unix_s);
  const auto time_unix_s = format::time_of_round(chain, round);
  const auto ahead_s = time_unix_s - clock.unix_s();
  if (ahead_s > kBeaconAheadMaxS)
    return fail(Code::usage, fmt::format("{}: round {} comes in {} s, which is more than {} (kBeaconAheadMaxS)", base, round,
                                         ahead_s, kBeaconAheadMaxS));
  if (ahead_s > 0 && wait.on_wait) wait.on_wait(ahead_s);
  // By the steady clock from here on: a wall clock that is set back must not make a wait of an hour.
  const auto due_ms = clock.steady_ms() + std::max<std::int64_t>(ahead_s, 0) * 1000;
  const auto url = fmt::format("{}/public/{}", base, round);
  for (auto next_ms = due_ms;;) {
    if (wait.stopped && wait.stopped()) return std::unexpected(stopped_error());
    if (clock.steady_ms() < next_ms) {
      std::this_thread::sleep_for(kPause);
      continue;
    }
    auto text = get(url, wait);
    if (text) {
      auto beacon = TRY(format::read_beacon_round(*text, chain, url));
      if (beacon.round != round)
        return fail(Code::integrity, fmt::format("{}: round {}, which is another", url, beacon.round));
      return beacon;
    }
    if (text.error().code != Code::try_again || clock.steady_ms() > due_ms + kBeaconBehindMaxS * 1000)
      return std::unexpected(std::move(text).error().in("the beacon"));
    next_ms = clock.steady_ms() + kAskAgainMs;
  }
}

}  // namespace inxt::client
