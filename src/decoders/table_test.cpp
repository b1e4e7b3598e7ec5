// Tables: whatever people export is read, or ends in a sentence that says what to do.
#include "decoders/table.h"

#include <gtest/gtest.h>

#include <cmath>

namespace telltale::decoders {
namespace {

Table read(std::string text, const TableOptions& options = {}) {
  auto table = read_table(std::move(text), options);
  EXPECT_TRUE(table) << table.error().message;
  return table ? std::move(*table) : Table{};
}

Error wrong(std::string text, const TableOptions& options = {}) {
  const auto table = read_table(std::move(text), options);
  EXPECT_FALSE(table);
  return table ? Error{} : table.error();
}

std::vector<std::string> names_of_kind(const Table& table, ColumnKind kind) {
  std::vector<std::string> names;
  for (const Column& c : table.columns) {
    if (c.kind == kind) names.push_back(c.name);
  }
  return names;
}

using Texts = std::vector<std::string>;

TEST(Table, ReadsAPlainOne) {
  const Table t = read("time,flow,temp\n2026-01-01 00:00:00,50.5,61\n2026-01-01 00:00:01,49.5,62\n");
  ASSERT_EQ(t.rows(), 2u);
  EXPECT_EQ(to_rfc3339(t.time[1]), "2026-01-01T00:00:01Z");
  EXPECT_EQ(t.clock.column, "time");
  EXPECT_FALSE(t.clock.zoned);
  EXPECT_EQ(names_of_kind(t, ColumnKind::signal), (Texts{"flow", "temp"}));
  EXPECT_EQ(t.find("flow")->values[1], 49.5);
  EXPECT_EQ(t.time_texts[0], "2026-01-01 00:00:00");
  EXPECT_EQ(t.lines[1], 3u);
}

TEST(Table, ReadsSemicolonsDecimalCommasUnitsAndAPreamble) {
  const Table t = read(
      "Export;Plant 7\nfrom;01.02.2026\n\nZeit;Druck [bar];Temp (C);Bemerkung\n"
      "01.02.2026 10:00:00;3,5;1.061,25;ok\n01.02.2026 10:00:01;3,6;62,5;ok\n01.02.2026 10:00:02;3,7;63;\n");
  ASSERT_EQ(t.rows(), 3u);
  EXPECT_TRUE(t.decimal_comma);
  EXPECT_EQ(t.delimiter, ';');
  EXPECT_EQ(t.preamble_lines, 3u);
  EXPECT_EQ(t.find("Druck")->unit, "bar");
  EXPECT_EQ(t.find("Temp")->unit, "°C");
  EXPECT_EQ(t.find("Temp")->values[0], 1061.25);
  EXPECT_EQ(t.find("Druck")->values[2], 3.7);
  EXPECT_EQ(to_rfc3339(t.time[0]), "2026-02-01T10:00:00Z");
  EXPECT_EQ(t.find("Bemerkung")->kind, ColumnKind::text);
}

TEST(Table, ReadsUtf16OfEitherOrder) {
  const std::string plain = "t;a\n0;1\n1;2\n";
  for (const bool big : {false, true}) {
    std::string bytes = big ? "\xfe\xff" : "\xff\xfe";
    for (const char c : plain) bytes += big ? std::string{'\0', c} : std::string{c, '\0'};
    EXPECT_EQ(read(bytes).find("a")->values[1], 2);
    EXPECT_EQ(read(bytes.substr(2)).find("a")->values[1], 2) << "without its mark";
  }
}

TEST(Table, SkipsTheByteOrderMark) { EXPECT_EQ(read("\xef\xbb\xbftime,a\n0,1\n1,3\n").clock.column, "time"); }

TEST(Table, ReadsALineOfUnits) {
  const Table t = read("time\tflow\tpressure\ns\tl/min\tbar\n0\t5\t1\n1\t6\t2\n2\t5\t4\n");
  EXPECT_EQ(t.find("flow")->unit, "l/min");
  EXPECT_EQ(t.find("pressure")->unit, "bar");
  EXPECT_EQ(t.clock.kind, ClockKind::counter);
  EXPECT_EQ(t.time[2], Time(std::chrono::seconds(2)));
}

TEST(Table, ACounterCountsInItsHeadersUnit) {
  const Table t = read("time [ms],a\n0,1\n500,2\n1000,7\n");
  EXPECT_EQ(t.time[1], Time(std::chrono::milliseconds(500)));
}

TEST(Table, ReadsNumbersSince1970InTheirOwnUnit) {
  const auto first = [](const char* text) { return to_rfc3339(read(std::string("ts,a\n") + text).time[0]); };
  EXPECT_EQ(first("1740268201.123,1\n1740268202,2\n"), "2025-02-22T23:50:01.123Z");
  EXPECT_EQ(first("1740268201123,1\n1740268202123,2\n"), "2025-02-22T23:50:01.123Z");
  EXPECT_EQ(first("1740268201123456,1\n1740268202123456,2\n"), "2025-02-22T23:50:01.123456Z");
  EXPECT_EQ(first("1740268201123456789,1\n1740268202123456789,2\n"), "2025-02-22T23:50:01.123456789Z");
}

TEST(Table, DayAndMonthAreJudgedOverTheWholeColumn) {
  EXPECT_EQ(to_rfc3339(read("date,a\n03/04/2026 00:00,1\n13/04/2026 00:00,2\n").time[0]), "2026-04-03T00:00:00Z");
  EXPECT_EQ(to_rfc3339(read("date,a\n03/04/2026 00:00,1\n04/13/2026 00:00,2\n").time[0]), "2026-03-04T00:00:00Z");
  const Error e = wrong("date,a\n03/04/2026 00:00,1\n05/06/2026 00:00,2\n");
  EXPECT_NE(e.message.find("'03/04/2026 00:00'"), std::string::npos) << e.message;
  EXPECT_NE(e.hint.find("--time-format dmy"), std::string::npos);
  EXPECT_EQ(to_rfc3339(read("date,a\n03/04/2026 00:00,1\n05/06/2026 00:00,2\n", {.time_format = "mdy"}).time[0]), "2026-03-04T00:00:00Z");
  EXPECT_NE(wrong("date,a\n13/04/2026,1\n04/13/2026,2\n").message.find("line 2"), std::string::npos);
}

TEST(Table, ReadsHistorianAndSpreadsheetTimes) {
  const auto first = [](const std::string& time) { return to_rfc3339(read("time,a\n\"" + time + "\",1\n\"" + time + "\",2\n").time[0]); };
  EXPECT_EQ(first("31-Jan-26 23:59:59.5"), "2026-01-31T23:59:59.500Z");
  EXPECT_EQ(first("1/31/2026 11:59:00 PM"), "2026-01-31T23:59:00Z");
  EXPECT_EQ(first("2026-01-31T23:59:59+02:00"), "2026-01-31T21:59:59Z");
  EXPECT_EQ(first("20260131 235959"), "2026-01-31T23:59:59Z");
  EXPECT_EQ(first("Jan 31, 2026 12:00 AM"), "2026-01-31T00:00:00Z");
  EXPECT_EQ(first("31.01.26 7:05"), "2026-01-31T07:05:00Z");
}

TEST(Table, APatternAndAZoneDecideWhatTheColumnCannot) {
  const Table t = read("when,a\n2026 031 5,1\n2026 031 6,2\n", {.time_column = "when", .time_format = "%Y %m%d %H", .zone = "+02:00"});
  EXPECT_EQ(to_rfc3339(t.time[0]), "2026-03-01T03:00:00Z");
  EXPECT_EQ(wrong("a,b\n1,2\n", {.time_column = "c"}).message, "--time-col: there is no column 'c'");
  EXPECT_EQ(wrong("a,b\n1,2\n", {.zone = "Mars/Base"}).message, "no such zone 'Mars/Base'");
}

TEST(Table, DateAndClockInTwoColumnsAreOneTime) {
  const Table t = read("Date,Time,flow\n2026-01-31,23:59:58,1\n2026-01-31,23:59:59,2\n");
  EXPECT_EQ(to_rfc3339(t.time[1]), "2026-01-31T23:59:59Z");
  EXPECT_EQ(t.clock.column, "Date + Time");
  EXPECT_EQ(names_of_kind(t, ColumnKind::signal), (Texts{"flow"}));
}

TEST(Table, BadWordsAndEmptyCellsAreMarkedNotLost) {
  const Table t = read("time,a\n0,1\n1,Bad\n2,No Data\n3,\n4,NaN\n5,1e400\n6,abc\n7,[-11059] No Good Data\n8,-0\n9,9007199254740993\n");
  const Column& a = *t.find("a");
  ASSERT_EQ(a.cells.size(), 10u);
  EXPECT_EQ(a.cells, (std::vector<Cell>{Cell::number, Cell::bad, Cell::bad, Cell::empty, Cell::empty, Cell::bad, Cell::text, Cell::bad,
                                        Cell::number, Cell::number}));
  EXPECT_TRUE(std::signbit(a.values[8]));
  EXPECT_EQ(a.n_bad, 4u);
  ASSERT_EQ(t.notes.size(), 1u);
  EXPECT_EQ(t.notes[0].line, 8u);
  EXPECT_EQ(t.notes[0].text, "column 'a': 'abc' is no number");
}

TEST(Table, NamesWhatIsNotJudged) {
  std::string text = "no,time,flow,fixed,hours total,state\n";
  for (int i = 0; i < 40; ++i)
    text += std::to_string(i * 10) + ",2026-01-01 00:00:" + (i < 10 ? "0" : "") + std::to_string(i) + "," + std::to_string(i % 7) + ",5," +
            std::to_string(i * 0.3 + (i % 2) * 0.1) + ",run\n";
  const Table t = read(text);
  EXPECT_EQ(names_of_kind(t, ColumnKind::index), (Texts{"no"}));
  EXPECT_EQ(names_of_kind(t, ColumnKind::constant), (Texts{"fixed"}));
  EXPECT_EQ(names_of_kind(t, ColumnKind::counter), (Texts{"hours total"}));
  EXPECT_EQ(names_of_kind(t, ColumnKind::text), (Texts{"state"}));
  EXPECT_EQ(names_of_kind(t, ColumnKind::signal), (Texts{"flow"}));
  EXPECT_EQ(names_of_kind(read(text, {.ignore = {"flow"}}), ColumnKind::ignored), (Texts{"flow"}));
}

TEST(Table, RowsOfAnotherWidthAreMarkedAndKeepTheirPlace) {
  const Table t = read("time,a,b\n0,1,2\n1,1\n2,1,3,9\n3,5,6\n");
  ASSERT_EQ(t.rows(), 4u);
  EXPECT_EQ(t.usable, (std::vector<std::uint8_t>{1, 0, 0, 1}));
  EXPECT_EQ(t.n_notes, 2u);
  EXPECT_EQ(t.notes[0].text, "2 cells instead of 3");
  EXPECT_EQ(t.time[1], t.time[0]);
}

TEST(Table, RowsStayInFileOrderWhateverTheirTimes) {
  const Table t = read("time,a\n2026-01-01 00:00:05,1\n2026-01-01 00:00:03,2\n2026-01-01 00:00:03,3\nsoon,4\n");
  EXPECT_GT(t.time[0], t.time[1]);
  EXPECT_EQ(t.time[1], t.time[2]);
  EXPECT_EQ(t.usable[3], 0);
  EXPECT_EQ(t.find("a")->values[3], 4);
}

TEST(Table, ALongOneHasAColumnForEachSignal) {
  const Table t =
      read("tag,time,value,unit\nflow,2026-01-01 00:00:00,5,l/min\ntemp,2026-01-01 00:00:00,60,degC\nflow,2026-01-01 00:00:01,6,l/min\n");
  EXPECT_TRUE(t.is_long);
  ASSERT_EQ(t.rows(), 3u);
  EXPECT_EQ(t.find("flow")->values[2], 6);
  EXPECT_EQ(t.find("flow")->cells[1], Cell::empty);
  EXPECT_EQ(t.find("temp")->values[1], 60);
  EXPECT_EQ(t.find("temp")->unit, "degC");
}

TEST(Table, AnAssetColumnSaysWhoseRowItIs) {
  const Table t = read(
      "device_id,timestamp,voltage\nsensor_0,2026-01-01T00:00:00,230\nsensor_1,2026-01-01T00:00:00,231\nsensor_0,2026-01-01T00:00:01,"
      "229\n");
  EXPECT_EQ(t.assets, (Texts{"sensor_0", "sensor_1"}));
  EXPECT_EQ(t.asset_of_row, (std::vector<std::uint32_t>{0, 1, 0}));
}

TEST(Table, ReadsQuotesAndLineBreaksWithinThem) {
  const Table t = read("time,\"flow, main\",\"a \"\"b\"\"\"\n0,\"1,234.5\",\"x\ny\"\n1,\"2,000.5\",z\n");
  EXPECT_EQ(t.find("flow, main")->values[0], 1234.5);
  EXPECT_NE(t.find("a \"b\""), nullptr);
  EXPECT_EQ(t.lines[1], 4u);
}

TEST(Table, AQuoteThatNeverClosesCostsItsOwnRow) {
  const Table t = read("time,a\n0,1\n1,\"2\n2,3\n");
  ASSERT_EQ(t.rows(), 3u);
  EXPECT_EQ(t.find("a")->values[2], 3);
  EXPECT_EQ(t.find("a")->cells[1], Cell::text);
}

TEST(Table, WhatIsNoUtf8IsReadAsLatin1AndSaid) {
  const Table t = read(
      "time,temp [\xb0"
      "C]\n0,1\n1,2\n2,9\n");
  EXPECT_EQ(t.find("temp")->unit, "°C");
  ASSERT_FALSE(t.notes.empty());
  EXPECT_NE(t.notes[0].text.find("line 1 is no UTF-8"), std::string::npos);
}

TEST(Table, OneRowAndNoHeaderAreTables) {
  EXPECT_EQ(read("time,a\n5,3\n").rows(), 1u);
  const Table t = read("0,1.5\n1,2.5\n2,3.5\n5,3.4\n");
  EXPECT_FALSE(t.has_header);
  EXPECT_EQ(t.find("column 2")->values[3], 3.4);
}

TEST(Table, AColumnAloneIsATable) {
  const Table t = read("value\n1.5\n2.5\n0.5\n");
  EXPECT_EQ(t.clock.kind, ClockKind::row_number);
  EXPECT_EQ(t.time[2], Time(std::chrono::seconds(2)));
  EXPECT_EQ(t.find("value")->values[2], 0.5);
}

TEST(Table, WhatIsNoTableSaysSo) {
  EXPECT_EQ(wrong("").message, "the file is empty");
  EXPECT_EQ(wrong("\n\n\n").message, "no line holds a number or a time");
  EXPECT_EQ(wrong("hello\nworld\n").message, "no line holds a number or a time");
  EXPECT_NE(wrong("time,state\n2026-01-01,on fire\n2026-01-02,well\n").message.find("no column holds numbers (columns: time, state"),
            std::string::npos);
  EXPECT_NE(wrong(std::string("PK\x03\x04\0\0\0\0binary", 14)).message.find("zero byte"), std::string::npos);
}

TEST(Table, RepeatedAndMissingNamesAreToldApart) {
  const Table t = read("time,a,a,\n0,1,2,3\n1,2,2,4\n");
  EXPECT_NE(t.find("a (column 3)"), nullptr);
  EXPECT_NE(t.find("column 4"), nullptr);
}

TEST(Table, TruthIsANumber) {
  const Table t = read("time,pump\n0,true\n1,false\n2,true\n");
  EXPECT_EQ(t.find("pump")->values[1], 0);
  EXPECT_EQ(t.find("pump")->values[2], 1);
}

TEST(Table, SparseLongRowsSayTheSameAsColumnsAndKeepTheirQuality) {
  const std::string text =
      "time,asset,signal,value,quality\n"
      "2026-01-01T00:00:00Z,P-1,flow,50.5,good\n"
      "2026-01-01T00:00:00Z,P-1,temp,20.25,192\n"
      "2026-01-01T00:00:01Z,P-1,flow,abc,good\n"
      "2026-01-01T00:00:02Z,P-1,flow,,bad: missing\n"
      "2026-01-01T00:00:03Z,P-1,temp,21,\"uncertain: spike, rate\"\n"
      "2026-01-01T00:00:04Z,P-1,,22,good\n";
  const Table dense = read_table(text).value();
  const Table sparse = read_table(text, {.sparse = true}).value();
  ASSERT_EQ(sparse.rows(), dense.rows());
  ASSERT_EQ(sparse.long_cells.size(), sparse.rows());
  ASSERT_EQ(sparse.columns.size(), dense.columns.size());
  for (std::size_t row = 0; row < sparse.rows(); ++row) {
    EXPECT_EQ(sparse.usable[row], dense.usable[row]) << row;
    if (!sparse.usable[row]) continue;
    const LongCell& cell = sparse.long_cells[row];
    const Column& column = dense.columns[cell.column];
    EXPECT_EQ(sparse.columns[cell.column].name, column.name);
    EXPECT_TRUE(sparse.columns[cell.column].values.empty());
    EXPECT_EQ(cell.cell, row == 3 ? Cell::bad : column.cells[row]) << row;  // row 3: its quality says that a value is missing
    EXPECT_TRUE(cell.value == column.values[row] || (std::isnan(cell.value) && std::isnan(column.values[row]))) << row;
  }
  EXPECT_EQ(to_text(sparse.long_cells[1].quality), "good");
  EXPECT_EQ(to_text(sparse.long_cells[3].quality), "bad: missing");
  EXPECT_EQ(to_text(sparse.long_cells[4].quality), "uncertain: rate, spike");
}

}  // namespace
}  // namespace telltale::decoders
