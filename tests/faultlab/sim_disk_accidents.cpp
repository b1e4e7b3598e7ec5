// The simulated disk: what an accident leaves, and how a row looks at it.
#include <algorithm>

#include "tests/faultlab/sim_disk.h"

namespace telltale::faultlab {
namespace {
constexpr std::size_t sector = 512;  // bytes that reach the platter together
}

// ---- accidents

/// Any of the unsynced changes reach the platter, by one of the ways in which they do: all, none, the first ones, whole ones, sectors.
void SimDisk::settle_in_parts(Inode& inode) {
  const std::uint64_t way = random_.below(6);
  const std::size_t first = random_.below(inode.unsynced.size() + 1);
  for (std::size_t k = 0; k < inode.unsynced.size(); ++k) {
    const Change& change = inode.unsynced[k];
    if (way == 0 || (way == 1 && k >= first)) continue;
    if (way == 2 || way == 1 || change.size) {
      if (way <= 2 || random_.below(2) == 0) apply(inode.platter, change);
      continue;
    }
    if (way == 3) {  // each for itself; what is lost may still have made the file longer
      if (random_.below(2) == 0) {
        apply(inode.platter, change);
      } else if (random_.below(2) == 0 && inode.platter.size() < change.offset + change.bytes.size()) {
        inode.platter.resize(change.offset + change.bytes.size());
      }
      continue;
    }
    const std::size_t torn_at = random_.below(change.bytes.size() + 1);
    for (std::size_t from = 0; from < change.bytes.size();) {
      const std::size_t n = std::min(change.bytes.size() - from, sector - (change.offset + from) % sector);
      const bool kept = way == 4 ? from + n <= torn_at : random_.below(2) == 0;
      if (kept) apply(inode.platter, {change.offset + from, change.bytes.substr(from, n), {}});
      from += n;
    }
  }
  inode.unsynced.clear();
}

void SimDisk::settle_names() {
  const bool in_order = random_.below(4) != 0;
  const std::size_t first = random_.below(unsynced_names_.size() + 1);
  for (std::size_t k = 0; k < unsynced_names_.size(); ++k) {
    const NameChange& change = unsynced_names_[k];
    if (in_order ? k >= first : random_.below(2) == 0) continue;
    if (change.inode != nullptr && !change.from.empty() && !platter_names_.contains(change.from)) continue;  // it never came to be
    apply(platter_names_, change);
  }
  unsynced_names_.clear();
}

void SimDisk::lose_power() {
  const std::lock_guard lock(mutex_);
  settle_names();
  names_ = platter_names_;
  for (auto& [name, inode] : names_) {
    if (!inode->unsynced.empty()) settle_in_parts(*inode);
    inode->seen = inode->platter;
  }
  ++epoch_;
  off_ = false;
  power_fails_in_ = 0;
}

void SimDisk::kill() {
  const std::lock_guard lock(mutex_);
  ++epoch_;
  off_ = false;
  power_fails_in_ = 0;
}

// ---- looking at it

std::vector<std::string> SimDisk::files() const {
  std::vector<std::string> found;
  for (const auto& [path, inode] : names_) found.push_back(path);
  return found;
}

std::string SimDisk::bytes_of(const std::string& path) const { return names_.at(path)->seen; }

void SimDisk::set_bytes(const std::string& path, std::string bytes) {
  auto& inode = names_[path];
  if (!inode) inode = platter_names_[path] = std::make_shared<Inode>();
  inode->seen = inode->platter = std::move(bytes);
  inode->unsynced.clear();
}

void SimDisk::forget(const std::string& path) {
  names_.erase(path);
  platter_names_.erase(path);
}

std::vector<std::string> SimDisk::unsynced() const {
  std::vector<std::string> found;
  for (const auto& [path, inode] : names_) {
    if (!inode->unsynced.empty()) found.push_back(path);
  }
  return found;
}

std::size_t SimDisk::n_unsynced() const {
  std::size_t n = unsynced_names_.size();
  for (const auto& [path, inode] : names_) n += inode->unsynced.size();
  return n;
}

std::unique_ptr<SimDisk> SimDisk::copy() const {
  auto other = std::make_unique<SimDisk>(1);
  std::map<const Inode*, std::shared_ptr<Inode>> copies;
  const auto copied = [&](const std::shared_ptr<Inode>& inode) -> std::shared_ptr<Inode> {
    if (!inode) return nullptr;  // a folder's new name
    auto& made = copies[inode.get()];
    if (!made) made = std::make_shared<Inode>(*inode);
    return made;
  };
  for (const auto& [path, inode] : platter_names_) other->platter_names_[path] = copied(inode);
  for (const auto& [path, inode] : names_) other->names_[path] = copied(inode);
  for (const NameChange& change : unsynced_names_) other->unsynced_names_.push_back({change.from, change.to, copied(change.inode)});
  other->random_ = random_;
  other->capacity_ = capacity_;
  return other;
}

std::vector<std::unique_ptr<SimDisk>> SimDisk::crash_states(std::size_t most) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::unique_ptr<SimDisk>> states;
  const std::size_t n_names = unsynced_names_.size(), n_all = n_unsynced();
  if (n_all - n_names > most) return states;
  for (std::size_t names_kept = 0; names_kept <= n_names; ++names_kept) {
    for (std::size_t kept = 0; kept < std::size_t{1} << (n_all - n_names); ++kept) {
      auto state = copy();
      for (std::size_t k = 0; k < names_kept; ++k) apply(state->platter_names_, state->unsynced_names_[k]);
      state->unsynced_names_.clear();
      std::size_t bit = 0;
      for (auto& [path, inode] : state->names_) {
        for (const Change& change : inode->unsynced) {
          if (kept >> bit++ & 1) apply(inode->platter, change);
        }
        inode->unsynced.clear();
      }
      state->names_ = state->platter_names_;
      for (auto& [path, inode] : state->names_) {
        inode->unsynced.clear();  // of a file that was removed and stands again
        inode->seen = inode->platter;
      }
      states.push_back(std::move(state));
    }
  }
  return states;
}

}  // namespace telltale::faultlab
