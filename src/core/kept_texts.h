// Texts kept beside readings, each saying once: nearly all messages of a sender say the same few.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/names.h"
#include "core/same_bytes.h"
#include "core/time.h"

namespace telltale {

/// A named text field that a mapping keeps beside the readings of its message (S1's `fault_type`, `status`, `site`).
struct KeptText {
  AssetId asset;
  Time time;
  std::string_view name, text;
};

/// Pairs of name and text by number, the first one 0; the same pair has the same number. One thread; keeps its memory.
class Sayings {
 public:
  struct Saying {
    std::string_view name, text;
  };
  /// Takes the pair in where it is new.
  std::uint32_t number_of(std::string_view name, std::string_view text);
  /// Whether this is its number: what a sender said the last time, it mostly says again.
  bool is(std::uint32_t number, std::string_view name, std::string_view text) const;
  Saying operator[](std::uint32_t number) const;  // valid until the next pair comes in
  std::size_t size() const { return places_.size(); }
  std::size_t bytes() const { return bytes_.size(); }
  void clear();

 private:
  struct Place {
    std::uint32_t begin, name_bytes, text_bytes;
  };
  std::uint32_t& slot_of(std::string_view name, std::string_view text);
  std::string bytes_;                   // names and texts, one after another
  std::vector<Place> places_;           // [sayings]
  std::vector<std::uint32_t> by_hash_;  // open addressing, a power of two: number + 1; 0: free
};

/// Kept texts in the order in which they came.
class KeptTexts {
 public:
  struct Row {
    AssetId asset;
    std::uint32_t saying;
    Time time;
  };
  class Iterator {
   public:
    using value_type = KeptText;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const KeptTexts& of, std::size_t at) : of_(&of), at_(at) {}
    KeptText operator*() const { return (*of_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) { return {*of_, at_++}; }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    const KeptTexts* of_ = nullptr;
    std::size_t at_ = 0;
  };

  KeptTexts() = default;
  KeptTexts(std::initializer_list<KeptText> texts) {
    for (const KeptText& t : texts) push_back(t);
  }
  void push_back(const KeptText& t) { add({t.asset, sayings_.number_of(t.name, t.text), t.time}); }
  /// @param row  its saying is a number of sayings()
  void add(const Row& row) { rows_.push_back(row); }
  Sayings& sayings() { return sayings_; }
  const Sayings& sayings() const { return sayings_; }
  std::vector<Row>& rows() { return rows_; }
  const std::vector<Row>& rows() const { return rows_; }

  bool empty() const { return rows_.empty(); }
  std::size_t size() const { return rows_.size(); }
  KeptText operator[](std::size_t k) const {
    const Row& row = rows_[k];
    const Sayings::Saying said = sayings_[row.saying];
    return {row.asset, row.time, said.name, said.text};
  }
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, rows_.size()}; }
  std::size_t bytes() const { return rows_.size() * sizeof(Row) + sayings_.bytes(); }
  void clear();

 private:
  Sayings sayings_;
  std::vector<Row> rows_;
};

inline Sayings::Saying Sayings::operator[](std::uint32_t number) const {
  const Place& place = places_[number];
  const char* const name = bytes_.data() + place.begin;
  return {{name, place.name_bytes}, {name + place.name_bytes, place.text_bytes}};
}

inline bool Sayings::is(std::uint32_t number, std::string_view name, std::string_view text) const {
  if (number >= places_.size()) return false;
  const Saying said = (*this)[number];
  return same_bytes(said.text, text) && same_bytes(said.name, name);
}

}  // namespace telltale
