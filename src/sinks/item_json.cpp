// JSON out by hand: objects of known shape, numbers in their shortest exact form.
#include "sinks/item_json.h"

#include <charconv>
#include <cmath>

namespace telltale::sinks {
namespace {

/// Bytes of the well-formed UTF-8 sequence at `at`; 0: there is none.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
  const unsigned lead = byte(0);
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return follows(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const bool overlong = lead == 0xe0 && byte(1) < 0xa0, surrogate = lead == 0xed && byte(1) > 0x9f;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const bool overlong = lead == 0xf0 && byte(1) < 0x90, too_large = lead == 0xf4 && byte(1) > 0x8f;
    return follows(1) && follows(2) && follows(3) && !overlong && !too_large ? 4 : 0;
  }
  return 0;
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const std::size_t n = utf8_length(text, at);
    if (n == 0) {
      out += "\\ufffd";  // what is no character
      ++at;
      continue;
    }
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char digits[] = "0123456789abcdef";
      out += "\\u00";
      out += digits[c >> 4];
      out += digits[c & 15];
    } else {
      out.append(text, at, n);
    }
    at += n;
  }
  out += '"';
}

/// Writes members one after the other.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  ObjectWriter& text(std::string_view name, std::string_view v) {
    member(name);
    append_string(out_, v);
    return *this;
  }
  ObjectWriter& number(std::string_view name, double v) {
    member(name);
    if (!std::isfinite(v)) {
      out_ += "null";
      return *this;
    }
    char digits[32];
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, v).ptr);
    return *this;
  }
  ObjectWriter& number(std::string_view name, const std::optional<double>& v) { return v ? number(name, *v) : *this; }
  ObjectWriter& count(std::string_view name, std::uint64_t v) {
    member(name);
    out_ += std::to_string(v);
    return *this;
  }
  ObjectWriter& flag(std::string_view name, bool v) {
    member(name);
    out_ += v ? "true" : "false";
    return *this;
  }
  ObjectWriter& time(std::string_view name, Time v) { return text(name, to_rfc3339(v)); }
  void end() { out_ += '}'; }

 private:
  void member(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    append_string(out_, name);
    out_ += ':';
  }
  std::string& out_;
  bool first_ = true;
};

}  // namespace

std::string_view word_of(ItemKind kind) {
  switch (kind) {
    case ItemKind::reading: return "reading";
    case ItemKind::finding: return "anomaly";
    case ItemKind::transition: return "alarm";
  }
  return "";
}

std::optional<ItemKind> kind_of(std::string_view word) {
  for (const ItemKind kind : {ItemKind::reading, ItemKind::finding, ItemKind::transition}) {
    const std::string_view singular = word_of(kind);
    if (word == singular || word == (kind == ItemKind::finding ? "anomalies" : std::string(singular) + "s")) return kind;
  }
  return std::nullopt;
}

Time time_of(const Item& item) {
  if (item.kind == ItemKind::reading) return item.reading->time;
  return item.kind == ItemKind::finding ? item.finding->time : item.transition->event_time;
}

void append_json(std::string& out, const Item& item) {
  ObjectWriter object(out);
  object.text("kind", word_of(item.kind))
      .text("id", item.id())
      .text("asset", item.asset)
      .text("signal", item.signal.empty() ? "*" : item.signal);
  object.time("time", time_of(item));
  if (item.kind == ItemKind::reading) {
    const StoredReading& r = *item.reading;
    object.number("value", r.value).text("quality", to_text(r.quality)).flag("anomaly", r.anomaly);
  } else if (item.kind == ItemKind::finding) {
    const Finding& f = *item.finding;
    object.text("rule", f.rule).number("value", f.value).number("score", f.score).number("limit", f.limit).number("p", f.p);
    object.number("low", f.low).number("high", f.high).count("priority", f.priority).flag("begins", f.begins).flag("doubtful", f.doubtful);
    object.text("cause", f.cause);
  } else {
    const Transition& t = *item.transition;
    object.text("alarm", t.id)
        .text("transition", name_of(t.kind))
        .text("rule", t.rule)
        .count("priority", t.priority)
        .text("cause", t.cause);
    object.number("value", t.value)
        .number("limit", t.limit)
        .count("count", t.count)
        .flag("doubtful", t.doubtful)
        .time("arrival", t.arrival);
    if (!t.actor.empty()) object.text("actor", t.actor);
    if (!t.note.empty()) object.text("note", t.note);
  }
  object.end();
}

}  // namespace telltale::sinks
