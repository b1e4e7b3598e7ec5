// The checksum against the published vectors, and its two ways against each other.
#include "stores/crc32c.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace telltale::stores {
namespace {

TEST(Crc32c, GivesThePublishedVectors) {  // RFC 3720, B.4
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(""), 0u);
}

TEST(Crc32c, IsTheSameByInstructionAndByTable) {
  std::mt19937 random(1);
  std::string bytes(20'000, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  for (std::size_t n = 0; n < bytes.size(); n = n < 100 ? n + 1 : n * 9 / 8) {
    const std::string_view part = std::string_view(bytes).substr(n % 7, n);
    EXPECT_EQ(crc32c(part), crc32c_portable(part)) << n;
  }
}

TEST(Crc32c, ContinuesWhereItEnded) {
  const std::string bytes(10'000, 'x');
  for (const std::size_t cut : {0, 1, 7, 3072, 5000, 9999}) {
    const std::string_view all = bytes;
    EXPECT_EQ(crc32c(all.substr(cut), crc32c(all.substr(0, cut))), crc32c(all));
  }
}

}  // namespace
}  // namespace telltale::stores
