// Questions that need more than one place; the id of a reading.
#include "stores/local_reader.h"

#include <algorithm>
#include <set>

namespace telltale::stores {
namespace {
std::uint64_t fnv1a(std::string_view text, std::uint64_t hash) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}
}  // namespace

std::uint64_t reading_id(std::string_view asset, std::string_view signal, Time time) {
  const std::string_view separator("\0", 1);
  std::uint64_t hash = fnv1a(signal, fnv1a(separator, fnv1a(asset, 0xcbf29ce484222325ull)));
  hash ^= static_cast<std::uint64_t>(ns_of(time));
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ull;  // splitmix64: neighbouring times give unlike ids
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebull;
  return (hash ^ (hash >> 31)) >> 11;
}

Result<void> restore_replacements(const TableQuestions& tables, Names& names, History& history) {
  return tables.replacements([&](std::string_view asset, std::string_view signal, Replacement one) {
    one.signal = names.known_signal(names.asset(asset), signal);
    history.restore(one);
  });
}

Result<std::vector<HistoryPoint>> LocalReader::points(std::string_view asset, std::string_view signal, Window window, std::size_t limit,
                                                      bool only_anomalies) const {
  return history_->points(asset, signal, window, limit, only_anomalies);
}
Result<std::vector<Bucket>> LocalReader::buckets(std::string_view asset, std::string_view signal, Window window, std::size_t max) const {
  return history_->buckets(asset, signal, window, max);
}
Result<SignalStatistics> LocalReader::statistics(std::string_view asset, std::string_view signal, Window window) const {
  return history_->statistics(asset, signal, window);
}
Result<std::vector<std::optional<double>>> LocalReader::find_all(std::string_view asset, std::string_view signal,
                                                                 std::span<const Time> times) const {
  return history_->find_all(asset, signal, times);
}
Result<std::vector<std::pair<std::string, std::string>>> LocalReader::signals() const { return history_->signals(); }
Result<void> LocalReader::newest(const std::function<void(const NewestReading&)>& each) const {
  history_->newest(each);
  return {};
}

/// Times of the newest messages: of several signals of the asset, the newest `limit` of each include those of all.
Result<std::vector<Time>> LocalReader::newest_times(std::string_view asset, const std::vector<std::string>& signals, std::size_t limit,
                                                    Window window) const {
  std::set<Time, std::greater<>> times;
  for (const std::string& signal : signals) {
    const auto points = history_->points(asset, signal, window, limit, false);
    if (!points) return std::unexpected(points.error());
    for (const HistoryPoint& p : *points) times.insert(p.time);
  }
  std::vector<Time> newest(times.begin(), times.end());
  newest.resize(std::min(newest.size(), limit));
  return newest;
}

/// Times of the newest messages that came while another text stood: a machine may say for weeks that all is well.
Result<std::vector<Time>> LocalReader::times_with_other_text(std::string_view asset, const std::vector<std::string>& signals,
                                                             std::size_t limit, std::string_view name, std::string_view not_equal) const {
  constexpr std::size_t at_once = 256;
  std::vector<Time> times;
  for (Time before = Time::max(); times.size() < limit;) {
    const auto spans = tables_->text_spans(asset, name, at_once, before);
    if (!spans) return std::unexpected(spans.error());
    for (const TextSpan& span : *spans) {
      before = span.from;
      if (span.text == not_equal || times.size() >= limit) continue;
      const auto within = newest_times(asset, signals, limit - times.size(), {span.from, span.to});
      if (!within) return std::unexpected(within.error());
      times.insert(times.end(), within->begin(), within->end());
    }
    if (spans->size() < at_once) break;
  }
  return times;
}

Result<std::vector<Reader::KeptMessage>> LocalReader::messages(std::string_view asset, std::size_t limit, std::string_view text_name,
                                                               std::string_view not_equal) const {
  std::vector<KeptMessage> found;
  const std::vector<std::string> signals = history_->signals_of(asset);
  if (limit == 0) return found;
  const auto times =
      text_name.empty() ? newest_times(asset, signals, limit, {}) : times_with_other_text(asset, signals, limit, text_name, not_equal);
  if (!times) return std::unexpected(times.error());
  for (const Time time : *times) {
    KeptMessage message{.asset = std::string(asset), .time = time, .values = {}, .texts = {}};
    for (const std::string& signal : signals) {
      const auto value = find(asset, signal, time);
      if (!value) return std::unexpected(value.error());
      if (*value) message.values[signal] = **value;
    }
    auto texts = tables_->texts(asset, time);
    if (!texts) return std::unexpected(texts.error());
    message.texts = std::move(*texts);
    found.push_back(std::move(message));
  }
  std::ranges::reverse(found);
  return found;
}

}  // namespace telltale::stores
