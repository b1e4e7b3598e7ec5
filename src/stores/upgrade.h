// From the form before: history leaves its table for block files.
#pragma once

#include "stores/history.h"
#include "stores/schema.h"

namespace telltale::stores {

/// Brings tables of form 1 to form 2. Killed at any point it begins again, or goes on where only the table is left to drop: what the
/// files hold counts from one rename on, the table goes in one transaction with the new number. Tables of another form, damaged ones
/// and none at all are left alone. True: history has new files.
/// errors   storage, disk_full: nothing is lost, the next start tries again
Result<bool> upgrade_tables(const TablesPlace&, History&);

}  // namespace telltale::stores
