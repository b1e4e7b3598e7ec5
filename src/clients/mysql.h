// MySQL and MariaDB through libmariadb.
#pragma once

#include <memory>
#include <string>

#include "clients/sql.h"

namespace telltale::clients {

/// @param url  mysql://USER:PASSWORD@HOST:PORT/DATABASE, percent-encoded where needed
Result<std::unique_ptr<SqlConnection>> open_mysql(const std::string& url, SqlDeadline deadline);

}  // namespace telltale::clients
