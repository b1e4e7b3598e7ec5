// Entries go through bytes unchanged, and foreign bytes are refused.
#include "stores/entry_codec.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "core/bytes.h"
#include "stores/entry_sections.h"
#include "stores/sample_entries.h"

namespace telltale::stores {
namespace {

class EntryCodec : public ::testing::Test {
 protected:
  /// Encodes, hands the new names to the dictionary, decodes.
  Entry through(const Entry& entry) {
    std::string bytes;
    encode_entry(entry, writer_, bytes);
    const std::string added = writer_.take_new();
    EXPECT_TRUE(added.empty() || reader_.add(added, names_));
    Entry back;
    EXPECT_TRUE(decode_entry(entry.kind, entry_version(entry.kind), entry.sequence, bytes, reader_, back));
    return back;
  }

  Names names_;
  SegmentNames writer_{names_};
  Dictionary reader_;
};

TEST_F(EntryCodec, KeepsEveryFieldOfEveryKind) {
  for (const Entry& entry : sample_entries(names_)) EXPECT_EQ(described(through(entry), names_), described(entry, names_));
}

TEST_F(EntryCodec, KeepsEveryBitOfOddNumbersAndTimes) {
  Entry entry = batch_of(names_, 1, 0);
  const SignalId signal = *names_.signal("P", "x");
  for (const double v : {-0.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::denorm_min(), -1e308}) {
    entry.readings.push_back(
        {signal, time_from_ns(std::numeric_limits<std::int64_t>::min()), v, Quality(Grade::bad, 0x3fffffff), true, Quality()});
    entry.readings.push_back(
        {signal, time_from_ns(std::numeric_limits<std::int64_t>::max()), v, Quality(), false, Quality(Grade::uncertain, 1)});
  }
  EXPECT_EQ(described(through(entry), names_), described(entry, names_));
}

TEST_F(EntryCodec, ReadsTheFormBefore) {
  Entry entry = sample_entries(names_)[0];
  entry.rejected[0].topic.clear();
  entry.call = {};
  entry.texts.clear();
  entry.replayed.clear();
  entry.decoded_under = 0;
  entry.conflicts.pop_back();  // one that replaces
  std::string bytes;
  encode_entry(entry, writer_, bytes);
  ASSERT_TRUE(reader_.add(writer_.take_new(), names_));
  Entry back;
  EXPECT_TRUE(decode_entry(entry.kind, 1, entry.sequence, bytes, reader_, back));
  EXPECT_EQ(described(back, names_), described(entry, names_));
  entry.replayed = {1};
  bytes.clear();
  encode_entry(entry, writer_, bytes);
  EXPECT_FALSE(decode_entry(entry.kind, 1, entry.sequence, bytes, reader_, back)) << "form 1 had no such section";
}

TEST_F(EntryCodec, ReadsTextsInFullAsTheyWereWrittenOnce) {
  const AssetId asset = names_.asset("P-1");
  const std::uint64_t number = writer_.asset(asset) + std::uint64_t{1};
  ASSERT_TRUE(reader_.add(writer_.take_new(), names_));
  std::string bytes;
  ByteWriter out(bytes);
  out.word(1000);  // arrival
  out.varint(of_texts_in_full);
  out.varint(2);
  for (const auto& [later, text] : {std::pair(5, "NORMAL"), std::pair(2, "")}) {
    out.varint(number);
    out.signed_varint(later);
    out.text("status");
    out.text(text);
  }
  for (const std::uint16_t version : {1, 2}) {
    Entry back;
    ASSERT_TRUE(decode_entry(EntryKind::batch, version, 1, bytes, reader_, back));
    Entry entry;
    entry.sequence = 1;
    entry.arrival = time_from_ns(1000);
    entry.texts = {{asset, time_from_ns(1005), "status", "NORMAL"}, {asset, time_from_ns(1007), "status", ""}};
    EXPECT_EQ(described(back, names_), described(entry, names_));
  }
}

TEST_F(EntryCodec, WritesWhatIsSaidAgainAndAgainOnce) {
  Entry entry = batch_of(names_, 1, 0);
  const AssetId asset = names_.asset("P-1");
  const auto size = [&](int n) {
    entry.texts.clear();
    for (int k = 0; k < n; ++k) entry.texts.push_back({asset, entry.arrival, "fault_type", k % 2 == 0 ? "NONE" : "RPM_DROP"});
    EXPECT_EQ(described(through(entry), names_), described(entry, names_));
    std::string bytes;
    encode_entry(entry, writer_, bytes);
    return bytes.size();
  };
  EXPECT_EQ(size(120), size(20) + 3u * 100);  // asset, time, number
}

TEST_F(EntryCodec, TakesElevenBytesForAGoodReading) {
  Entry entry = batch_of(names_, 1, 6);
  std::string once, twice;
  encode_entry(entry, writer_, once);
  auto more = entry.readings;
  entry.readings.insert(entry.readings.end(), more.begin(), more.end());
  encode_entry(entry, writer_, twice);
  EXPECT_LE(twice.size() - once.size(), 6 * 11 + 5u);  // the step back in time costs five more, once
}

TEST_F(EntryCodec, RefusesEveryShortenedPayload) {
  for (const Entry& entry : sample_entries(names_)) {
    std::string bytes;
    encode_entry(entry, writer_, bytes);
    reader_.add(writer_.take_new(), names_);
    Entry back;
    for (std::size_t n = 0; n < bytes.size(); ++n)
      EXPECT_FALSE(decode_entry(entry.kind, entry_version(entry.kind), 1, bytes.substr(0, n), reader_, back)) << n;
    EXPECT_FALSE(decode_entry(entry.kind, entry_version(entry.kind), 1, bytes + '\0', reader_, back)) << "a byte too many";
    EXPECT_FALSE(decode_entry(entry.kind, entry_version(entry.kind) + 1, 1, bytes, reader_, back)) << "a newer form";
  }
}

TEST_F(EntryCodec, RefusesACallWithoutItsKey) {
  Entry entry = batch_of(names_, 1, 1);
  entry.call = {"k", "digest", "verdicts"};
  std::string bytes;
  encode_entry(entry, writer_, bytes);
  reader_.add(writer_.take_new(), names_);
  Entry back;
  ASSERT_TRUE(decode_entry(entry.kind, entry_version(entry.kind), 1, bytes, reader_, back));
  bytes.replace(bytes.find("\1k\6digest"), 2, 1, '\0');
  EXPECT_FALSE(decode_entry(entry.kind, entry_version(entry.kind), 1, bytes, reader_, back));
}

TEST_F(EntryCodec, SurvivesRandomBytes) {
  std::mt19937 random(7);
  Entry back;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 200, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % 3 == 0 ? 0xff : random() % 8);
    (void)decode_entry(EntryKind::batch, 1, 1, bytes, reader_, back);
    (void)reader_.add(bytes, names_);
  }
}

TEST_F(EntryCodec, RefusesNumbersThatNoNameStandsBehind) {
  std::string bytes;
  encode_entry(batch_of(names_, 1, 3), writer_, bytes);
  Entry back;
  EXPECT_FALSE(decode_entry(EntryKind::batch, 1, 1, bytes, Dictionary{}, back));
}

}  // namespace
}  // namespace telltale::stores
