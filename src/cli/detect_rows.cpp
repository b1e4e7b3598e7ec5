// `detect --out`: a verdict for every row of every file, as CSV, under the files' own names.
#include "cli/detect_rows.h"

#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>

#include "cli/words_for_people.h"
#include "decoders/input_file.h"

namespace telltale::cli {
namespace {

namespace fs = std::filesystem;

std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

fs::path shared_folder(const std::vector<fs::path>& paths) {
  fs::path shared = paths.front().parent_path();
  for (const fs::path& p : paths) {
    while (std::mismatch(shared.begin(), shared.end(), p.begin(), p.end()).first != shared.end()) shared = shared.parent_path();
  }
  return shared;
}

std::string rows_text(const JudgedFile& file) {
  std::string text = cell(file.time_header) + ",score,event\n";
  for (std::size_t r = 0; r < file.score.size(); ++r) {
    text += cell(file.time_texts[r]);
    text += ',';
    text += exact(file.score[r]);
    text += file.event[r] ? ",1\n" : ",0\n";
  }
  return text;
}

}  // namespace

Result<std::vector<std::string>> names_below(const std::vector<std::string>& paths) {
  std::vector<fs::path> whole;
  for (const std::string& p : paths)
    whole.push_back(p == "-" ? fs::absolute("stdin.csv") : fs::absolute(decoders::without_packing(p)).lexically_normal());
  const fs::path shared = shared_folder(whole);
  std::vector<std::string> names;
  std::map<std::string, std::string> taken;
  for (std::size_t k = 0; k < whole.size(); ++k) {
    names.push_back(whole[k].lexically_relative(shared).generic_string());
    const auto [at, fresh] = taken.emplace(names.back(), paths[k]);
    if (!fresh)
      return failed(ErrorKind::config, "--out: '" + at->second + "' and '" + paths[k] + "' would both be written as '" + names.back() + "'",
                    "call detect twice, with two folders");
  }
  return names;
}

Result<void> write_whole(const std::string& path, std::string_view content) {
  std::error_code error;
  if (const fs::path folder = fs::path(path).parent_path(); !folder.empty()) fs::create_directories(folder, error);
  if (error) return failed(ErrorKind::config, "cannot make the folder of '" + path + "': " + error.message(), "choose another place");
  const std::string temporary = path + ".part" + std::to_string(::getpid());
  std::FILE* file = std::fopen(temporary.c_str(), "wb");
  if (!file) return failed(ErrorKind::config, "cannot write '" + path + "': " + std::strerror(errno), "choose another place");
  bool good = std::fwrite(content.data(), 1, content.size(), file) == content.size();
  good = std::fclose(file) == 0 && good;
  if (good) fs::rename(temporary, path, error);
  if (good && !error) return {};
  const std::string why = error ? error.message() : std::strerror(errno);
  fs::remove(temporary, error);
  return failed(ErrorKind::storage, "could not write '" + path + "': " + why, "is the disk full?");
}

Result<void> write_rows(const JudgedFile& file, const std::string& folder, const std::string& name) {
  const fs::path path = fs::path(folder) / name;
  std::error_code ignored;
  if (fs::equivalent(path, file.path, ignored))
    return failed(ErrorKind::config, "--out: '" + path.string() + "' is the input itself",
                  "choose another folder: the input is never overwritten");
  return write_whole(path.string(), rows_text(file));
}

}  // namespace telltale::cli
