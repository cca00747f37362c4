// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/read_back.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "crypto/secret.h"

namespace inxt::client {

struct ReadBack::State {
  std::mutex mutex;
  std::condition_variable changed;
  Bytes ring = Bytes(kReadBackBytesMax);
  std::size_t begin = 0, size = 0;  // of what was not read
  bool ended = false;
  bool abandoned = false;
  std::optional<Error> error;
  std::thread thread;
  ~State() { crypto::wipe(ring); }  // plaintext stood there
};

class ReadBack::Sink final : public ByteSink {
 public:
  explicit Sink(State& state) : state_(state) {}

  Result<void> write(ByteView bytes) override {
    std::unique_lock lock(state_.mutex);
    while (!bytes.empty()) {
      state_.changed.wait(lock, [&] { return state_.abandoned || state_.size < state_.ring.size(); });
      if (state_.abandoned) return fail(Code::failure, "nobody reads it any more");
      const auto at = (state_.begin + state_.size) % state_.ring.size();
      const auto count = std::min({bytes.size(), state_.ring.size() - state_.size, state_.ring.size() - at});
      std::memcpy(state_.ring.data() + at, bytes.data(), count);
      state_.size += count;
      bytes = bytes.subspan(count);
      state_.changed.notify_all();
    }
    return {};
  }
  Result<void> finish() override { return {}; }

 private:
  State& state_;
};

ReadBack::ReadBack(Work work) : state_(std::make_shared<State>()) {
  state_->thread = std::thread([state = state_.get(), work = std::move(work)] {
    auto done = work(std::make_unique<Sink>(*state));
    const std::lock_guard lock(state->mutex);
    state->ended = true;
    if (!done) state->error = std::move(done).error();
    state->changed.notify_all();
  });
}

ReadBack::~ReadBack() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->abandoned = true;
    state_->changed.notify_all();
  }
  state_->thread.join();
}

Result<std::size_t> ReadBack::read(ByteSpan out) {
  std::size_t got = 0;
  std::unique_lock lock(state_->mutex);
  while (got < out.size()) {
    state_->changed.wait(lock, [&] { return state_->ended || state_->size > 0; });
    if (state_->size == 0) {
      if (state_->error) return std::unexpected(*state_->error);
      break;
    }
    const auto count = std::min({out.size() - got, state_->size, state_->ring.size() - state_->begin});
    std::memcpy(out.data() + got, state_->ring.data() + state_->begin, count);
    state_->begin = (state_->begin + count) % state_->ring.size();
    state_->size -= count;
    got += count;
    state_->changed.notify_all();
  }
  return got;
}

}  // namespace inxt::client
