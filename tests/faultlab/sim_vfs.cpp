// The calls that SQLite makes, answered by a SimDisk.
#include "tests/faultlab/sim_vfs.h"

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <mutex>
#include <new>
#include <vector>

#include "stores/checked_pages.h"
#include "stores/crc32c.h"

namespace telltale::faultlab {
namespace {

constexpr std::size_t page_bytes = 4096;
constexpr int n_shm_locks = SQLITE_SHM_NLOCK;

/// One database file among the connections of this process.
struct Shared {
  int n_shared = 0;
  const void *reserved = nullptr, *pending = nullptr, *exclusive = nullptr;
  std::vector<std::unique_ptr<char[]>> regions;  // of the write-ahead log's index
  int n_maps = 0;
  int shm_shared[n_shm_locks] = {};
  const void* shm_exclusive[n_shm_locks] = {};
};

}  // namespace

struct SimVfs::Inside {
  sqlite3_vfs vfs{};
  SimDisk& disk;
  PageBook& pages;
  Random random;
  std::recursive_mutex mutex;
  std::map<std::string, Shared> shared;
};

namespace {

struct SimSqliteFile {
  sqlite3_file base;  // first: SQLite knows no more
  SimVfs::Inside* inside;
  std::string* path;
  stores::File* file;
  Shared* shared;
  int lock;
  bool is_database, mapped, name_is_new;
  unsigned shm_shared, shm_exclusive;  // bits of the locks that this connection holds
};

SimSqliteFile& of(sqlite3_file* file) { return *reinterpret_cast<SimSqliteFile*>(file); }

int code_of(const Error& error, int otherwise) { return error.kind == ErrorKind::disk_full ? SQLITE_FULL : otherwise; }

int close_file(sqlite3_file* file) {
  SimSqliteFile& f = of(file);
  delete f.file;
  delete f.path;
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* into, int n, sqlite3_int64 offset) {
  SimSqliteFile& f = of(file);
  const auto at = static_cast<std::size_t>(offset), wanted = static_cast<std::size_t>(n);
  const auto got = f.file->read_at(at, {static_cast<char*>(into), wanted});
  if (!got) return SQLITE_IOERR_READ;
  if (*got < wanted) {
    std::memset(static_cast<char*>(into) + *got, 0, wanted - *got);
    return SQLITE_IOERR_SHORT_READ;
  }
  if (f.is_database && wanted == page_bytes && at % page_bytes == 0) f.inside->pages.read(*f.path, at, {static_cast<char*>(into), wanted});
  return SQLITE_OK;
}

int write_file(sqlite3_file* file, const void* from, int n, sqlite3_int64 offset) {
  SimSqliteFile& f = of(file);
  const std::string_view bytes(static_cast<const char*>(from), static_cast<std::size_t>(n));
  if (f.is_database) f.inside->pages.wrote(*f.path, static_cast<std::size_t>(offset), bytes);
  const auto done = f.file->write_at(static_cast<std::size_t>(offset), bytes);
  return done ? SQLITE_OK : code_of(done.error(), SQLITE_IOERR_WRITE);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  SimSqliteFile& f = of(file);
  return f.inside->disk.truncate(*f.file, static_cast<std::size_t>(size)) ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

/// The first sync of a journal brings its name along, as SQLite's own system does it: the database's name with it.
int sync_file(sqlite3_file* file, int) {
  SimSqliteFile& f = of(file);
  if (!f.file->sync()) return SQLITE_IOERR_FSYNC;
  if (f.name_is_new && !f.inside->disk.sync_directory(f.path->substr(0, f.path->rfind('/')))) return SQLITE_IOERR_DIR_FSYNC;
  f.name_is_new = false;
  return SQLITE_OK;
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  const auto bytes = of(file).file->size();
  if (!bytes) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(*bytes);
  return SQLITE_OK;
}

// ---- locks of the file

int lock_file(sqlite3_file* file, int wanted) {
  SimSqliteFile& f = of(file);
  const std::lock_guard guard(f.inside->mutex);
  Shared& s = *f.shared;
  if (f.lock >= wanted) return SQLITE_OK;
  const auto others = [&](const void* holder) { return holder != nullptr && holder != file; };
  if (wanted == SQLITE_LOCK_SHARED) {
    if (others(s.pending) || others(s.exclusive)) return SQLITE_BUSY;
    ++s.n_shared;
  } else if (wanted == SQLITE_LOCK_RESERVED) {
    if (others(s.reserved) || others(s.exclusive)) return SQLITE_BUSY;
    s.reserved = file;
  } else {  // exclusive, by way of pending
    if (others(s.reserved) || others(s.pending) || others(s.exclusive)) return SQLITE_BUSY;
    s.pending = file;
    if (s.n_shared > 1) {
      f.lock = SQLITE_LOCK_PENDING;
      return SQLITE_BUSY;
    }
    s.exclusive = file;
  }
  f.lock = wanted;
  return SQLITE_OK;
}

int unlock_file(sqlite3_file* file, int wanted) {
  SimSqliteFile& f = of(file);
  const std::lock_guard guard(f.inside->mutex);
  Shared& s = *f.shared;
  if (f.lock <= wanted) return SQLITE_OK;
  for (const void** holder : {&s.reserved, &s.pending, &s.exclusive}) {
    if (*holder == file) *holder = nullptr;
  }
  if (wanted == SQLITE_LOCK_NONE) --s.n_shared;
  f.lock = wanted;
  return SQLITE_OK;
}

int is_reserved(sqlite3_file* file, int* answer) {
  SimSqliteFile& f = of(file);
  const std::lock_guard guard(f.inside->mutex);
  *answer = f.shared->reserved != nullptr || f.shared->exclusive != nullptr;
  return SQLITE_OK;
}

int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 4096; }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }  // a torn write harms no neighbour, as SimDisk has it

// ---- shared memory of the write-ahead log

int map_shm(sqlite3_file* file, int region, int bytes, int extend, void volatile** into) {
  SimSqliteFile& f = of(file);
  const std::lock_guard guard(f.inside->mutex);
  Shared& s = *f.shared;
  if (!f.mapped) ++s.n_maps;
  f.mapped = true;
  *into = nullptr;
  while (static_cast<int>(s.regions.size()) <= region) {
    if (extend == 0) return SQLITE_OK;
    s.regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(bytes)));
  }
  *into = s.regions[static_cast<std::size_t>(region)].get();
  return SQLITE_OK;
}

int lock_shm(sqlite3_file* file, int first, int n, int flags) {
  SimSqliteFile& f = of(file);
  const std::lock_guard guard(f.inside->mutex);
  Shared& s = *f.shared;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  if ((flags & SQLITE_SHM_LOCK) != 0) {
    for (int k = first; k < first + n; ++k) {
      const bool mine = (f.shm_shared >> k & 1) != 0;
      if (s.shm_exclusive[k] != nullptr && s.shm_exclusive[k] != file) return SQLITE_BUSY;
      if (exclusive && s.shm_shared[k] - (mine ? 1 : 0) > 0) return SQLITE_BUSY;
    }
  }
  for (int k = first; k < first + n; ++k) {
    const unsigned bit = 1u << k;
    if ((flags & SQLITE_SHM_LOCK) != 0) {
      if (exclusive) {
        s.shm_exclusive[k] = file;
        f.shm_exclusive |= bit;
      } else if ((f.shm_shared & bit) == 0) {
        ++s.shm_shared[k];
        f.shm_shared |= bit;
      }
    } else {
      if ((f.shm_shared & bit) != 0) --s.shm_shared[k];
      if ((f.shm_exclusive & bit) != 0) s.shm_exclusive[k] = nullptr;
      f.shm_shared &= ~bit;
      f.shm_exclusive &= ~bit;
    }
  }
  return SQLITE_OK;
}

void shm_barrier(sqlite3_file*) { std::atomic_thread_fence(std::memory_order_seq_cst); }

int unmap_shm(sqlite3_file* file, int) {
  SimSqliteFile& f = of(file);
  const std::lock_guard guard(f.inside->mutex);
  if (f.mapped && --f.shared->n_maps == 0) f.shared->regions.clear();
  f.mapped = false;
  return SQLITE_OK;
}

constexpr sqlite3_io_methods methods = {2,         close_file,  read_file,   write_file, truncate_file, sync_file,       size_of_file,
                                        lock_file, unlock_file, is_reserved, control,    sector_size,   characteristics, map_shm,
                                        lock_shm,  shm_barrier, unmap_shm,   nullptr,    nullptr};

// ---- the file system

SimVfs::Inside& inside_of(sqlite3_vfs* vfs) { return *static_cast<SimVfs::Inside*>(vfs->pAppData); }

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  file->pMethods = nullptr;
  if (name == nullptr) return SQLITE_CANTOPEN;  // temporary files stay in memory
  SimVfs::Inside& inside = inside_of(vfs);
  const bool is_new = (flags & SQLITE_OPEN_CREATE) != 0 && !inside.disk.exists(name);
  auto opened = is_new ? inside.disk.create(name) : inside.disk.open(name);
  if (!opened) return opened.error().kind == ErrorKind::disk_full ? SQLITE_FULL : SQLITE_CANTOPEN;
  const std::lock_guard guard(inside.mutex);
  const bool is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
  new (file) SimSqliteFile{{&methods},
                           &inside,
                           new std::string(name),
                           opened->release(),
                           &inside.shared[name],
                           SQLITE_LOCK_NONE,
                           is_database,
                           false,
                           is_new && !is_database,
                           0,
                           0};
  if (flags_out != nullptr) *flags_out = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  SimDisk& disk = inside_of(vfs).disk;
  if (!disk.exists(name)) return SQLITE_IOERR_DELETE_NOENT;
  if (!disk.remove(name)) return SQLITE_IOERR_DELETE;
  const std::string path = name;
  if (sync_directory != 0 && !disk.sync_directory(path.substr(0, path.rfind('/')))) return SQLITE_IOERR_DIR_FSYNC;
  return SQLITE_OK;
}

int access_file(sqlite3_vfs* vfs, const char* name, int, int* answer) {
  *answer = inside_of(vfs).disk.exists(name) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* name, int n, char* into) {
  sqlite3_snprintf(n, into, "%s", name);
  return SQLITE_OK;
}

int random_bytes(sqlite3_vfs* vfs, int n, char* into) {
  for (int k = 0; k < n; ++k) into[k] = static_cast<char>(inside_of(vfs).random.bits());
  return n;
}

int sleep_for(sqlite3_vfs*, int microseconds) { return microseconds; }
int last_error(sqlite3_vfs*, int, char*) { return 0; }

int julian_milliseconds(sqlite3_vfs*, sqlite3_int64* into) {
  *into = 212'045'000'000'000;  // some day of 2007: nothing may depend on it
  return SQLITE_OK;
}
int julian_day(sqlite3_vfs* vfs, double* into) {
  sqlite3_int64 milliseconds = 0;
  julian_milliseconds(vfs, &milliseconds);
  *into = static_cast<double>(milliseconds) / 86'400'000.0;
  return SQLITE_OK;
}

std::string next_name() {
  static std::atomic<int> n = 0;
  return "faultlab-" + std::to_string(++n);
}

}  // namespace

SimVfs::SimVfs(SimDisk& disk, PageBook& pages, std::uint64_t seed)
    : name_(next_name()), inside_(new Inside{.disk = disk, .pages = pages, .random = Random(seed), .mutex = {}, .shared = {}}) {
  sqlite3_initialize();
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed | 1), nullptr);  // salts of the log come from there
  sqlite3_vfs& vfs = inside_->vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(SimSqliteFile);
  vfs.mxPathname = 512;
  vfs.zName = name_.c_str();
  vfs.pAppData = inside_.get();
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = full_path;
  vfs.xRandomness = random_bytes;
  vfs.xSleep = sleep_for;
  vfs.xCurrentTime = julian_day;
  vfs.xGetLastError = last_error;
  vfs.xCurrentTimeInt64 = julian_milliseconds;
  sqlite3_vfs_register(&vfs, 0);
}

SimVfs::~SimVfs() {
  stores::end_checked_pages_over(name_);
  sqlite3_vfs_unregister(&inside_->vfs);
}

void PageBook::wrote(const std::string& path, std::size_t offset, std::string_view page) {
  for (std::size_t at = 0; at + page_bytes <= page.size(); at += page_bytes)
    known_[{path, offset + at}].insert(stores::crc32c(page.substr(at, page_bytes)));
}

void PageBook::read(const std::string& path, std::size_t offset, std::string_view page) {
  const auto at = known_.find({path, offset});
  if (at != known_.end() && !at->second.contains(stores::crc32c(page))) ++damaged_;
}

}  // namespace telltale::faultlab
