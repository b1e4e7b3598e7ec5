// What a site file may say, written from the descriptions of sections and parts: a page, a JSON Schema and a site file with every setting.
#pragma once

#include <string>

namespace telltale::engine {

/// docs/parts.md: every section, part, mapping and machine type with its settings. Markdown.
std::string parts_page();
/// schema/site.json: JSON Schema 2020-12 of a site file, for completion in editors.
std::string site_schema();
/// sites/reference.yaml: every setting with its default and one line of why. A site file without mistakes, to read rather than to run.
std::string reference_site();

}  // namespace telltale::engine
