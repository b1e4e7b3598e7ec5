// The simulated disk: calls, accidents, and what an accident leaves.
#include "tests/faultlab/sim_disk.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace telltale::faultlab {
namespace {

constexpr std::size_t sector = 512;
constexpr std::string_view no_space = "No space left on device";

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::uint64_t hash_of(std::string_view bytes, std::uint64_t hash) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

std::unexpected<Error> failure(std::string_view what, const std::string& path, std::string_view why) {
  return failed(why == no_space ? ErrorKind::disk_full : ErrorKind::storage,
                "cannot " + std::string(what) + " '" + path + "': " + std::string(why));
}

/// Every call to stderr, for a person who looks at a seed.
bool is_traced() {
  static const bool traced = std::getenv("FAULTLAB_TRACE") != nullptr;
  return traced;
}

}  // namespace

class SimFile final : public stores::File {
 public:
  SimFile(SimDisk& disk, std::string path, std::shared_ptr<SimDisk::Inode> inode, std::uint64_t epoch)
      : disk_(disk), path_(std::move(path)), inode_(std::move(inode)), epoch_(epoch) {}

  Result<std::size_t> read_at(std::size_t offset, std::span<char> into) const override {
    const std::lock_guard lock(disk_.mutex_);
    if (auto begun = begin(SimDisk::Call::read, offset, {}); !begun) return std::unexpected(begun.error());
    const std::string& bytes = inode_->seen;
    if (offset >= bytes.size()) return 0;
    const std::size_t n = std::min(into.size(), bytes.size() - offset);
    std::memcpy(into.data(), bytes.data() + offset, n);
    return n;
  }

  Result<void> write_at(std::size_t offset, std::string_view bytes) override {
    const std::lock_guard lock(disk_.mutex_);
    auto begun = begin(SimDisk::Call::write, offset, bytes);
    const bool in_part = !begun && disk_.failure_ && disk_.failure_->kind != SimDisk::Failure::Kind::io_error;
    if (!begun && (!in_part || epoch_ != disk_.epoch_ || disk_.off_)) return begun;
    const std::size_t size = inode_->seen.size(), end = offset + bytes.size();
    if (end > size && !disk_.room_for(end - size)) return failure("write", path_, no_space);
    if (in_part) bytes = bytes.substr(0, disk_.random_.below(bytes.size() + 1));
    disk_.change(*inode_, {offset, std::string(bytes), {}});
    if (disk_.power_went()) return failure("write", path_, "the power went");
    return begun;
  }

  Result<void> sync() override {
    const std::lock_guard lock(disk_.mutex_);
    if (auto begun = begin(SimDisk::Call::sync, 0, {}); !begun) {
      if (epoch_ == disk_.epoch_ && !disk_.off_) disk_.settle_in_parts(*inode_);  // and the rest is marked clean
      return begun;
    }
    if (disk_.power_went()) return failure("sync", path_, "the power went");
    for (const SimDisk::Change& change : inode_->unsynced) SimDisk::apply(inode_->platter, change);
    inode_->unsynced.clear();
    return {};
  }

  Result<std::size_t> size() const override {
    const std::lock_guard lock(disk_.mutex_);
    if (epoch_ != disk_.epoch_ || disk_.off_) return failure("look at", path_, "the power went");
    return inode_->seen.size();
  }

  Result<void> reserve(std::size_t bytes) override {
    const std::lock_guard lock(disk_.mutex_);
    if (auto begun = begin(SimDisk::Call::reserve, bytes, {}); !begun) return begun;
    const std::size_t size = inode_->seen.size();
    if (bytes <= size) return {};
    if (!disk_.room_for(bytes - size)) return failure("take room for", path_, no_space);
    disk_.change(*inode_, {0, {}, bytes});
    if (disk_.power_went()) return failure("take room for", path_, "the power went");
    return {};
  }

  Result<void> truncate(std::size_t size) {
    const std::lock_guard lock(disk_.mutex_);
    if (auto begun = begin(SimDisk::Call::truncate, size, {}); !begun) return begun;
    disk_.change(*inode_, {0, {}, size});
    if (disk_.power_went()) return failure("cut", path_, "the power went");
    return {};
  }

 private:
  Result<void> begin(SimDisk::Call call, std::size_t offset, std::string_view bytes) const {
    if (epoch_ != disk_.epoch_) return failure(SimDisk::name_of(call), path_, "its process is dead");
    return disk_.begin(call, path_, offset, bytes);
  }

  SimDisk& disk_;
  const std::string path_;
  const std::shared_ptr<SimDisk::Inode> inode_;
  const std::uint64_t epoch_;
};

std::string_view SimDisk::name_of(Call call) {
  constexpr std::string_view names[n_calls] = {"open", "create", "read",   "write",          "sync",    "take room for",
                                               "list", "rename", "remove", "sync directory", "truncate"};
  return names[static_cast<std::size_t>(call)];
}

Result<void> SimDisk::begin(Call call, const std::string& path, std::size_t offset, std::string_view bytes) const {
  if (off_) return failure(name_of(call), path, "the power is off");
  ++n_all_;
  ++n_of_[static_cast<std::size_t>(call)];
  trace_ = spread(hash_of(bytes, hash_of(path, trace_ ^ static_cast<std::uint64_t>(call) << 56 ^ offset)));
  if (is_traced())
    std::fprintf(stderr, "disk: %.*s %s at %zu, %zu bytes\n", static_cast<int>(name_of(call).size()), name_of(call).data(), path.c_str(),
                 offset, bytes.size());
  if (!failure_ || (failure_->only && *failure_->only != call)) return {};
  if (failure_->in > 1) {
    --failure_->in;
    return {};
  }
  if (failure_->in == 0 && !failure_->always) return {};  // it has happened
  failure_->in = 0;
  ++n_failed_;
  return failure(name_of(call), path, failure_->kind == Failure::Kind::io_error ? "Input/output error" : no_space);
}

bool SimDisk::power_went() {
  if (watcher_) watcher_();
  if (power_fails_in_ == 0 || --power_fails_in_ > 0) return false;
  off_ = true;
  return true;
}

void SimDisk::switch_off() {
  const std::lock_guard lock(mutex_);
  off_ = true;
}

void SimDisk::apply(std::string& bytes, const Change& change) {
  if (change.size) return bytes.resize(*change.size);
  if (bytes.size() < change.offset + change.bytes.size()) bytes.resize(change.offset + change.bytes.size());
  bytes.replace(change.offset, change.bytes.size(), change.bytes);
}

void SimDisk::apply(Directory& names, const NameChange& change) {
  if (change.inode == nullptr) {  // a folder takes all that is in it along
    for (auto at = names.lower_bound(change.from + "/"); at != names.end() && at->first.starts_with(change.from + "/");) {
      auto file = names.extract(at++);
      file.key() = change.to + file.key().substr(change.from.size());
      names.insert(std::move(file));
    }
    return;
  }
  if (!change.from.empty()) names.erase(change.from);
  if (!change.to.empty()) names[change.to] = change.inode;
}

void SimDisk::change(Inode& inode, Change change) {
  apply(inode.seen, change);
  inode.unsynced.push_back(std::move(change));
}

std::size_t SimDisk::used() const {
  std::size_t sum = 0;
  for (const auto& [name, inode] : names_) sum += inode->seen.size();
  return sum;
}

bool SimDisk::room_for(std::size_t more) const { return !capacity_ || used() + more <= *capacity_; }

// ---- names

Result<std::unique_ptr<stores::File>> SimDisk::open(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (auto begun = begin(Call::open, path); !begun) return std::unexpected(begun.error());
  const auto at = names_.find(path);
  if (at == names_.end()) return failure("open", path, "No such file or directory");
  return std::make_unique<SimFile>(*this, path, at->second, epoch_);
}

Result<std::unique_ptr<stores::File>> SimDisk::create(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (auto begun = begin(Call::create, path); !begun) return std::unexpected(begun.error());
  if (names_.contains(path)) return failure("create", path, "File exists");
  unsynced_names_.push_back({{}, path, std::make_shared<Inode>()});
  apply(names_, unsynced_names_.back());
  if (power_went()) return failure("create", path, "the power went");
  return std::make_unique<SimFile>(*this, path, names_[path], epoch_);
}

Result<std::vector<std::string>> SimDisk::list(const std::string& directory) const {
  const std::lock_guard lock(mutex_);
  if (auto begun = begin(Call::list, directory); !begun) return std::unexpected(begun.error());
  std::vector<std::string> found;
  const std::string inside = directory + "/";
  for (auto at = names_.lower_bound(inside); at != names_.end() && at->first.starts_with(inside); ++at) {
    std::string name = at->first.substr(inside.size(), at->first.find('/', inside.size()) - inside.size());  // a file's, or a folder's
    if (found.empty() || found.back() != name) found.push_back(std::move(name));
  }
  return found;
}

/// Directories come durable at once: the real disk syncs each as it makes it.
Result<void> SimDisk::make_directory(const std::string&) {
  return off_ ? failure("make", "a directory", "the power is off") : Result<void>{};
}

Result<void> SimDisk::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  if (auto begun = begin(Call::rename, from, 0, to); !begun) return begun;
  if (!exists(from)) return failure("rename", from, "No such file or directory");
  const auto at = names_.find(from);
  unsynced_names_.push_back({from, to, at == names_.end() ? nullptr : at->second});
  apply(names_, unsynced_names_.back());
  if (power_went()) return failure("rename", from, "the power went");
  return {};
}

Result<void> SimDisk::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (auto begun = begin(Call::remove, path); !begun) return begun;
  const auto at = names_.find(path);
  if (at == names_.end()) return {};
  unsynced_names_.push_back({path, {}, at->second});
  apply(names_, unsynced_names_.back());
  if (power_went()) return failure("remove", path, "the power went");
  return {};
}

Result<void> SimDisk::sync_directory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (auto begun = begin(Call::sync_directory, path); !begun) return begun;
  if (power_went()) return failure("sync the directory", path, "the power went");
  std::erase_if(unsynced_names_, [&](const NameChange& change) {
    if (directory_of(change.to.empty() ? change.from : change.to) != path) return false;
    apply(platter_names_, change);
    return true;
  });
  return {};
}

bool SimDisk::exists(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto at = names_.lower_bound(path);
  return at != names_.end() && (at->first == path || at->first.starts_with(path + "/"));
}

Result<std::unique_ptr<const stores::File>> SimDisk::open_to_read(const std::string& path) { return open(path); }

/// Nobody else is on this machine.
Result<std::unique_ptr<stores::FileLock>> SimDisk::lock(const std::string&) { return std::make_unique<stores::FileLock>(); }

Result<stores::Space> SimDisk::space(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  if (off_) return failure("ask for the free space of", path, "the power is off");
  if (!capacity_) return stores::Space{};
  return stores::Space{.free = *capacity_ - std::min(*capacity_, used()), .total = *capacity_};
}

Result<void> SimDisk::truncate(const stores::File& file, std::size_t size) {
  return const_cast<SimFile&>(dynamic_cast<const SimFile&>(file)).truncate(size);
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
