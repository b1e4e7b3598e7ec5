// What became of each reading, as JSON. A call may have ten thousand of them, so this is put together from whole texts.
#include "api/receipt.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <vector>

#include "api/json_out.h"
#include "core/json_text.h"

namespace telltale::api {
namespace {

constexpr std::size_t about_one = 100;  // bytes of an item

/// `,"asset":"A","signal":"S"` of signals that mostly come again within a call: looked up and escaped once.
class SignalWords {
 public:
  SignalWords(const Names& names, std::size_t n) : names_(names), slots_(std::bit_ceil(std::clamp(n, std::size_t{1}, most_slots))) {}

  const std::string& of(SignalId signal) {
    Slot& slot = slots_[signal & (slots_.size() - 1)];
    if (slot.signal != signal) {
      slot.signal = signal;
      append_json(slot.text = ",\"asset\":", names_.asset_name(names_.asset_of(signal)));
      append_json(slot.text += ",\"signal\":", names_.signal_name(signal));
    }
    return slot.text;
  }

 private:
  static constexpr std::size_t most_slots = 4096;
  struct Slot {
    SignalId signal = no_signal;
    std::string text;
  };
  const Names& names_;
  std::vector<Slot> slots_;  // by the lowest bits of the signal: a power of two
};

void append_number(std::string& json, std::uint32_t number) {
  std::array<char, 16> digits;
  json.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void append_item(std::string& json, const Origin& origin, const Verdict& verdict, SignalWords& words) {
  append_number(json += "{\"item\":", origin.position);
  if (origin.signal != no_signal) json += words.of(origin.signal);
  if (verdict.kind == Verdict::Kind::stored)
    json += ",\"verdict\":\"stored\"";
  else
    json.append(",\"verdict\":\"").append(to_text(verdict)).append("\"");
  if (!origin.message.empty())
    append_json(json += ",\"message\":", origin.message);
  else if (verdict.kind == Verdict::Kind::conflict)
    json += ",\"message\":\"another value stood under this time; GET /api/v1/conflicts tells which one stands\"";
  json += '}';
}

std::string counts(std::span<const Verdict> verdicts) {
  const auto n = [&](Verdict::Kind kind) { return std::ranges::count(verdicts, kind, &Verdict::kind); };
  JsonOut json;
  json.object()
      .field("received", verdicts.size())
      .field("stored", n(Verdict::Kind::stored))
      .field("duplicate", n(Verdict::Kind::duplicate))
      .field("conflict", n(Verdict::Kind::conflict))
      .field("dead_letter", n(Verdict::Kind::dead_letter));
  return json.take();
}

}  // namespace

std::string receipt(std::span<const Origin> origins, std::span<const Verdict> verdicts, const Names& names) {
  const std::size_t n = std::min(origins.size(), verdicts.size());
  SignalWords words(names, n);
  std::string json = counts(verdicts);
  json.reserve(json.size() + about_one * (n + 1));
  json += ",\"items\":[";
  for (std::size_t k = 0; k < n; ++k) {
    if (k > 0) json += ',';
    append_item(json, origins[k], verdicts[k], words);
  }
  return json += "]}";
}

}  // namespace telltale::api
