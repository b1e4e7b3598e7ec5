// A file system for SQLite that lies over another one and gives every page of a database its checksum: SQLite itself would serve a bit
// that flipped as if it had been written so.
#pragma once

#include <string>

#include "core/result.h"
#include "stores/disk.h"

namespace telltale::stores {

/// The last bytes of each page, which SQLite leaves alone (its "reserved bytes"): CRC32C of all before them and of the page's number,
/// then that number. Write-ahead logs have checksums of SQLite's own and pass through.
inline constexpr int checked_page_bytes = 4096, page_trailer_bytes = 8;

/// SQLite's name of the file system over `below` (empty: the system's); it is registered when it is not yet. A new database is expected
/// to reserve page_trailer_bytes; one that reserves none is read and written as it is. A page that is not what was written reads as an
/// I/O error of the kind "data", which SqliteDatabase::is_damage knows.
std::string checked_pages_over(const std::string& below);
/// `below` is about to end, and no database is open through it any more.
void end_checked_pages_over(const std::string& below);

/// What a database file is before anybody believes it.
enum class PagesState : std::uint8_t {
  none,       // there is nothing in it yet
  unchecked,  // its pages have no checksums
  sound,
  damaged,
};
/// Reads all of the file, which no write-ahead log may still be ahead of. errors  storage: it cannot be read
Result<PagesState> check_pages(Disk&, const std::string& path);

}  // namespace telltale::stores
