// Readings that come in by POST: bytes to a batch with one item per reading.
#include "api/intake.h"

#include <algorithm>
#include <ranges>

namespace telltale::api {
namespace {

/// One payload per line that says something; positions count such lines.
void decode_each_line(decoders::Decoder& decoder, std::string_view body, Time arrival, Batch& batch) {
  for (const auto range : std::views::split(body, '\n')) {
    const std::string_view line(range);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    decoder.decode({.topic = {}, .bytes = line, .arrival = arrival}, batch);
  }
}

/// Renumbers: each reading, and each item that could not be read, becomes an item of its own, in the order of the body.
std::vector<Origin> one_item_each(Batch& batch) {
  if (!std::ranges::is_sorted(batch.readings, {}, &Reading::item)) std::ranges::stable_sort(batch.readings, {}, &Reading::item);
  std::ranges::stable_sort(batch.rejected, {}, &Rejected::item);
  std::vector<Origin> origins;
  origins.reserve(batch.readings.size() + batch.rejected.size());
  auto reading = batch.readings.begin();
  auto rejected = batch.rejected.begin();
  while (reading != batch.readings.end() || rejected != batch.rejected.end()) {
    const auto next = static_cast<std::uint32_t>(origins.size());
    if (rejected == batch.rejected.end() || (reading != batch.readings.end() && reading->item <= rejected->item)) {
      origins.push_back({reading->item, reading->signal, reading->time, {}});
      (reading++)->item = next;
    } else {
      origins.push_back({rejected->item, no_signal, {}, rejected->text});
      (rejected++)->item = next;
    }
  }
  batch.n_items = static_cast<std::uint32_t>(origins.size());
  return origins;
}

/// A body that is nothing but one refusal of all of it is the caller's mistake, not a dead letter.
Result<void> check_whole(const Batch& batch) {
  if (batch.n_items == 0)
    return failed(ErrorKind::config, "the body holds no reading", "send one object, an array of objects or JSON lines");
  if (!batch.readings.empty() || batch.rejected.size() != 1 || batch.n_items != 1) return {};
  const Rejected& only = batch.rejected.front();
  if (only.reason == DeadLetterReason::not_json || only.reason == DeadLetterReason::invalid_utf8)
    return failed(ErrorKind::config, only.text, "send one object, an array of objects or JSON lines");
  if (only.reason == DeadLetterReason::limit_exceeded) return failed(ErrorKind::refused, only.text, "send smaller batches");
  return {};
}

}  // namespace

Result<Intake> Decoders::decode(std::string_view body, BodyKind kind, Time arrival) {
  auto batch = decoded(body, kind, arrival);
  if (!batch) return std::unexpected(batch.error());
  if (auto whole = check_whole(*batch); !whole) return std::unexpected(whole.error());
  Intake intake{std::move(*batch), {}};
  intake.origins = one_item_each(intake.batch);
  if (intake.origins.size() > most_readings)
    return failed(ErrorKind::refused, std::to_string(intake.origins.size()) + " readings in one call, at most 10,000 are taken",
                  "send smaller batches");
  return intake;
}

Result<Intake> Decoders::decode_lines(std::string_view lines, Time arrival) {
  auto batch = decoded(lines, BodyKind::json_lines, arrival);
  if (!batch) return std::unexpected(batch.error());
  Intake intake{std::move(*batch), {}};
  intake.origins = one_item_each(intake.batch);
  return intake;
}

Result<Batch> Decoders::decoded(std::string_view body, BodyKind kind, Time arrival) {
  auto decoder = borrow();
  if (!decoder) return std::unexpected(decoder.error());
  Batch batch;
  batch.arrival = arrival;
  if (kind == BodyKind::json_lines)
    decode_each_line(**decoder, body, arrival, batch);
  else
    (*decoder)->decode({.topic = {}, .bytes = body, .arrival = arrival}, batch);
  give_back(std::move(*decoder));
  return batch;
}

Result<std::unique_ptr<decoders::Decoder>> Decoders::borrow() {
  std::lock_guard lock(mutex_);
  if (idle_.empty()) return decoders::make_decoder(mapping_, plant_, names_, {.clock = &clock_});
  auto decoder = std::move(idle_.back());
  idle_.pop_back();
  return decoder;
}

void Decoders::give_back(std::unique_ptr<decoders::Decoder> decoder) {
  std::lock_guard lock(mutex_);
  idle_.push_back(std::move(decoder));
}

}  // namespace telltale::api
