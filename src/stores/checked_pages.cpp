// Whole pages are checked as they come from the file and sealed as they go there; everything else is the lower file system's.
#include "stores/checked_pages.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>

#include "stores/crc32c.h"

namespace telltale::stores {
namespace {

constexpr std::size_t page_size = checked_page_bytes, sealed_bytes = page_size - page_trailer_bytes;
constexpr std::size_t reserved_at = 20;  // of the file's header: how many bytes at the end of each page SQLite leaves alone
using Page = std::array<char, page_size>;

struct Trailer {
  std::uint32_t checksum, number;
};
static_assert(sizeof(Trailer) == page_trailer_bytes);

Trailer trailer_for(std::string_view page, std::uint32_t number) {
  const std::string_view number_bytes(reinterpret_cast<const char*>(&number), sizeof number);
  return {crc32c(number_bytes, crc32c(page.substr(0, sealed_bytes))), number};
}

bool is_sealed(std::string_view page, std::uint32_t number) {
  const Trailer wanted = trailer_for(page, number);
  return std::memcmp(page.data() + sealed_bytes, &wanted, sizeof wanted) == 0;
}

/// Whether a file with this first page has sealed pages: the header says so, or it would but for damage in that very byte.
bool pages_are_sealed(Page first) {
  if (first[reserved_at] == page_trailer_bytes) return true;
  first[reserved_at] = page_trailer_bytes;
  return is_sealed({first.data(), first.size()}, 1);
}

/// How many pages the database has, as the header says, highest byte first.
std::uint32_t pages_by_header(const Page& first) {
  constexpr std::size_t place = 28;
  std::uint32_t n = 0;
  for (std::size_t k = place; k < place + 4; ++k) n = n << 8 | static_cast<unsigned char>(first[k]);
  return n;
}

// ---- a file

struct CheckedFile {
  sqlite3_file base;  // first: SQLite knows no more
  sqlite3_file* below;
  bool sealed;
};
CheckedFile& of(sqlite3_file* file) { return *reinterpret_cast<CheckedFile*>(file); }
sqlite3_file* below(sqlite3_file* file) { return of(file).below; }

int read_page(sqlite3_file* file, std::uint32_t number, char* into) {
  sqlite3_file* real = below(file);
  const int code = real->pMethods->xRead(real, into, page_size, static_cast<sqlite3_int64>(number - 1) * page_size);
  if (code == SQLITE_IOERR_SHORT_READ) {
    sqlite3_int64 size = 0;
    if (const int asked = real->pMethods->xFileSize(real, &size); asked != SQLITE_OK) return asked;
    return size == 0 ? code : SQLITE_IOERR_DATA;  // an empty file has no pages; in any other the page is cut off
  }
  if (code != SQLITE_OK) return code;
  return is_sealed({into, page_size}, number) ? SQLITE_OK : SQLITE_IOERR_DATA;
}

/// The header is read before SQLite looks into its log, where a newer first page may stand: torn here by a power loss, whole there.
bool of_header(int n, sqlite3_int64 offset) { return offset + n < static_cast<sqlite3_int64>(page_size); }

int read_file(sqlite3_file* file, void* into, int n, sqlite3_int64 offset) {
  if (!of(file).sealed || of_header(n, offset)) return below(file)->pMethods->xRead(below(file), into, n, offset);
  char* to = static_cast<char*>(into);
  for (std::size_t at = static_cast<std::size_t>(offset), end = at + static_cast<std::size_t>(n); at < end;) {
    Page page;
    const std::size_t within = at % page_size, some = std::min(end - at, page_size - within);
    const bool whole = some == page_size;
    if (const int code = read_page(file, static_cast<std::uint32_t>(at / page_size + 1), whole ? to : page.data()); code != SQLITE_OK) {
      if (code == SQLITE_IOERR_SHORT_READ) std::memset(into, 0, static_cast<std::size_t>(n));
      return code;
    }
    if (!whole) std::memcpy(to, page.data() + within, some);
    to += some;
    at += some;
  }
  return SQLITE_OK;
}

int write_file(sqlite3_file* file, const void* from, int n, sqlite3_int64 offset) {
  const char* bytes = static_cast<const char*>(from);
  const bool is_page = static_cast<std::size_t>(n) == page_size && offset % static_cast<sqlite3_int64>(page_size) == 0;
  if (is_page && offset == 0) of(file).sealed = bytes[reserved_at] == page_trailer_bytes;
  if (!is_page || !of(file).sealed) return below(file)->pMethods->xWrite(below(file), from, n, offset);
  Page page;
  std::memcpy(page.data(), bytes, sealed_bytes);
  const Trailer trailer =
      trailer_for({page.data(), page.size()}, static_cast<std::uint32_t>(offset / static_cast<sqlite3_int64>(page_size) + 1));
  std::memcpy(page.data() + sealed_bytes, &trailer, sizeof trailer);
  return below(file)->pMethods->xWrite(below(file), page.data(), n, offset);
}

int close_file(sqlite3_file* file) { return below(file)->pMethods->xClose(below(file)); }
int truncate_file(sqlite3_file* file, sqlite3_int64 size) { return below(file)->pMethods->xTruncate(below(file), size); }
int sync_file(sqlite3_file* file, int flags) { return below(file)->pMethods->xSync(below(file), flags); }
int size_of_file(sqlite3_file* file, sqlite3_int64* size) { return below(file)->pMethods->xFileSize(below(file), size); }
int lock_file(sqlite3_file* file, int lock) { return below(file)->pMethods->xLock(below(file), lock); }
int unlock_file(sqlite3_file* file, int lock) { return below(file)->pMethods->xUnlock(below(file), lock); }
int is_reserved(sqlite3_file* file, int* answer) { return below(file)->pMethods->xCheckReservedLock(below(file), answer); }
int control(sqlite3_file* file, int what, void* argument) { return below(file)->pMethods->xFileControl(below(file), what, argument); }
int sector_size(sqlite3_file* file) { return below(file)->pMethods->xSectorSize(below(file)); }
int characteristics(sqlite3_file* file) { return below(file)->pMethods->xDeviceCharacteristics(below(file)); }
int map_shm(sqlite3_file* file, int region, int bytes, int extend, void volatile** into) {
  return below(file)->pMethods->xShmMap(below(file), region, bytes, extend, into);
}
int lock_shm(sqlite3_file* file, int first, int n, int flags) { return below(file)->pMethods->xShmLock(below(file), first, n, flags); }
void shm_barrier(sqlite3_file* file) { below(file)->pMethods->xShmBarrier(below(file)); }
int unmap_shm(sqlite3_file* file, int remove) { return below(file)->pMethods->xShmUnmap(below(file), remove); }

// Version 2: with shared memory, without mapped pages, which nobody could check.
constexpr sqlite3_io_methods methods = {2,         close_file,  read_file,   write_file, truncate_file, sync_file,       size_of_file,
                                        lock_file, unlock_file, is_reserved, control,    sector_size,   characteristics, map_shm,
                                        lock_shm,  shm_barrier, unmap_shm,   nullptr,    nullptr};

// ---- the file system

struct Layer {
  std::string name;
  sqlite3_vfs vfs{};
};
sqlite3_vfs* below(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

/// What the file holds already decides whether its pages are sealed; a new one's will be.
int look_at(CheckedFile& file) {
  sqlite3_int64 size = 0;
  sqlite3_file* real = file.below;
  if (const int code = real->pMethods->xFileSize(real, &size); code != SQLITE_OK) return code;
  file.sealed = true;
  if (size == 0) return SQLITE_OK;
  Page first{};
  std::size_t have = 0;
  for (const std::size_t wanted : {reserved_at + 1, page_size}) {  // the rest of the page only where its header leaves a doubt
    const int n = static_cast<int>(wanted - have);
    const int code = real->pMethods->xRead(real, first.data() + have, n, static_cast<sqlite3_int64>(have));
    if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) return code;
    have = wanted;
    file.sealed = pages_are_sealed(first);
    if (file.sealed) break;
  }
  return SQLITE_OK;
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  sqlite3_vfs* real = below(vfs);
  if ((flags & SQLITE_OPEN_MAIN_DB) == 0) return real->xOpen(real, name, file, flags, flags_out);
  auto* lower = reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(CheckedFile));
  file->pMethods = nullptr;
  lower->pMethods = nullptr;
  if (const int code = real->xOpen(real, name, lower, flags, flags_out); code != SQLITE_OK) {
    if (lower->pMethods != nullptr) lower->pMethods->xClose(lower);
    return code;
  }
  of(file).below = lower;
  if (const int code = look_at(of(file)); code != SQLITE_OK) {
    lower->pMethods->xClose(lower);
    return code;
  }
  file->pMethods = &methods;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync) { return below(vfs)->xDelete(below(vfs), name, sync); }
int access_file(sqlite3_vfs* vfs, const char* name, int flags, int* answer) { return below(vfs)->xAccess(below(vfs), name, flags, answer); }
int full_path(sqlite3_vfs* vfs, const char* name, int n, char* into) { return below(vfs)->xFullPathname(below(vfs), name, n, into); }
int random_bytes(sqlite3_vfs* vfs, int n, char* into) { return below(vfs)->xRandomness(below(vfs), n, into); }
int sleep_for(sqlite3_vfs* vfs, int microseconds) { return below(vfs)->xSleep(below(vfs), microseconds); }
int julian_day(sqlite3_vfs* vfs, double* into) { return below(vfs)->xCurrentTime(below(vfs), into); }
int last_error(sqlite3_vfs* vfs, int n, char* into) { return below(vfs)->xGetLastError(below(vfs), n, into); }
int julian_milliseconds(sqlite3_vfs* vfs, sqlite3_int64* into) { return below(vfs)->xCurrentTimeInt64(below(vfs), into); }

std::unique_ptr<Layer> layer_over(sqlite3_vfs& real) {
  auto layer = std::make_unique<Layer>();
  layer->name = "checked-" + std::string(real.zName);
  layer->vfs = {.iVersion = 2,
                .szOsFile = static_cast<int>(sizeof(CheckedFile)) + real.szOsFile,
                .mxPathname = real.mxPathname,
                .pNext = nullptr,
                .zName = layer->name.c_str(),
                .pAppData = &real,
                .xOpen = open_file,
                .xDelete = delete_file,
                .xAccess = access_file,
                .xFullPathname = full_path,
                .xRandomness = random_bytes,
                .xSleep = sleep_for,
                .xCurrentTime = julian_day,
                .xGetLastError = last_error,
                .xCurrentTimeInt64 = julian_milliseconds};
  return layer;
}

struct Layers {
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<Layer>> by_below;
};
/// Never destroyed: a database may be closed after the program's end has begun.
Layers& layers() {
  static auto* all = new Layers;
  return *all;
}

}  // namespace

std::string checked_pages_over(const std::string& below) {
  Layers& all = layers();
  const std::lock_guard lock(all.mutex);
  auto& layer = all.by_below[below];
  if (!layer) {
    sqlite3_initialize();
    sqlite3_vfs* real = sqlite3_vfs_find(below.empty() ? nullptr : below.c_str());
    if (real == nullptr) return below;  // SQLite says that there is none of that name
    layer = layer_over(*real);
    sqlite3_vfs_register(&layer->vfs, 0);
  }
  return layer->name;
}

void end_checked_pages_over(const std::string& below) {
  Layers& all = layers();
  const std::lock_guard lock(all.mutex);
  const auto at = all.by_below.find(below);
  if (at == all.by_below.end()) return;
  if (at->second) sqlite3_vfs_unregister(&at->second->vfs);
  all.by_below.erase(at);
}

Result<PagesState> check_pages(Disk& disk, const std::string& path) {
  if (!disk.exists(path)) return PagesState::none;
  const auto file = disk.open_to_read(path);
  if (!file) return std::unexpected(file.error());
  const auto size = (*file)->size();
  if (!size) return std::unexpected(size.error());
  if (*size == 0) return PagesState::none;
  Page first{};
  if (const auto n = (*file)->read_at(0, first); !n) return std::unexpected(n.error());
  if (!pages_are_sealed(first)) return PagesState::unchecked;
  const std::uint32_t count = pages_by_header(first);
  if (count == 0 || *size / page_size < count) return PagesState::damaged;
  std::string piece(256 * page_size, '\0');
  for (std::uint32_t done = 0; done < count;) {
    const std::size_t wanted = std::min<std::size_t>(piece.size(), (count - done) * page_size);
    const auto n = (*file)->read_at(done * page_size, std::span(piece).first(wanted));
    if (!n) return std::unexpected(n.error());
    if (*n != wanted) return PagesState::damaged;
    for (std::size_t within = 0; within < wanted; within += page_size) {
      if (!is_sealed(std::string_view(piece).substr(within, page_size), ++done)) return PagesState::damaged;
    }
  }
  return PagesState::sound;
}

}  // namespace telltale::stores
