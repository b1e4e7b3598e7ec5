// Fuzz target: the bytes of a block file. Whatever comes: an error with a sentence, or readings that fit their summary's count.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/log.h"
#include "stores/block_file.h"
#include "stores/block_index.h"
#include "stores/summaries.h"

using namespace telltale;
using namespace telltale::stores;

namespace {

const std::string path = (std::filesystem::temp_directory_path() / ("telltale-fuzz-" + std::to_string(::getpid()))).string();

void read_everything(const BlockFile& file) {
  std::vector<Error> damage;
  const auto names = file.signals(&damage);
  if (!names) return;
  for (const auto& [asset, signal] : *names) {
    const auto places = file.find(asset, signal, Time::min(), Time::max());
    if (!places) continue;
    for (const ChunkPlace& place : *places) {
      std::vector<Sample> samples;
      std::vector<Summary> slices;
      if (const auto done = file.read(place, samples); !done && (done.error().message.empty() || !samples.empty())) std::abort();
      if (const auto done = file.read_rollup(place, slices); !done && !slices.empty()) std::abort();
    }
  }
}

/// What stands behind checksums, as if they had let it through.
void read_parts(std::string_view bytes) {
  std::vector<IndexedSignal> page;
  Directory directory;
  std::vector<Summary> slices;
  read_page(bytes, page);
  read_directory(bytes, directory);
  if (read_rollup(bytes, slices) && slices.size() > most_slices_in_rollup) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool quiet = (configure_log(LogLevel::error, LogFormat::logfmt, nullptr), true);
  (void)quiet;
  read_parts({reinterpret_cast<const char*>(data), size});
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  const auto file = BlockFile::open(Disk::system(), path);
  if (file)
    read_everything(**file);
  else if (file.error().message.empty())
    std::abort();
  const auto finished = BlockFile::finished(Disk::system(), path);
  if (file && !(finished && *finished)) std::abort();
  std::filesystem::remove(path);
  return 0;
}
