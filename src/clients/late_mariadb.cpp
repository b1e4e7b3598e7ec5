// libmariadb's functions, passed on to the library once it is loaded.
#include <mysql.h>

#include "clients/late_library.h"

namespace telltale::clients {

LateLibrary& libmariadb() {
  static constexpr const char* functions[] = {"mysql_init",         "mysql_close",           "mysql_options",      "mysql_real_connect",
                                              "mysql_errno",        "mysql_error",           "mysql_stmt_init",    "mysql_stmt_close",
                                              "mysql_stmt_prepare", "mysql_stmt_bind_param", "mysql_stmt_execute", "mysql_stmt_errno",
                                              "mysql_stmt_error"};
  static LateLibrary library("libmariadb.so.3", "libmariadb3", functions);
  return library;
}

}  // namespace telltale::clients

namespace {
template <typename Function>
Function* here(const char* name) {
  return telltale::clients::libmariadb().find<Function>(name);
}
}  // namespace

extern "C" {
MYSQL* mysql_init(MYSQL* handle) { return here<decltype(mysql_init)>("mysql_init")(handle); }
void mysql_close(MYSQL* handle) { here<decltype(mysql_close)>("mysql_close")(handle); }
int mysql_options(MYSQL* handle, enum mysql_option option, const void* value) {
  return here<decltype(mysql_options)>("mysql_options")(handle, option, value);
}
MYSQL* mysql_real_connect(MYSQL* handle, const char* host, const char* user, const char* password, const char* database, unsigned port,
                          const char* socket, unsigned long flags) {
  return here<decltype(mysql_real_connect)>("mysql_real_connect")(handle, host, user, password, database, port, socket, flags);
}
unsigned mysql_errno(MYSQL* handle) { return here<decltype(mysql_errno)>("mysql_errno")(handle); }
const char* mysql_error(MYSQL* handle) { return here<decltype(mysql_error)>("mysql_error")(handle); }
MYSQL_STMT* mysql_stmt_init(MYSQL* handle) { return here<decltype(mysql_stmt_init)>("mysql_stmt_init")(handle); }
my_bool mysql_stmt_close(MYSQL_STMT* statement) { return here<decltype(mysql_stmt_close)>("mysql_stmt_close")(statement); }
int mysql_stmt_prepare(MYSQL_STMT* statement, const char* sql, unsigned long length) {
  return here<decltype(mysql_stmt_prepare)>("mysql_stmt_prepare")(statement, sql, length);
}
my_bool mysql_stmt_bind_param(MYSQL_STMT* statement, MYSQL_BIND* values) {
  return here<decltype(mysql_stmt_bind_param)>("mysql_stmt_bind_param")(statement, values);
}
int mysql_stmt_execute(MYSQL_STMT* statement) { return here<decltype(mysql_stmt_execute)>("mysql_stmt_execute")(statement); }
unsigned mysql_stmt_errno(MYSQL_STMT* statement) { return here<decltype(mysql_stmt_errno)>("mysql_stmt_errno")(statement); }
const char* mysql_stmt_error(MYSQL_STMT* statement) { return here<decltype(mysql_stmt_error)>("mysql_stmt_error")(statement); }
}  // extern "C"
