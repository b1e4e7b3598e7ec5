// Files plain and packed, whole and damaged.
#include "decoders/input_file.h"

#include <gtest/gtest.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

namespace telltale::decoders {
namespace {

std::string sample() {
  std::string text = "time,flow\n";
  for (int k = 0; k < 200'000; ++k) text += std::to_string(k) + ",50\n";
  return text;
}

std::string as_xz(const std::string& text) {
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  std::size_t written = 0;
  EXPECT_EQ(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                                    reinterpret_cast<std::uint8_t*>(out.data()), &written, out.size()),
            LZMA_OK);
  out.resize(written);
  return out;
}

std::string as_zst(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string as_gz(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

TEST(InputFile, UnpacksAllThreeForms) {
  const std::string text = sample();
  for (const std::string& packed : {as_xz(text), as_zst(text), as_gz(text), text}) {
    const auto got = unpacked(packed, "f");
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(*got, text);
  }
}

TEST(InputFile, UnpacksSeveralPartsOneAfterTheOther) {
  const std::string a = "time,flow\n", b = "1,2\n";
  EXPECT_EQ(*unpacked(as_gz(a) + as_gz(b), "f"), a + b);
  EXPECT_EQ(*unpacked(as_zst(a) + as_zst(b), "f"), a + b);
  EXPECT_EQ(*unpacked(as_xz(a) + as_xz(b), "f"), a + b);
}

TEST(InputFile, RefusesWhatEndsInTheMiddle) {
  const std::string text = sample();
  for (const std::string& packed : {as_xz(text), as_zst(text), as_gz(text)}) {
    const auto got = unpacked(packed.substr(0, packed.size() / 2), "f.csv.xz");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::refused);
    EXPECT_NE(got.error().message.find("damaged"), std::string::npos) << got.error().message;
  }
}

TEST(InputFile, RefusesBytesThatWereTurned) {
  const std::string text = sample();
  for (std::string packed : {as_xz(text), as_gz(text)}) {
    packed[packed.size() / 2] = static_cast<char>(packed[packed.size() / 2] ^ 0x55);
    EXPECT_FALSE(unpacked(packed, "f"));
  }
}

TEST(InputFile, StopsAtTheBoundInsteadOfFillingTheMemory) {
  const std::string bomb(64 << 20, '0');
  for (const std::string& packed : {as_xz(bomb), as_zst(bomb), as_gz(bomb)}) {
    EXPECT_LT(packed.size(), 200'000u);
    const auto got = unpacked(packed, "f", 8 << 20);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().message, "f: unpacks to more than 8 MiB");
  }
}

TEST(InputFile, SaysWhatAPathIs) {
  EXPECT_EQ(read_input("/no/such/file").error().kind, ErrorKind::closed);
  const auto folder = read_input("/tmp");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().message, "'/tmp' is a folder");
}

TEST(InputFile, LosesThePackingOfItsName) {
  EXPECT_EQ(without_packing("a/b.csv.xz"), "a/b.csv");
  EXPECT_EQ(without_packing("b.csv"), "b.csv");
  EXPECT_EQ(without_packing(".gz"), ".gz");
}

}  // namespace telltale::decoders
