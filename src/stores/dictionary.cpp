// Dictionary frames: new assets, then new signals, each list with the number that its first name gets.
#include "stores/dictionary.h"

#include "core/bytes.h"

namespace telltale::stores {
namespace {

void note(std::vector<std::uint32_t>& numbers, std::uint32_t id, std::uint32_t number) {
  if (id >= numbers.size()) numbers.resize(id + 1);
  numbers[id] = number + 1;
}

}  // namespace

std::uint32_t SegmentNames::add_asset(AssetId id) {
  note(assets_, id, n_assets_);
  new_assets_.push_back(id);
  return n_assets_++;
}

std::uint32_t SegmentNames::add_signal(SignalId id) {
  asset(names_.asset_of(id));
  note(signals_, id, n_signals_);
  new_signals_.push_back(id);
  return n_signals_++;
}

void SegmentNames::known_asset(AssetId id, std::uint32_t number) {
  note(assets_, id, number);
  if (number >= n_assets_) n_assets_ = number + 1;
}

void SegmentNames::known_signal(SignalId id, std::uint32_t number) {
  note(signals_, id, number);
  if (number >= n_signals_) n_signals_ = number + 1;
}

std::string SegmentNames::take_new() {
  std::string payload;
  if (new_assets_.empty() && new_signals_.empty()) return payload;
  ByteWriter out(payload);
  out.varint(n_assets_ - new_assets_.size());
  out.varint(new_assets_.size());
  for (const AssetId id : new_assets_) out.text(names_.asset_name(id));
  out.varint(n_signals_ - new_signals_.size());
  out.varint(new_signals_.size());
  for (const SignalId id : new_signals_) {
    out.varint(asset(names_.asset_of(id)));
    out.text(names_.signal_name(id));
  }
  new_assets_.clear();
  new_signals_.clear();
  return payload;
}

void SegmentNames::clear() {
  assets_.clear();
  signals_.clear();
  new_assets_.clear();
  new_signals_.clear();
  n_assets_ = n_signals_ = 0;
}

bool Dictionary::add(std::string_view payload, Names& names) {
  ByteReader in(payload);
  std::uint64_t number = in.varint();
  std::size_t n = in.count();
  if (number > assets_.size()) return false;  // the frame before this one is missing
  for (; n > 0 && !in.failed(); --n, ++number) {
    const AssetId id = names.asset(in.text());
    if (number == assets_.size()) assets_.push_back(id);
  }
  number = in.varint();
  n = in.count();
  if (number > signals_.size()) return false;
  for (; n > 0 && !in.failed(); --n, ++number) {
    const AssetId of = asset(in.varint());
    const std::string_view name = in.text();
    if (of == no_asset) return false;
    if (number == signals_.size()) signals_.push_back(names.known_signal(of, name));
  }
  return !in.failed() && in.left() == 0;
}

void Dictionary::continue_in(SegmentNames& names) const {
  names.clear();
  for (std::uint32_t i = 0; i < assets_.size(); ++i) names.known_asset(assets_[i], i);
  for (std::uint32_t i = 0; i < signals_.size(); ++i) names.known_signal(signals_[i], i);
}

}  // namespace telltale::stores
