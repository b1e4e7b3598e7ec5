// R10: disks that cannot be written at the start, or no more: read-only with the reason, or refused in words with status 74.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <linux/capability.h>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/faultlab/http_call.h"
#include "tests/faultlab/session.h"
#include "tests/faultlab/small_disk.h"
#include "tests/faultlab/within.h"

namespace telltale::faultlab {
namespace {

namespace fs = std::filesystem;
using Fault = std::optional<std::string>;
constexpr int disk_status = 74;
constexpr rlim_t small_file = 64 << 10;

/// What the engine wrote to its log since `from`.
std::string said(const Session& session, std::size_t from = 0) {
  std::ifstream in(session.log());
  std::stringstream all;
  all << in.rdbuf();
  return all.str().substr(std::min(from, all.str().size()));
}

/// It does not start, ends with 74, and its words hold each of these.
Fault refuses(Session& session, const std::vector<std::string>& words, const std::function<void()>& in_child = {}) {
  const std::size_t from = said(session).size();
  session.engine().spawn({}, in_child);
  const auto status = session.engine().wait_for_end(10);
  const std::string text = said(session, from);
  if (status != disk_status) return "it ends with " + (status ? std::to_string(*status) : "nothing within 10 s") + ": " + text;
  for (const std::string& word : words) {
    if (!text.contains(word)) return "its words do not hold '" + word + "': " + text;
  }
  return std::nullopt;
}

bool is_read_only(const Session& session) {
  const auto ready = get(session.port(), "/readyz");
  return ready && ready->status == 503 && ready->count("read-only") > 0;
}

/// Runs, answers questions, takes nothing, says why.
Fault starts_read_only(Session& session, const std::function<void()>& in_child = {}) {
  session.engine().spawn({}, in_child);
  if (!within(contract_allows, [&] { return is_read_only(session); })) return "it does not start read-only: " + said(session);
  const auto reading = post(session.port(), "/api/v1/readings", R"({"asset":"probe","signal":"flow","value":1,"time":1600000000})");
  if (!reading || reading->status != 503) return "a reading is not answered 503";
  const auto asked = get(session.port(), "/api/v1/statistics?asset=H-1&signal=flow");
  return asked && asked->status == 200 ? Fault{} : "queries do not work";
}

Fault goes_on(Session& session, const std::string& after) {
  session.pause(false);
  if (!within(contract_allows, [&] { return !is_read_only(session); })) return "it does not go on within 10 s after " + after;
  return session.make_way(1, 1) ? Fault{} : "nothing is acknowledged after " + after;
}

Fault full_at_start(Session& session, const SmallDisk& disk) {
  disk.fill();
  if (auto fault = starts_read_only(session)) return fault;
  disk.make_room();
  return goes_on(session, "room");
}

/// Without the reserve there is no room for what SQLite needs to read its tables: refused in words, and well when there is room.
Fault full_without_reserve(Session& session, const SmallDisk& disk) {
  fs::remove(session.data() + "/reserve");
  disk.fill();
  auto fault = refuses(session, {session.data(), "free some space"});
  disk.make_room();
  return fault;
}

Fault full_before_the_first_start(Session& session, const SmallDisk& disk) {
  fs::remove_all(session.data());
  disk.fill();
  auto fault = refuses(session, {session.data(), "free some space"});
  disk.make_room();
  return fault;
}

Fault read_only_mount(Session& session, const SmallDisk& disk) {
  if (!disk.read_only(true)) return "the disk cannot be made read-only";
  auto fault = refuses(session, {session.data(), "Read-only file system"});
  disk.read_only(false);
  return fault;
}

/// Root may write everywhere: the engine is started without that right.
Fault directory_without_permission(Session& session, const SmallDisk&) {
  fs::permissions(session.data(), fs::perms::owner_read | fs::perms::owner_exec);
  fs::permissions(session.data() + "/lock", fs::perms::owner_read);
  auto fault = refuses(session, {session.data(), "Permission denied", "permission to write"},
                       [] { ::prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0); });
  fs::permissions(session.data() + "/lock", fs::perms::owner_read | fs::perms::owner_write);
  fs::permissions(session.data(), fs::perms::owner_all);
  return fault;
}

Fault file_instead_of_a_directory(Session& session, const SmallDisk&) {
  fs::rename(session.data(), session.data() + ".away");
  std::ofstream(session.data()) << "no directory\n";
  auto fault = refuses(session, {session.data(), "Not a directory"});
  fs::remove(session.data());
  fs::rename(session.data() + ".away", session.data());
  return fault;
}

/// A quota on files is met while it runs, and lifted.
Fault limit_on_files(Session& session, const SmallDisk&) {
  Outcome ignored;
  if (auto fault = session.start(ignored)) return fault;
  const rlimit limited{small_file, RLIM_INFINITY}, lifted{RLIM_INFINITY, RLIM_INFINITY};
  ::prlimit(session.engine().id(), RLIMIT_FSIZE, &limited, nullptr);
  session.pause(false);
  if (!within(contract_allows, [&] { return is_read_only(session); })) return "it is not read-only at a limit on files: " + said(session);
  if (!said(session).contains("File too large")) return "it does not say 'File too large': " + said(session);
  ::prlimit(session.engine().id(), RLIMIT_FSIZE, &lifted, nullptr);
  return goes_on(session, "the limit was lifted");
}

Fault vanishes(Session& session, const SmallDisk&) {
  Outcome ignored;
  if (auto fault = session.start(ignored)) return fault;
  fs::rename(session.data(), session.data() + ".away");
  const auto status = session.engine().wait_for_end(10);
  fs::rename(session.data() + ".away", session.data());
  if (status != disk_status) return "without its directory it " + (status ? "ends with " + std::to_string(*status) : "goes on");
  return said(session).contains("was removed or replaced") ? Fault{} : "it does not say that its directory is gone: " + said(session);
}

struct Case {
  const char* name;
  Fault (*play)(Session&, const SmallDisk&);
  bool keeps_data = true;  // what was acknowledged before is still there
};

constexpr Case cases[] = {
    {"full at the start", full_at_start},
    {"full at the start, without the reserve", full_without_reserve},
    {"full before the first start", full_before_the_first_start, false},
    {"a limit on the size of files", limit_on_files},
    {"mounted read-only", read_only_mount},
    {"a directory without permission", directory_without_permission},
    {"a file instead of a directory", file_instead_of_a_directory},
    {"the directory vanishes", vanishes},
};

Outcome one_case(const Order& order, std::uint64_t seed) {
  Outcome outcome;
  const Case& one = cases[(seed - 1) % std::size(cases)];
  const SmallDisk disk(order.folder + "/disk", 32);
  if (disk.missing()) {
    outcome.skipped = *disk.missing();
    return outcome;
  }
  Session session(order, "unwritable-" + std::to_string(seed), disk.path() + "/data");
  if (auto fault = session.start(outcome)) return at_fault(outcome, *fault);
  if (!session.make_way(5, 20)) return at_fault(outcome, "nothing is acknowledged");
  session.pause(true);
  if (session.engine().stop(10) != 0) return at_fault(outcome, "it does not stop in order");
  if (auto fault = one.play(session, disk)) at_fault(outcome, std::string(one.name) + ": " + *fault);
  if (one.keeps_data) {
    session.pause(true);
    session.engine().kill();
    Outcome ignored;
    if (auto fault = session.start(ignored)) at_fault(outcome, std::string("after ") + one.name + ": " + *fault);
    session.judge(outcome);
  }
  return outcome;
}

}  // namespace

Outcome unwritable_disks(const Order& order) {
  if (auto skipped = without_a_program(order)) return *skipped;
  Outcome sum = each_seed(order, [&](std::uint64_t seed) { return one_case(order, seed); });
  sum.note = std::to_string(std::min<std::uint64_t>(sum.n, std::size(cases))) + " of " + std::to_string(std::size(cases)) + " cases:";
  for (const Case& one : cases) sum.note += std::string(&one == cases ? " " : ", ") + one.name;
  return sum;
}

}  // namespace telltale::faultlab
