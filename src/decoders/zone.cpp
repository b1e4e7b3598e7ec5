// The zone of times that say none: a constant offset, or a place of the system's time zone database.
#include "decoders/zone.h"

#include <chrono>
#include <string>

namespace telltale::decoders {
namespace {

bool digits(std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == text.npos; }

/// "+02:00", "-0530", "+2"; minutes, or nothing.
bool parse_offset(std::string_view text, int& minutes) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return false;
  std::string compact;
  for (const char c : text.substr(1)) {
    if (c != ':') compact += c;
  }
  if (!digits(compact) || compact.size() > 4 || compact.size() == 3) return false;
  const int value = std::stoi(compact);
  minutes = compact.size() <= 2 ? value * 60 : value / 100 * 60 + value % 100;
  if (minutes > 14 * 60 || (compact.size() == 4 && value % 100 > 59)) return false;
  if (text[0] == '-') minutes = -minutes;
  return true;
}

}  // namespace

Result<Zone> Zone::find(std::string_view text) {
  Zone zone;
  int minutes = 0;
  if (text.empty() || text == "UTC" || text == "utc" || text == "Z" || text == "GMT") return zone;
  if (parse_offset(text, minutes)) {
    zone.offset_ = std::chrono::minutes(minutes);
    return zone;
  }
  try {
    zone.place_ = std::chrono::locate_zone(text);
    return zone;
  } catch (const std::exception&) {
    return failed(ErrorKind::config, "no such zone '" + std::string(text) + "'",
                  "as in UTC, +02:00 or Europe/Berlin (places need the tzdata package)");
  }
}

Time Zone::to_utc(Time local) const {
  if (!place_) return local - offset_;
  const auto* place = static_cast<const std::chrono::time_zone*>(place_);
  return place->to_sys(std::chrono::local_time<Nanoseconds>(local.time_since_epoch()), std::chrono::choose::earliest);
}

}  // namespace telltale::decoders
