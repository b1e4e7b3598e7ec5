// `telltale compact`: history in as few and as small files as it can be, now instead of little by little.
#include "cli/command.h"
#include "cli/data_directory.h"
#include "cli/json_writer.h"
#include "cli/site_words.h"
#include "cli/words_for_people.h"
#include "core/names.h"
#include "stores/disk.h"
#include "stores/store.h"

namespace telltale::cli {
namespace {

struct Size {
  std::size_t files = 0, bytes = 0;
};

/// Of everything below the directory; what vanishes meanwhile does not count.
Size size_of(const std::string& path) {
  stores::Disk& disk = stores::Disk::system();
  if (const auto names = disk.list(path)) {
    Size sum;
    for (const std::string& name : *names) {
      const Size one = size_of(path + "/" + name);
      sum.files += one.files;
      sum.bytes += one.bytes;
    }
    return sum;
  }
  const auto file = disk.open_to_read(path);
  const auto bytes = file ? (*file)->size() : Result<std::size_t>(0);
  return {1, bytes.value_or(0)};
}

/// What the journal holds and history does not, as the engine does at its start.
Result<void> catch_up(stores::Store& store) {
  constexpr std::size_t at_once = 256;
  for (;;) {
    std::vector<Entry> some;
    const auto read =
        store.journal().read(store.projection().applied() + 1, [&](const Entry& e) { return some.push_back(e), some.size() < at_once; });
    if (!read) return std::unexpected(read.error());
    if (some.empty()) return {};
    if (auto done = store.projection().apply(some); !done) return done;
  }
}

int run_compact(Call& call) {
  int exit = status::ok;
  const auto directory = data_directory_of(call, 0, exit);
  if (!directory) return exit;
  if (!stores::Disk::system().exists(*directory + "/telltale.sqlite"))
    return call.fail(status::not_found, "there is no data directory '" + *directory + "'", "name it with --data DIR");
  const std::string blocks = *directory + "/blocks";
  const Size before = size_of(blocks);
  {
    Names names(~std::size_t{0});
    auto store = stores::open_local(*directory, names, {.background = false});
    if (!store) return call.fail(store.error());
    if (auto done = catch_up(**store); !done) return call.fail(done.error());
    if (auto done = (*store)->compact(); !done) return call.fail(done.error());
  }
  const Size after = size_of(blocks);
  if (call.console.json)
    call.console.line(Json()
                          .add("status", "ok")
                          .add("files_before", before.files)
                          .add("bytes_before", before.bytes)
                          .add("files", after.files)
                          .add("bytes", after.bytes)
                          .text());
  else
    call.console.line(blocks + ": " + counted(before.files, "file", "files") + ", " + grouped(before.bytes / 1024) + " KiB before; now " +
                      counted(after.files, "file", "files") + ", " + grouped(after.bytes / 1024) + " KiB");
  return status::ok;
}

}  // namespace

Command compact() {
  return {
      .word = "compact",
      .about = "Brings history into as few files as can be, while the engine does not run",
      .examples = {"telltale compact", "telltale compact site.yaml", "telltale compact --data /var/lib/telltale --json"},
      .arguments = "[SITE.yaml]",
      .least_words = 0,
      .most_words = 1,
      .options = with_site_options({data_option()}),
      .notes = "A running engine does the same by itself, little by little. It may be stopped at any moment: nothing is lost.\n",
      .run = run_compact,
  };
}

}  // namespace telltale::cli
