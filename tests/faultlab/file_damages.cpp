// Twelve of them.
#include "tests/faultlab/file_damages.h"

#include <algorithm>
#include <array>

namespace telltale::faultlab {
namespace {

void cut_short(SimDisk& disk, Random& random, const std::vector<std::string>&, const std::string& path) {
  const std::string bytes = disk.bytes_of(path);
  disk.set_bytes(path, bytes.substr(0, random.below(bytes.size() + 1)));
}
void zero_a_range(SimDisk& disk, Random& random, const std::vector<std::string>&, const std::string& path) {
  std::string bytes = disk.bytes_of(path);
  const std::size_t at = random.below(bytes.size() + 1);
  const std::size_t n = std::min<std::size_t>(bytes.size() - at, random.below(4096));
  disk.set_bytes(path, bytes.replace(at, n, n, '\0'));
}
void zero_all(SimDisk& disk, Random&, const std::vector<std::string>&, const std::string& path) {
  disk.set_bytes(path, std::string(disk.bytes_of(path).size(), '\0'));
}
void empty(SimDisk& disk, Random&, const std::vector<std::string>&, const std::string& path) { disk.set_bytes(path, ""); }
void noise(SimDisk& disk, Random& random, const std::vector<std::string>&, const std::string& path) {
  std::string bytes = disk.bytes_of(path);
  for (std::size_t at = random.below(bytes.size() + 1), n = random.below(2048); n > 0 && at < bytes.size(); ++at, --n) {
    bytes[at] = static_cast<char>(random.bits());
  }
  disk.set_bytes(path, bytes);
}
void swap_two(SimDisk& disk, Random& random, const std::vector<std::string>& files, const std::string& path) {
  const std::string& other = files[random.below(files.size())];
  const std::string a = disk.bytes_of(path), b = disk.bytes_of(other);
  disk.set_bytes(path, b);
  disk.set_bytes(other, a);
}
void lose(SimDisk& disk, Random&, const std::vector<std::string>&, const std::string& path) { disk.forget(path); }
/// With another number where its name has one.
void copy_under_new_name(SimDisk& disk, Random& random, const std::vector<std::string>&, const std::string& path) {
  const std::size_t end = path.find_last_of("0123456789");
  std::size_t begin = end;
  while (begin != path.npos && begin > 0 && path[begin - 1] >= '0' && path[begin - 1] <= '9') --begin;
  const std::string number = std::to_string(1'000'000'000 + random.below(1000));
  disk.set_bytes(end == path.npos ? path + number : path.substr(0, begin) + number + path.substr(end + 1), disk.bytes_of(path));
}
void copy_over_another(SimDisk& disk, Random& random, const std::vector<std::string>& files, const std::string& path) {
  disk.set_bytes(files[random.below(files.size())], disk.bytes_of(path));
}
void grow(SimDisk& disk, Random& random, const std::vector<std::string>&, const std::string& path) {
  disk.set_bytes(path, disk.bytes_of(path) + std::string(random.below(9000), static_cast<char>(random.bits())));
}
void shift(SimDisk& disk, Random& random, const std::vector<std::string>&, const std::string& path) {
  disk.set_bytes(path, std::string(8 * (1 + random.below(64)), '\0') + disk.bytes_of(path));
}
void repeat_a_piece(SimDisk& disk, Random& random, const std::vector<std::string>&, const std::string& path) {
  std::string bytes = disk.bytes_of(path);
  const std::size_t from = random.below(bytes.size() / 8 + 1) * 8, to = random.below(bytes.size() / 8 + 1) * 8;
  const std::string piece = bytes.substr(from, 8 * random.below(200));
  bytes.replace(to, std::min(piece.size(), bytes.size() - to), piece.substr(0, bytes.size() - to));
  disk.set_bytes(path, bytes);
}

constexpr std::array<std::pair<std::string_view, Damage>, 12> damages = {{{"cut short", cut_short},
                                                                          {"a range of zeros", zero_a_range},
                                                                          {"all zeros", zero_all},
                                                                          {"empty", empty},
                                                                          {"noise", noise},
                                                                          {"two files swapped", swap_two},
                                                                          {"a file missing", lose},
                                                                          {"a copy under a new name", copy_under_new_name},
                                                                          {"a copy over another", copy_over_another},
                                                                          {"grown", grow},
                                                                          {"shifted", shift},
                                                                          {"a piece repeated", repeat_a_piece}}};

}  // namespace

std::span<const std::pair<std::string_view, Damage>> file_damages() { return damages; }

}  // namespace telltale::faultlab
