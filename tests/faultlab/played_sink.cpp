// The part that finds its receiver by the sink's name, and the receiver.
#include "tests/faultlab/played_sink.h"

namespace telltale::faultlab {
namespace {

std::mutex receivers_mutex;
std::map<std::string, Receiver*>& receivers() {
  static std::map<std::string, Receiver*> all;
  return all;
}

class PlayedSink final : public sinks::Sink {
 public:
  explicit PlayedSink(Receiver& receiver) : receiver_(receiver) {}
  Result<void> open(std::stop_token) override { return receiver_.open(); }
  Result<std::size_t> write(std::span<const sinks::Item> items, sinks::Deadline deadline) override {
    return receiver_.take(items, deadline);
  }

 private:
  Receiver& receiver_;
};

const sinks::SinkPart& part() {
  static const sinks::SinkPart the_part = {.name = "played",
                                           .about = "a sink of the laboratory",
                                           .make = [](const Settings&, const std::string& name) -> Result<std::unique_ptr<sinks::Sink>> {
                                             const std::lock_guard lock(receivers_mutex);
                                             const auto at = receivers().find(name);
                                             if (at == receivers().end())
                                               return failed(ErrorKind::config, "there is no receiver '" + name + "'");
                                             return std::make_unique<PlayedSink>(*at->second);
                                           }};
  return the_part;
}

}  // namespace

Receiver::Receiver(std::string name) : name_(std::move(name)) {
  const std::lock_guard lock(receivers_mutex);
  receivers()[name_] = this;
}

Receiver::~Receiver() {
  const std::lock_guard lock(receivers_mutex);
  receivers().erase(name_);
}

engine::ConfiguredSink Receiver::configured(const std::map<std::string, std::string>& common) const {
  return {.name = name_, .part = &part(), .settings = Settings::of({}), .common = Settings::of(engine::sink_fields(), common)};
}

void Receiver::away(bool away) {
  const std::lock_guard lock(mutex_);
  away_ = away;
}

void Receiver::one_by_one(bool on) {
  const std::lock_guard lock(mutex_);
  one_by_one_ = on;
  changed_.notify_all();
}

void Receiver::let_one_in() {
  const std::lock_guard lock(mutex_);
  ++allowed_;
  changed_.notify_all();
}

std::set<Receiver::Arrival> Receiver::arrived() const {
  const std::lock_guard lock(mutex_);
  return arrived_;
}

std::size_t Receiver::n_arrived() const {
  const std::lock_guard lock(mutex_);
  return arrived_.size();
}

std::chrono::steady_clock::time_point Receiver::newest_arrival() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

Result<void> Receiver::open() const {
  const std::lock_guard lock(mutex_);
  if (away_) return failed(ErrorKind::not_connected, "the receiver is away");
  return {};
}

Result<std::size_t> Receiver::take(std::span<const sinks::Item> items, sinks::Deadline deadline) {
  std::unique_lock lock(mutex_);
  if (away_) return failed(ErrorKind::not_connected, "the receiver is away");
  if (one_by_one_) {
    if (!changed_.wait_until(lock, deadline, [this] { return allowed_ > 0 || !one_by_one_; }))
      return failed(ErrorKind::timeout, "the receiver is slow");
    if (one_by_one_) {
      --allowed_;
      items = items.first(1);
    }
  }
  newest_ = std::chrono::steady_clock::now();
  for (const auto& item : items) arrived_.insert({item.sequence, item.index});
  return items.size();
}

}  // namespace telltale::faultlab
