// PostgreSQL through libpq.
#pragma once

#include <memory>
#include <string>

#include "clients/sql.h"

namespace telltale::clients {

/// @param url  a libpq connection URI or keyword string
Result<std::unique_ptr<SqlConnection>> open_postgres(const std::string& url, SqlDeadline deadline);

}  // namespace telltale::clients
