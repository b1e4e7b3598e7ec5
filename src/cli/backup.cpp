// `telltale backup`: a data directory as one file, also while its engine runs. `telltale restore`: the way back.
#include "stores/backup.h"

#include "cli/command.h"
#include "cli/data_directory.h"
#include "cli/json_writer.h"
#include "cli/site_words.h"
#include "cli/words_for_people.h"

namespace telltale::cli {
namespace {

int tell(const Call& call, const Result<stores::BackupSummary>& summary, const std::string& done) {
  if (!summary) return call.fail(summary.error());
  if (call.console.json)
    call.console.line(
        Json().add("status", "ok").add("files", summary->files).add("bytes", summary->bytes).add("newest_input", summary->to).text());
  else
    call.console.line(done + ": " + counted(summary->files, "file", "files") + ", " + grouped(summary->bytes / 1024) +
                      " KiB, everything up to input " + grouped(summary->to));
  return status::ok;
}

int run_backup(Call& call) {
  int exit = status::ok;
  const auto directory = data_directory_of(call, 1, exit);
  if (!directory) return exit;
  return tell(call, stores::write_backup(*directory, call.words[0]), *directory + " is in " + call.words[0]);
}

int run_restore(Call& call) {
  return tell(call, stores::restore_backup(call.words[0], call.words[1]), call.words[1] + " holds what " + call.words[0] + " held");
}

}  // namespace

Command backup() {
  return {
      .word = "backup",
      .about = "Writes a data directory into one file, also while its engine runs",
      .examples = {"telltale backup monday.tar", "telltale backup monday.tar site.yaml",
                   "telltale backup /mnt/backups/$(date +%F).tar --data /var/lib/telltale"},
      .arguments = "FILE [SITE.yaml]",
      .least_words = 1,
      .most_words = 2,
      .options = with_site_options({data_option()}),
      .notes =
          "The engine goes on meanwhile. Everything that it had acknowledged before is in the file, which `tar` can list.\n"
          "FILE must not exist; it is there as a whole or not at all. `telltale restore FILE DIR` is the way back.\n",
      .run = run_backup,
  };
}

Command restore() {
  return {
      .word = "restore",
      .about = "Makes a data directory of a backup",
      .examples = {"telltale restore monday.tar telltale-data", "telltale restore monday.tar /var/lib/telltale --json"},
      .arguments = "FILE DIR",
      .least_words = 2,
      .most_words = 2,
      .notes = "DIR must not exist: nothing is ever overwritten. All of it is read once before DIR gets its name.\n",
      .run = run_restore,
  };
}

}  // namespace telltale::cli
