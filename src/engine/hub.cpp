// The live hub.
#include "engine/hub.h"
#include "core/thread_name.h"

#include <algorithm>

namespace telltale::engine {

Hub::Hub(const Names& names) : names_(names), thread_([this] { run(); }) {}

Hub::~Hub() { stop(); }

void Hub::stop() {
  entries_.close();
  if (thread_.joinable()) thread_.join();
}

void Hub::publish(std::shared_ptr<const Entry> entry) {
  const std::size_t bytes = sizeof(Entry) + entry->readings.size() * sizeof(StoredReading);
  entries_.push(std::move(entry), bytes);
}

void Hub::listen(std::weak_ptr<Listener> listener) {
  std::lock_guard lock(listeners_mutex_);
  listeners_.push_back(std::move(listener));
}

void Hub::run() {
  name_this_thread("hub");
  while (auto entry = entries_.pop()) {
    keep(**entry);
    std::vector<std::shared_ptr<Listener>> present;
    {
      std::lock_guard lock(listeners_mutex_);
      std::erase_if(listeners_, [](const auto& one) { return one.expired(); });
      for (const auto& one : listeners_) {
        if (auto listener = one.lock()) present.push_back(std::move(listener));
      }
    }
    for (const auto& listener : present) listener->committed(*entry);
  }
}

void Hub::replace(const Conflict& c) {
  std::lock_guard lock(latest_mutex_);
  if (!c.replaces || c.signal >= latest_.size() || latest_[c.signal].signal == no_signal || latest_[c.signal].time != c.time) return;
  latest_[c.signal].value = c.value;
  latest_[c.signal].quality = c.quality;
}

void Hub::keep(const Entry& entry) {
  keep_readings(entry);
  for (const Conflict& c : entry.conflicts) replace(c);
}

void Hub::keep_readings(const Entry& entry) {
  std::lock_guard lock(latest_mutex_);
  for (const StoredReading& r : entry.readings) {
    if (r.signal >= latest_.size()) latest_.resize(r.signal + 1);
    LatestValue& latest = latest_[r.signal];
    if (latest.signal != no_signal && r.time < latest.time && !r.quality.has(Reason::clock_back)) continue;
    latest = {r.signal, r.time, entry.arrival, r.value, r.quality, r.anomaly};
  }
}

void Hub::restore(const LatestValue& value) {
  std::lock_guard lock(latest_mutex_);
  if (value.signal >= latest_.size()) latest_.resize(value.signal + 1);
  if (latest_[value.signal].signal == no_signal || latest_[value.signal].time < value.time) latest_[value.signal] = value;
}

namespace {
void sort_by_name(std::vector<LatestValue>& values, const Names& names) {
  struct Named {
    std::string_view asset, signal;
    LatestValue value;
  };
  std::vector<Named> named;  // asked once each, not at every comparison
  named.reserve(values.size());
  for (const LatestValue& v : values) named.push_back({names.asset_name(names.asset_of(v.signal)), names.signal_name(v.signal), v});
  std::ranges::sort(named, {}, [](const Named& one) { return std::pair(one.asset, one.signal); });
  std::ranges::transform(named, values.begin(), &Named::value);
}
}  // namespace

void Hub::each_latest(const std::function<void(const LatestValue&)>& visit) const {
  std::lock_guard lock(latest_mutex_);
  for (const LatestValue& v : latest_) {
    if (v.signal != no_signal) visit(v);
  }
}

std::vector<LatestValue> Hub::latest() const {
  std::vector<LatestValue> values;
  {
    std::lock_guard lock(latest_mutex_);
    std::ranges::copy_if(latest_, std::back_inserter(values), [](const LatestValue& v) { return v.signal != no_signal; });
  }
  sort_by_name(values, names_);
  return values;
}

std::vector<LatestValue> Hub::latest(AssetId asset) const {
  std::vector<LatestValue> values;
  {
    std::lock_guard lock(latest_mutex_);
    std::ranges::copy_if(latest_, std::back_inserter(values),
                         [&](const LatestValue& v) { return v.signal != no_signal && names_.asset_of(v.signal) == asset; });
  }
  sort_by_name(values, names_);
  return values;
}

}  // namespace telltale::engine
