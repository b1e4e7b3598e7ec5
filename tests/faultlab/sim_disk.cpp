// The simulated disk: its calls. What an accident leaves: sim_disk_accidents.cpp.
#include "tests/faultlab/sim_disk.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace telltale::faultlab {
namespace {

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

}  // namespace telltale::faultlab
