// What `doctor` looks at on this machine and in the site: clock, disk, store, addresses.
#include "cli/checkup.h"

#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <set>

#include "cli/words_for_people.h"
#include "clients/tcp_probe.h"
#include "stores/inspection.h"
#include "stores/store.h"

namespace telltale::cli {
namespace {

namespace fs = std::filesystem;

std::string in_gib(std::uint64_t bytes) { return rounded(static_cast<double>(bytes) / (1u << 30), 3) + " GiB"; }

void check_disk(const std::string& directory, const Report& report) {
  struct statvfs disk{};
  if (::statvfs(directory.c_str(), &disk) != 0) return;
  const std::uint64_t unit = disk.f_frsize, free = disk.f_bavail * unit, total = disk.f_blocks * unit;
  const double share = total > 0 ? static_cast<double>(free) / static_cast<double>(total) : 1;
  const std::string finding = in_gib(free) + " of " + in_gib(total) + " free";
  if (share < 0.03)
    report({Health::bad, "disk", finding + ": the engine is read-only below 3 %", "free space; it goes on by itself within 10 s"});
  else if (share < 0.10 || free < (1u << 30))
    report({Health::warning, "disk", finding, "free space before it falls below 3 %"});
  else
    report({Health::good, "disk", finding, ""});
}

struct Address {
  std::string host;
  std::uint16_t port;
};

/// Host and port of a URL such as "mqtts://user:secret@broker:8883/x"; nothing when it names none.
std::optional<Address> address_in(std::string_view url) {
  static constexpr std::pair<std::string_view, std::uint16_t> usual[] = {
      {"mqtt", 1883}, {"tcp", 1883},        {"mqtts", 8883},    {"ssl", 8883},   {"tls", 8883},     {"http", 80},
      {"https", 443}, {"postgresql", 5432}, {"postgres", 5432}, {"mysql", 3306}, {"mariadb", 3306}, {"redis", 6379}};
  const std::size_t slashes = url.find("://");
  if (slashes == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = url.substr(0, slashes);
  std::string_view rest = url.substr(slashes + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const std::size_t account = rest.rfind('@'); account != std::string_view::npos) rest.remove_prefix(account + 1);
  Address address{std::string(rest), 0};
  for (const auto& [name, port] : usual)
    if (scheme == name) address.port = port;
  const std::size_t colon = rest.rfind(':');
  if (colon != std::string_view::npos && !rest.ends_with(']')) {
    const std::string_view digits = rest.substr(colon + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
    address.host = rest.substr(0, colon);
  }
  if (address.host.starts_with('[') && address.host.ends_with(']')) address.host = address.host.substr(1, address.host.size() - 2);
  if (address.host.empty() || address.port == 0) return std::nullopt;
  return address;
}

void check_settings(const std::string& who, const Settings& settings, std::span<const Field> fields, std::set<std::string>& seen,
                    const Report& report) {
  for (const Field& field : fields) {
    if (field.kind != FieldKind::text || !settings.has(field.name)) continue;
    const auto address = address_in(settings.text(field.name));
    if (!address) continue;
    const std::string where = address->host + ":" + std::to_string(address->port);
    if (!seen.insert(who + where).second) continue;
    const auto reached = clients::tcp_probe(address->host, address->port, std::chrono::seconds(3));
    if (reached)
      report({Health::good, who, where + " answers", ""});
    else
      report({Health::bad, who, where + ": " + reached.error().message,
              "is it running, is the address right, does a firewall stand between?"});
  }
}

void check_whole(const std::string& directory, const Report& report) {
  const auto found = stores::inspect(directory);
  if (!found) return report({Health::bad, "store", found.error().message, found.error().hint});
  for (const std::string& damage : found->table_damage)
    report({Health::bad, "tables", damage, "stop the engine and start it: the tables are set aside and built anew"});
  for (const std::string& damage : found->journal_damage)
    report({Health::bad, "journal", damage, "restore a backup where these readings matter; all others are served"});
  if (found->table_damage.empty() && found->journal_damage.empty())
    report(
        {Health::good, "store", "tables whole, " + counted(found->entries, "input", "inputs") + " of the journal read without a gap", ""});
}

/// What the store itself lists as not in history or not delivered.
void check_losses(const stores::Reader& reader, const Report& report) {
  constexpr std::size_t most = 1000;
  const auto number = [](std::size_t n, std::string_view one, std::string_view many) {
    return (n == most ? "at least " : "") + counted(n, one, many);
  };
  if (const auto gaps = reader.gaps(most); gaps && !gaps->empty()) {
    const stores::GapRow& last = gaps->front();
    report({Health::warning, "gaps",
            number(gaps->size(), "range", "ranges") + " missing; the newest at " + last.place + ", inputs " + grouped(last.from) + " to " +
                grouped(last.to) + ", " + grouped(last.count) + " things: " + last.reason,
            "GET /api/v1/gaps lists them"});
  }
  if (const auto conflicts = reader.conflicts(most); conflicts && !conflicts->empty())
    report({Health::warning, "conflicts",
            number(conflicts->size(), "reading", "readings") + " under a time that had another value; the newest: " +
                conflicts->front().asset + " " + conflicts->front().signal + " at " + to_rfc3339(conflicts->front().time),
            "do two devices send under one name? GET /api/v1/conflicts lists them"});
  if (const auto letters = reader.dead_letters({.replayed = false, .limit = most}); letters && !letters->empty())
    report({Health::warning, "dead letters",
            number(letters->size(), "kept", "kept") + "; the newest of " + letters->front().source + ": " + letters->front().text,
            "telltale dead-letters lists them, and replays them when the cause is mended"});
}

}  // namespace

void check_clock(const Report& report) {
  timex state{};
  const int did = ::adjtimex(&state);
  if (did == -1 || did == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
    report({Health::warning, "clock", "the system clock is not synchronised",
            "set up NTP (systemd-timesyncd, chrony): readings from the future cannot be told from a wrong clock"});
  else
    report({Health::good, "clock", "synchronised", ""});
}

void check_store(const std::string& directory, const Report& report) {
  std::error_code error;
  if (!fs::exists(directory, error)) {
    const std::string parent = fs::absolute(directory).parent_path().string();
    if (::access(parent.c_str(), W_OK) == 0)
      report({Health::good, "store", directory + " is made at the first run", ""});
    else
      report({Health::bad, "store", directory + " is not there and cannot be made", "make it, or name another: store.directory"});
    return;
  }
  if (::access(directory.c_str(), W_OK) != 0)
    report({Health::bad, "store", directory + " may not be written", "give it to the engine's user: chown, chmod"});
  check_disk(directory, report);
  const auto reader = stores::open_local_read_only(directory);
  if (!reader) return report({Health::bad, "store", reader.error().message, reader.error().hint});
  const auto ledger = (*reader)->ledger();
  if (!ledger)
    return report({Health::bad, "store", ledger.error().message,
                   "stop the engine and start it: a damaged database is set aside and built anew from the journal"});
  Ledger total;
  for (const auto& [source, counts] : *ledger) {
    total += counts;
    if (!counts.balances())
      report({Health::bad, "ledger", source + ": " + grouped(counts.received) + " received do not add up",
              "please report it: this is a defect, with the content of " + directory});
  }
  report({Health::good, "store",
          directory + ": " + counted(total.stored, "reading", "readings") + " stored of " + grouped(total.received) + " received, " +
              grouped(total.duplicate) + " duplicate, " + grouped(total.conflict) + " conflicting, " +
              counted(total.dead_letter, "dead letter", "dead letters"),
          ""});
  check_losses(**reader, report);
  check_whole(directory, report);
}

void check_addresses(const engine::Site& site, const Report& report) {
  std::set<std::string> seen;
  for (const auto& s : site.sources) check_settings("source " + s.name, s.settings, s.part->fields, seen, report);
  for (const auto& s : site.sinks) check_settings("sink " + s.name, s.settings, s.part->fields, seen, report);
}

}  // namespace telltale::cli
