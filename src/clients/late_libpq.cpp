// libpq's functions, passed on to the library once it is loaded.
#include <libpq-fe.h>

#include "clients/late_library.h"

namespace telltale::clients {

LateLibrary& libpq() {
  static constexpr const char* functions[] = {
      "PQconnectStart",       "PQconnectPoll",      "PQfinish", "PQstatus",       "PQerrorMessage", "PQsocket",    "PQsetnonblocking",
      "PQsetNoticeProcessor", "PQsendQueryParams",  "PQflush",  "PQconsumeInput", "PQisBusy",       "PQgetResult", "PQresultStatus",
      "PQresultErrorMessage", "PQresultErrorField", "PQclear"};
  static LateLibrary library("libpq.so.5", "libpq5", functions);
  return library;
}

}  // namespace telltale::clients

namespace {
template <typename Function>
Function* here(const char* name) {
  return telltale::clients::libpq().find<Function>(name);
}
}  // namespace

extern "C" {
PGconn* PQconnectStart(const char* url) { return here<decltype(PQconnectStart)>("PQconnectStart")(url); }
PostgresPollingStatusType PQconnectPoll(PGconn* connection) { return here<decltype(PQconnectPoll)>("PQconnectPoll")(connection); }
void PQfinish(PGconn* connection) { here<decltype(PQfinish)>("PQfinish")(connection); }
ConnStatusType PQstatus(const PGconn* connection) { return here<decltype(PQstatus)>("PQstatus")(connection); }
char* PQerrorMessage(const PGconn* connection) { return here<decltype(PQerrorMessage)>("PQerrorMessage")(connection); }
int PQsocket(const PGconn* connection) { return here<decltype(PQsocket)>("PQsocket")(connection); }
int PQsetnonblocking(PGconn* connection, int on) { return here<decltype(PQsetnonblocking)>("PQsetnonblocking")(connection, on); }
PQnoticeProcessor PQsetNoticeProcessor(PGconn* connection, PQnoticeProcessor hear, void* with) {
  return here<decltype(PQsetNoticeProcessor)>("PQsetNoticeProcessor")(connection, hear, with);
}
int PQsendQueryParams(PGconn* connection, const char* sql, int n, const Oid* types, const char* const* values, const int* lengths,
                      const int* formats, int result_format) {
  return here<decltype(PQsendQueryParams)>("PQsendQueryParams")(connection, sql, n, types, values, lengths, formats, result_format);
}
int PQflush(PGconn* connection) { return here<decltype(PQflush)>("PQflush")(connection); }
int PQconsumeInput(PGconn* connection) { return here<decltype(PQconsumeInput)>("PQconsumeInput")(connection); }
int PQisBusy(PGconn* connection) { return here<decltype(PQisBusy)>("PQisBusy")(connection); }
PGresult* PQgetResult(PGconn* connection) { return here<decltype(PQgetResult)>("PQgetResult")(connection); }
ExecStatusType PQresultStatus(const PGresult* result) { return here<decltype(PQresultStatus)>("PQresultStatus")(result); }
char* PQresultErrorMessage(const PGresult* result) { return here<decltype(PQresultErrorMessage)>("PQresultErrorMessage")(result); }
char* PQresultErrorField(const PGresult* result, int field) {
  return here<decltype(PQresultErrorField)>("PQresultErrorField")(result, field);
}
void PQclear(PGresult* result) { here<decltype(PQclear)>("PQclear")(result); }
}  // extern "C"
