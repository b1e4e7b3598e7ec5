// Stands in for libFuzzer where the compiler has none: mutates the files of a corpus, seeded, for a number of runs or seconds.
//   json_fuzz CORPUS [RUNS] [SEED]
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t n) { return n == 0 ? 0 : random() % n; }

/// Pieces that parsers stumble over.
const char* const pieces[] = {"\"",
                              "{",
                              "}",
                              "[",
                              "]",
                              ",",
                              ":",
                              "\\ud800",
                              "1e400",
                              "-0",
                              "NaN",
                              "\xff",
                              "\xef\xbb\xbf",
                              "\n",
                              ";",
                              "\t",
                              "- ",
                              "&a",
                              "*a",
                              "<<: *",
                              "2026-13-45",
                              "''",
                              "999999999999999999999",
                              "null",
                              "${X",
                              "\0x",
                              "\r",
                              "%",
                              "1,5",
                              "1.2.3"};

void mutate(std::string& text, const std::vector<std::string>& corpus, Random& random) {
  const std::size_t at = below(random, text.size() + 1);
  switch (below(random, 6)) {
    case 0: text.insert(at, pieces[below(random, std::size(pieces))]); break;
    case 1: text.erase(at, 1 + below(random, 16)); break;
    case 2:
      if (at < text.size()) text[at] = static_cast<char>(random());
      break;
    case 3: text.insert(at, text.substr(below(random, text.size()), 1 + below(random, 64))); break;
    case 4:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(random, 8)));
      break;
    default: {
      const std::string& other = corpus[below(random, corpus.size())];
      text.replace(at, below(random, 32), other.substr(below(random, other.size()), below(random, 128)));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: *_fuzz CORPUS [RUNS] [SEED]\n", stderr);
    return 2;
  }
  std::vector<std::string> corpus;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    std::ifstream in(entry.path(), std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  if (corpus.empty()) corpus.emplace_back();
  const unsigned long runs = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 100'000;
  for (const std::string& text : corpus) LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  Random random(argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
  for (unsigned long run = 0; run < runs; ++run) {
    std::string text = corpus[below(random, corpus.size())];
    for (std::size_t n = below(random, 8); n > 0; --n) mutate(text, corpus, random);
    std::ofstream("fuzz-last-input", std::ios::binary) << text;  // what a crash leaves behind
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  }
  std::filesystem::remove("fuzz-last-input");
  std::printf("%lu runs from %zu files, no fault\n", runs, corpus.size());
}
