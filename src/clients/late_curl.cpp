// libcurl's functions, passed on to the library once it is loaded.
#include <curl/curl.h>

#include <cstdarg>

#include "clients/late_library.h"

namespace telltale::clients {

LateLibrary& libcurl() {
  static constexpr const char* functions[] = {"curl_global_init",  "curl_easy_init",     "curl_easy_cleanup", "curl_easy_reset",
                                              "curl_easy_perform", "curl_easy_strerror", "curl_slist_append", "curl_slist_free_all",
                                              "curl_url",          "curl_url_cleanup",   "curl_url_get",      "curl_url_set",
                                              "curl_free",         "curl_easy_setopt",   "curl_easy_getinfo"};
  static LateLibrary library("libcurl.so.4", "libcurl4t64", functions);
  return library;
}

}  // namespace telltale::clients

namespace {
template <typename Function>
Function* here(const char* name) {
  return telltale::clients::libcurl().find<Function>(name);
}
}  // namespace

extern "C" {
#undef curl_easy_setopt
#undef curl_easy_getinfo
CURLcode curl_global_init(long flags) { return here<decltype(curl_global_init)>("curl_global_init")(flags); }
CURL* curl_easy_init() { return here<decltype(curl_easy_init)>("curl_easy_init")(); }
void curl_easy_cleanup(CURL* handle) { here<decltype(curl_easy_cleanup)>("curl_easy_cleanup")(handle); }
void curl_easy_reset(CURL* handle) { here<decltype(curl_easy_reset)>("curl_easy_reset")(handle); }
CURLcode curl_easy_perform(CURL* handle) { return here<decltype(curl_easy_perform)>("curl_easy_perform")(handle); }
const char* curl_easy_strerror(CURLcode code) { return here<decltype(curl_easy_strerror)>("curl_easy_strerror")(code); }
curl_slist* curl_slist_append(curl_slist* list, const char* text) {
  return here<decltype(curl_slist_append)>("curl_slist_append")(list, text);
}
void curl_slist_free_all(curl_slist* list) { here<decltype(curl_slist_free_all)>("curl_slist_free_all")(list); }
CURLU* curl_url() { return here<decltype(curl_url)>("curl_url")(); }
void curl_url_cleanup(CURLU* url) { here<decltype(curl_url_cleanup)>("curl_url_cleanup")(url); }
CURLUcode curl_url_get(const CURLU* url, CURLUPart part, char** text, unsigned flags) {
  return here<decltype(curl_url_get)>("curl_url_get")(url, part, text, flags);
}
CURLUcode curl_url_set(CURLU* url, CURLUPart part, const char* text, unsigned flags) {
  return here<decltype(curl_url_set)>("curl_url_set")(url, part, text, flags);
}
void curl_free(void* memory) { here<decltype(curl_free)>("curl_free")(memory); }

/// What these take behind `option` is a pointer or a whole number as wide as one: one register in either case.
CURLcode curl_easy_setopt(CURL* handle, CURLoption option, ...) {
  va_list rest;
  va_start(rest, option);
  void* const value = va_arg(rest, void*);
  va_end(rest);
  return here<decltype(curl_easy_setopt)>("curl_easy_setopt")(handle, option, value);
}

CURLcode curl_easy_getinfo(CURL* handle, CURLINFO info, ...) {
  va_list rest;
  va_start(rest, info);
  void* const into = va_arg(rest, void*);
  va_end(rest);
  return here<decltype(curl_easy_getinfo)>("curl_easy_getinfo")(handle, info, into);
}
}  // extern "C"
